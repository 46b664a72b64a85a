import { quoteText } from '../../labels.ts'
import { AGGREGATORS } from '../ast.ts'

export type TokenKind =
  | 'identifier'
  /** A name with a colon in it. */
  | 'metric-identifier'
  | 'string'
  | 'number'
  | 'duration'
  | 'operator'
  | 'aggregator'
  | 'keyword'
  /** `start`, `end` and the functions of duration expressions. */
  | 'preprocessor'
  | 'punctuation'
  | 'end'

export interface Token {
  readonly kind: TokenKind
  /** As it stands in the query. */
  readonly text: string
  readonly start: number
  readonly end: number
}

const WORD_KINDS: ReadonlyMap<string, TokenKind> = new Map<string, TokenKind>([
  ...words('number', ['inf', 'nan']),
  ...words('operator', ['and', 'or', 'unless', 'atan2']),
  ...words('aggregator', AGGREGATORS),
  ...words('keyword', ['offset', 'smoothed', 'anchored', 'by', 'without', 'on', 'ignoring', 'group_left']),
  ...words('keyword', ['group_right', 'fill', 'fill_left', 'fill_right', 'bool']),
  ...words('preprocessor', ['start', 'end', 'step', 'range', 'min_of', 'max_of']),
])

function words(kind: TokenKind, texts: readonly string[]): [string, TokenKind][] {
  return texts.map((text) => [text, kind])
}

/** What a word outside braces is; words of the language count in any case. */
export function kindOfWord(word: string): TokenKind {
  return WORD_KINDS.get(word.toLowerCase()) ?? (word.includes(':') ? 'metric-identifier' : 'identifier')
}

/** Words of the language that are names of metrics where no other meaning fits. */
const NAMES_AMONG_KEYWORDS: ReadonlySet<string> = new Set([
  ...['by', 'offset', 'without', 'fill', 'fill_left', 'fill_right', 'anchored', 'smoothed', 'and', 'or', 'unless'],
])

/** Whether the token can be the name of a metric. */
export function isMetricName({ kind, text }: Token): boolean {
  switch (kind) {
    case 'identifier':
    case 'metric-identifier':
    case 'aggregator':
    case 'preprocessor':
      return true
    default:
      return NAMES_AMONG_KEYWORDS.has(text.toLowerCase())
  }
}

/** Whether an expression can begin with the token. */
export function startsExpr(token: Token): boolean {
  const { kind, text } = token
  if (kind === 'number' || kind === 'duration' || kind === 'string') return true
  if (kind === 'punctuation') return text === '(' || text === '{'
  return text === '+' || text === '-' || isMetricName(token)
}

/** Whether the token can be a label's name in `by (…)`, `on (…)` and their like. */
export function isGroupingLabel({ kind, text }: Token): boolean {
  if (kind === 'number' || kind === 'string' || kind === 'duration') return false
  // Prometheus has left this one out of its list.
  if (kind === 'keyword' && text.toLowerCase() === 'without') return false
  return /^[A-Za-z_:]/.test(text)
}

/** A token as Prometheus' messages describe it: `identifier "foo"`, `<op:+>`, `end of input`, … */
export function describeToken(token: Token): string {
  switch (token.kind) {
    case 'end':
      return 'end of input'
    case 'keyword':
      return `<${token.text}>`
    case 'operator':
      return `<op:${token.text}>`
    case 'aggregator':
      return `<aggr:${token.text}>`
    case 'punctuation':
    case 'preprocessor':
      return quoteText(token.text)
    case 'identifier':
      return `identifier ${quoteText(token.text)}`
    case 'metric-identifier':
      return `metric identifier ${quoteText(token.text)}`
    case 'string':
    case 'number':
    case 'duration':
      return `${token.kind} ${quoteShort(token.text)}`
  }
}

const SHORT = 10

function quoteShort(text: string): string {
  if (Buffer.byteLength(text) <= SHORT) return quoteText(text)
  return `${quoteText(Array.from(text).slice(0, SHORT).join(''))}...`
}
