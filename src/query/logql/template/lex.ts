import { AppError } from '../../../core/index.ts'

export type TokenKind = 'word' | 'field' | 'variable' | 'string' | 'number' | 'char' | 'symbol' | 'space' | 'end'

export interface Token {
  readonly kind: TokenKind
  readonly text: string
  readonly at: number
}

/** Text, or the tokens between `{{` and `}}`. */
export type Part = { readonly t: 'text'; readonly text: string } | { readonly t: 'action'; readonly tokens: Token[] }

const SPACE = /[ \t\r\n]+/y
const PATTERNS: readonly (readonly [TokenKind, RegExp])[] = [
  ['space', SPACE],
  ['string', /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
  ['char', /'(?:[^'\\\n]|\\.)+'/y],
  [
    'number',
    /[+-]?(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:[0-9][0-9_]*\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)/y,
  ],
  ['variable', /\$[\p{L}\p{Nd}_]*/uy],
  ['field', /\.[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ['word', /[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ['symbol', /:=|[=|(),.]/y],
]

/** Cuts a template into texts and actions. Throws AppError `invalid`. */
export function lexTemplate(template: string, name: string): Part[] {
  const parts: Part[] = []
  let at = 0
  while (at < template.length) {
    const open = template.indexOf('{{', at)
    const text = template.slice(at, open < 0 ? undefined : open)
    if (open < 0) {
      if (text !== '') parts.push({ t: 'text', text })
      break
    }
    const trims = /^\{\{-[ \t\r\n]/.test(template.slice(open, open + 4))
    const kept = trims ? text.replace(/[ \t\r\n]+$/, '') : text
    if (kept !== '') parts.push({ t: 'text', text: kept })
    const { tokens, end, trimsBehind } = lexAction(template, open + (trims ? 3 : 2), name)
    if (tokens !== undefined) parts.push({ t: 'action', tokens })
    at = trimsBehind ? end + matchAt(SPACE, template, end).length : end
  }
  return parts
}

interface Action {
  /** Undefined for a comment. */
  readonly tokens: Token[] | undefined
  readonly end: number
  readonly trimsBehind: boolean
}

function lexAction(template: string, start: number, name: string): Action {
  const comment = /^[ \t\r\n]*\/\*[^]*?\*\/(?:([ \t\r\n]-)?\}\})/.exec(template.slice(start))
  if (comment !== null) {
    return { tokens: undefined, end: start + comment[0].length, trimsBehind: comment[1] !== undefined }
  }
  const tokens: Token[] = []
  let at = start
  for (;;) {
    if (at >= template.length) throw templateError(template, at, name, 'unclosed action')
    const closing = /^(?:[ \t\r\n]-)?\}\}/.exec(template.slice(at, at + 4))
    if (closing !== null) {
      tokens.push({ kind: 'end', text: '', at })
      return { tokens, end: at + closing[0].length, trimsBehind: closing[0].length > 2 }
    }
    const token = tokenAt(template, at, tokens.at(-1))
    if (token === undefined) throw templateError(template, at, name, problemAt(template, at))
    tokens.push(token)
    at += token.text.length
  }
}

function tokenAt(template: string, at: number, before: Token | undefined): Token | undefined {
  for (const [kind, pattern] of PATTERNS) {
    const text = matchAt(pattern, template, at)
    if (text === '') continue
    // `$x.a` and `(…).a` go on with a field, `3.a` is no number.
    if (kind === 'number' && /^[+-]/.test(text) && before !== undefined && !isBoundary(before)) return undefined
    return { kind, text, at }
  }
  return undefined
}

function isBoundary({ kind, text }: Token): boolean {
  return kind === 'space' || (kind === 'symbol' && text !== ')')
}

function problemAt(template: string, at: number): string {
  const character = String.fromCodePoint(template.codePointAt(at) ?? 0)
  if (character === '"') return 'unterminated quoted string'
  if (character === '`') return 'unterminated raw quoted string'
  if (character === "'") return 'unterminated character constant'
  const point = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  return `unrecognized character in action: U+${point} '${character}'`
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}

/** An error of a template that cannot be read, in Go's words. */
export function templateError(template: string, at: number, name: string, problem: string): AppError {
  const line = template.slice(0, at).split('\n').length
  return new AppError('invalid', `template: ${name}:${String(line)}: ${problem}`)
}
