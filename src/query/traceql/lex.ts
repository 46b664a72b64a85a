import { parseGoDuration, parsePromDuration } from '../duration.ts'
import type { ParseError } from '../parse-error.ts'
import { unquote } from '../promql/syntax/index.ts'
import { scanNumber } from './scan-number.ts'

/**
 * `scope` is what an attribute begins with (`.`, `resource.`, `parent.`); its `attribute` follows at once, or nothing
 * does, which is an error of the parser.
 */
export type Token =
  | { readonly kind: 'string' | 'attribute'; readonly text: string; readonly start: number; readonly value: string }
  | { readonly kind: 'int' | 'duration'; readonly text: string; readonly start: number; readonly value: bigint }
  | { readonly kind: 'float'; readonly text: string; readonly start: number; readonly value: number }
  | { readonly kind: 'word' | 'identifier' | 'scope' | 'end'; readonly text: string; readonly start: number }

/** Reports a mistake at an offset of the query. */
export type Fail = (at: number, message: string) => ParseError

const SCOPES = ['resource.', 'span.', 'parent.', 'event.', 'link.', 'instrumentation.', '.']

const WORDS = new Set([
  ...[',', '{', '}', '(', ')', '=', '!=', '=~', '!~', '>', '>=', '<', '<=', '+', '-', '/', '%', '*', '^', '&&', '||'],
  ...['!', '|', '>>', '<<', '~', '!>', '!<', '!>>', '!<<', '&~', '&>', '&<', '&>>', '&<<'],
  ...['true', 'false', 'nil', 'ok', 'error', 'unset'],
  ...['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'],
  ...[
    'duration',
    'childCount',
    'name',
    'status',
    'statusMessage',
    'kind',
    'rootName',
    'rootServiceName',
    'rootService',
  ],
  ...['traceDuration', 'nestedSetLeft', 'nestedSetRight', 'nestedSetParent', 'parent'],
  ...['id', 'traceID', 'spanID', 'parentID', 'timeSinceStart', 'version'],
  ...['trace:', 'span:', 'event:', 'link:', 'instrumentation:'],
  ...['count', 'avg', 'max', 'min', 'sum', 'by', 'coalesce', 'select', 'with', 'topk', 'bottomk', 'compare', 'cidr'],
  ...['rate', 'count_over_time', 'min_over_time', 'max_over_time', 'avg_over_time', 'sum_over_time'],
  ...['quantile_over_time', 'histogram_over_time'],
  ...SCOPES,
])

