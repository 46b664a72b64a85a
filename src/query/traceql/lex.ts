import type { ParseError } from '../parse-error.ts'

export type TokenKind = 'field' | 'string' | 'number' | 'duration' | 'symbol' | 'end'

export interface Token {
  readonly kind: TokenKind
  readonly text: string
  readonly start: number
  readonly end: number
}

const SPACE = /\s+/y
/** A field ends where TraceQL says a name ends: at space, braces, parentheses, operators, quotes outside of a name. */
const FIELD = /(?:[A-Za-z_.][^\s{}()=!<>&|"`^,]*(?:"(?:\\.|[^"\\])*"[^\s{}()=!<>&|"`^,]*)*)/y
const DURATION = /(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|[smh]))+(?![A-Za-z0-9_.])/y
const NUMBER = /-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?(?![A-Za-z0-9_.])/y
const STRING = /"(?:[^"\\\n]|\\(?:[abfnrtv\\"]|[0-7]{3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}))*"|`[^`]*`/y
const SYMBOL = /&&|\|\||=~|!~|!=|>=|<=|>>|<<|[{}()=<>!|^+\-*/%~,]/y

const PATTERNS: readonly (readonly [TokenKind, RegExp])[] = [
  ['string', STRING],
  ['duration', DURATION],
  ['number', NUMBER],
  ['field', FIELD],
  ['symbol', SYMBOL],
]

/** All tokens of the query, the last being its end. */
export function lexTraceql(query: string, error: (at: number, message: string) => ParseError): Token[] {
  const tokens: Token[] = []
  let at = 0
  for (;;) {
    at += matchAt(SPACE, query, at).length
    if (at >= query.length) break
    const token = tokenAt(query, at)
    if (token === undefined) throw error(at, `syntax error: unexpected character ${JSON.stringify(query[at])}`)
    tokens.push(token)
    at = token.end
  }
  tokens.push({ kind: 'end', text: '', start: query.length, end: query.length })
  return tokens
}

function tokenAt(query: string, at: number): Token | undefined {
  for (const [kind, pattern] of PATTERNS) {
    const text = matchAt(pattern, query, at)
    if (text !== '') return { kind, text, start: at, end: at + text.length }
  }
  return undefined
}

function matchAt(pattern: RegExp, query: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(query)?.[0] ?? ''
}
