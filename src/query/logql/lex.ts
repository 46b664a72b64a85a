import { lineAndColumn, ParseError } from '../parse-error.ts'
import { unquote } from '../promql/syntax/index.ts'

export type TokenKind = 'word' | 'string' | 'number' | 'duration' | 'symbol' | 'end'

export interface Token {
  readonly kind: TokenKind
  readonly text: string
  readonly start: number
  readonly end: number
}

const SPACE = /(?:[ \t\r\n]+|#[^\n]*)+/y
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y
const DURATION = /(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|[smhdwy]))+(?![A-Za-z0-9_])/y
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![A-Za-z0-9_])/y
const STRING = /"(?:[^"\\\n]|\\(?:[abfnrtv\\"]|[0-7]{3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}))*"|`[^`]*`/y
const LOOSE_STRING = /"(?:\\.|[^"\\\n])*"/y
const SYMBOL = /\|=|\|~|\|>|!=|!~|!>|=~|==|>=|<=|[-+*/%^{}()[\],=<>|]/y

const PATTERNS: readonly (readonly [TokenKind, RegExp])[] = [
  ['word', WORD],
  ['duration', DURATION],
  ['number', NUMBER],
  ['string', STRING],
  ['symbol', SYMBOL],
]

/** All tokens of the query, the last being its end. Throws ParseError with Loki's wording. */
export function lexLogql(query: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  for (;;) {
    at += matchAt(SPACE, query, at).length
    if (at >= query.length) break
    const token = tokenAt(query, at)
    if (token === undefined) throw lexError(query, at)
    tokens.push(token)
    at = token.end
  }
  tokens.push({ kind: 'end', text: '', start: query.length, end: query.length })
  return tokens
}

/** The error as Loki words it: `parse error at line 1, col 5: …`. */
export function logqlError(query: string, range: { start: number; end: number }, message: string): ParseError {
  const { line, column } = lineAndColumn(query, range.start)
  return new ParseError(`parse error at line ${String(line)}, col ${String(column)}: ${message}`, {
    query,
    start: range.start,
    end: range.end,
  })
}

/** A token as Loki's messages name it. */
export function describeToken(token: Token): string {
  switch (token.kind) {
    case 'end':
      return '$end'
    case 'word':
      return KEYWORDS.has(token.text) ? token.text : 'IDENTIFIER'
    case 'string':
      return 'STRING'
    case 'number':
      return 'NUMBER'
    case 'duration':
      return 'DURATION'
    case 'symbol':
      return token.text
  }
}

export const KEYWORDS: ReadonlySet<string> = new Set([
  'by',
  'without',
  'bool',
  'offset',
  'on',
  'ignoring',
  'group_left',
  'group_right',
  'unwrap',
  'and',
  'or',
  'unless',
])

function tokenAt(query: string, at: number): Token | undefined {
  for (const [kind, pattern] of PATTERNS) {
    const text = matchAt(pattern, query, at)
    if (text === '') continue
    if (kind === 'string' && unquote(text) === undefined) return undefined
    return { kind, text, start: at, end: at + text.length }
  }
  return undefined
}

function matchAt(pattern: RegExp, query: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(query)?.[0] ?? ''
}

function lexError(query: string, at: number): ParseError {
  const quote = query[at]
  const range = { start: at, end: query.length }
  if (quote === '"' || quote === '`') {
    const closed = matchAt(LOOSE_STRING, query, at) !== ''
    return logqlError(query, range, closed ? 'invalid char escape' : 'literal not terminated')
  }
  return logqlError(query, range, `syntax error: unexpected character ${JSON.stringify(quote)}`)
}