const BLANK = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y
const IDENTIFIER = /[\p{L}_][\p{L}\p{Nd}_]*/uy
const STRING = /"(?:[^"\\\n]|\\[^\n])*"|`[^`]*`/y
const DURATION_REST = /[\p{N}nsumhµdwy.]*/uy
/** What may stand in an attribute's name outside of quotes. */
const ATTRIBUTE_RUN = /[^\s{}()=~!<>&|^,"]+/y
const PARENT_SCOPE = /(?:span|resource)\./y

/**
 * All tokens of the query, the last being its end. Comments are blanks. Each `scope` is followed by its `attribute`, if
 * it has one; inside an attribute's name nearly everything is a part of it, so `-` and `/` are no operators there.
 */
export function lexTraceql(query: string, fail: Fail): Token[] {
  const tokens: Token[] = []
  let at = 0
  for (;;) {
    at += matchAt(BLANK, query, at).length
    if (at >= query.length) break
    const token = tokenAt(query, at, fail)
    tokens.push(token)
    at += token.text.length
    if (token.kind !== 'scope') continue
    if (token.text === 'parent.') {
      const scope = matchAt(PARENT_SCOPE, query, at)
      if (scope !== '') {
        tokens.push({ kind: 'scope', text: scope, start: at })
        at += scope.length
      }
    }
    const attribute = attributeAt(query, at, fail)
    if (attribute.text === '') continue
    tokens.push(attribute)
    at += attribute.text.length
  }
  tokens.push({ kind: 'end', text: '', start: query.length })
  return tokens
}

function tokenAt(query: string, start: number, fail: Fail): Token {
  const first = query[start] ?? ''
  if (first === '"' || first === '`') return stringAt(query, start, fail)
  if (/\d/.test(first) || (first === '.' && /\d/.test(query[start + 1] ?? ''))) return numberAt(query, start, fail)
  if (query.startsWith('/*', start)) throw fail(start, 'comment not terminated')
  const base = matchAt(IDENTIFIER, query, start) || String.fromCodePoint(query.codePointAt(start) ?? 0)
  const text = longestWord(query, start, base)
  if (SCOPES.includes(text)) return { kind: 'scope', text, start }
  return { kind: WORDS.has(text) ? 'word' : 'identifier', text, start }
}

/** Words that begin alike are told apart by their length: one character is added for as long as it is still a word. */
function longestWord(query: string, start: number, base: string): string {
  let text = base
  for (;;) {
    const longer = query.slice(start, start + text.length + 1)
    if (longer.length === text.length || !WORDS.has(longer)) return text
    text = longer
  }
}

function stringAt(query: string, start: number, fail: Fail): Token {
  const text = matchAt(STRING, query, start)
  if (text === '') throw fail(start, 'literal not terminated')
  if (text.startsWith('`')) return { kind: 'string', text, start, value: text.slice(1, -1).replaceAll('\r', '') }
  const value = hasValidEscapes(text) ? unquote(text) : undefined
  if (value === undefined) throw fail(start, 'invalid char escape')
  return { kind: 'string', text, start, value }
}

const ESCAPES = /^"(?:[^"\\]|\\(?:[abfnrtv\\"]|[0-3][0-7]{2}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}))*"$/u

function hasValidEscapes(text: string): boolean {
  return ESCAPES.test(text)
}

function numberAt(query: string, start: number, fail: Fail): Token {
  const number = scanNumber(query, start)
  if (number.problem !== undefined) throw fail(start, number.problem)
  const digits = query.slice(start, number.end)
  const longer = digits + matchAt(DURATION_REST, query, number.end)
  const ns = longer === digits ? undefined : durationOf(longer)
  if (ns !== undefined) return { kind: 'duration', text: longer, start, value: ns }
  if (number.isFloat && !Number.isFinite(Number(digits))) {
    throw fail(start, `strconv.ParseFloat: parsing ${JSON.stringify(digits)}: value out of range`)
  }
  if (number.isFloat) return { kind: 'float', text: digits, start, value: Number(digits) }
  if (!/^\d+$/.test(digits)) throw fail(start, `strconv.Atoi: parsing ${JSON.stringify(digits)}: invalid syntax`)
  const value = BigInt(digits)
  if (value >= 2n ** 63n) throw fail(start, `strconv.Atoi: parsing ${JSON.stringify(digits)}: value out of range`)
  return { kind: 'int', text: digits, start, value }
}

/** Prometheus' form (`1d12h`) is tried first, then Go's (`1.5s`). */
function durationOf(text: string): bigint | undefined {
  const ms = parsePromDuration(text)
  if (ms === 'out of range') return undefined
  if (ms !== undefined) return BigInt(ms) * 1_000_000n
  const ns = parseGoDuration(text)
  return ns === undefined || ns >= 2 ** 63 ? undefined : BigInt(ns)
}

/** The name behind a scope, parts of it quoted or not; empty text when there is none. */
function attributeAt(query: string, start: number, fail: Fail): Token & { readonly kind: 'attribute' } {
  let at = start
  let name = ''
  for (;;) {
    const run = matchAt(ATTRIBUTE_RUN, query, at)
    name += run
    at += run.length
    if (query[at] !== '"') break
    const quoted = quotedAt(query, at, fail)
    name += quoted.name
    at = quoted.end
  }
  return { kind: 'attribute', text: query.slice(start, at), start, value: name }
}

/** Only quotes and backslashes can be escaped in a name. */
function quotedAt(query: string, start: number, fail: Fail): { readonly name: string; readonly end: number } {
  let name = ''
  for (let at = start + 1; at < query.length; at++) {
    const character = query[at] ?? ''
    if (character === '"') return { name, end: at + 1 }
    if (character !== '\\') {
      name += character
      continue
    }
    at += 1
    const escaped = query[at] ?? ''
    if (escaped !== '"' && escaped !== '\\') throw fail(at, 'invalid escape sequence')
    name += escaped
  }
  throw fail(query.length, 'unexpected EOF, expecting "')
}

function matchAt(pattern: RegExp, query: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(query)?.[0] ?? ''
}
