import { AppError } from '../../core/index.ts'
import { parseGoDuration } from '../duration.ts'
import type { Attributes, AttributeValue, Span, SpanEvent, SpanLink } from '../trace-source.ts'
import { KIND_WORDS, STATUS_WORDS } from '../traceql/value.ts'
import { spanOf } from './memory-traces.ts'

/** Times of a script count from here: 2026-01-01 UTC. */
export const SCRIPT_START_NS = 1_767_225_600_000_000_000n

/** A trace's or a span's id from its name in the script: the letters' bytes, filled up with zeros. */
function scriptId(name: string, bytes: number): string {
  const hex = Buffer.from(name).toString('hex')
  if (hex.length > 2 * bytes) throw new AppError('invalid', `${name}: a name has ${String(bytes)} letters at most`)
  return hex.padEnd(2 * bytes, '0')
}

/** The name that made the id. */
export function scriptName(id: string): string {
  return Buffer.from(id.replace(/(?:00)+$/, ''), 'hex').toString()
}

/**
 * Reads spans, one a line, children indented below their parents:
 *
 *     trace a
 *       root "POST /checkout" 0s 100ms service="shop" kind=server
 *         pay charge 20ms 50ms status=error .retry=true resource.zone="b" event(boom 5ms n=1) link(b/root)
 */
export function parseTraces(lines: readonly string[]): Span[] {
  const spans: Span[] = []
  let traceId = ''
  let open: { readonly indent: number; readonly spanId: string }[] = []
  for (const line of lines) {
    const indent = /^\s*/.exec(line)?.[0].length ?? 0
    const tokens = tokenize(line.trim())
    if (tokens[0] === 'trace') {
      traceId = scriptId(tokens[1] ?? '', 16)
      open = []
      continue
    }
    if (traceId === '') throw new AppError('invalid', `a span before any trace: ${line.trim()}`)
    open = open.filter((parent) => parent.indent < indent)
    const span = parseSpan(tokens, traceId, open.at(-1)?.spanId ?? '')
    spans.push(span)
    open.push({ indent, spanId: span.spanId })
  }
  return spans
}

const TOKEN = /(?:"(?:\\.|[^"\\])*"|\[[^\]]*\]|\((?:"(?:\\.|[^"\\])*"|[^")])*\)|[^\s"([])+/g

/** Words; blanks within quotes and brackets belong to them. */
function tokenize(line: string): string[] {
  return line.match(TOKEN) ?? []
}

function parseSpan(tokens: readonly string[], traceId: string, parentSpanId: string): Span {
  const [id = '', name = '', start = '', duration = '', ...rest] = tokens
  const startNs = SCRIPT_START_NS + durationOf(start)
  let span = spanOf({
    traceId,
    spanId: scriptId(id, 8),
    parentSpanId,
    name: unquoted(name),
    startNs,
    endNs: startNs + durationOf(duration),
  })
  for (const token of rest) span = { ...span, ...partOf(token, span) }
  return span
}

export function durationOf(text: string): bigint {
  const ns = parseGoDuration(text.replace(/^-/, ''))
  if (ns === undefined) throw new AppError('invalid', `${JSON.stringify(text)} is no duration`)
  return text.startsWith('-') ? -BigInt(ns) : BigInt(ns)
}

function partOf(token: string, span: Span): Partial<Span> {
  const call = /^(event|link)\((.*)\)$/s.exec(token)
  if (call?.[1] === 'event') return { events: [...span.events, parseEvent(call[2] ?? '', span.startNs)] }
  if (call?.[1] === 'link') return { links: [...span.links, parseLink(call[2] ?? '')] }
  const at = token.indexOf('=')
  if (at < 0) throw new AppError('invalid', `${token}: expected key=value, event(…) or link(…)`)
  return field(token.slice(0, at), token.slice(at + 1), span)
}

function field(key: string, text: string, span: Span): Partial<Span> {
  switch (key) {
    case 'service':
      return { resource: { ...span.resource, 'service.name': valueOf(text) } }
    case 'kind':
      return { kind: KIND_WORDS.findIndex((word) => word === text) }
    case 'status':
      return { statusCode: STATUS_WORDS.findIndex((word) => word === text) }
    case 'statusMessage':
      return { statusMessage: unquoted(text) }
    case 'parent':
      return { parentSpanId: scriptId(text, 8) }
    case 'instrumentation:name':
      return { scope: { ...span.scope, name: unquoted(text) } }
    case 'instrumentation:version':
      return { scope: { ...span.scope, version: unquoted(text) } }
    default:
      return attribute(key, valueOf(text), span)
  }
}

function attribute(key: string, value: AttributeValue, span: Span): Partial<Span> {
  const [, scope = '', name = ''] = /^(resource|span|instrumentation|)\.(.+)$/.exec(key) ?? []
  if (name === '') throw new AppError('invalid', `${key}: an attribute needs its scope`)
  if (scope === 'resource') return { resource: { ...span.resource, [name]: value } }
  if (scope === 'instrumentation') {
    return { scope: { ...span.scope, attributes: { ...span.scope.attributes, [name]: value } } }
  }
  return { attributes: { ...span.attributes, [name]: value } }
}

function parseEvent(text: string, startNs: bigint): SpanEvent {
  const [name = '', since = '0s', ...rest] = tokenize(text)
  return { name: unquoted(name), timeNs: startNs + durationOf(since), attributes: attributesOf(rest) }
}

function parseLink(text: string): SpanLink {
  const [target = '', ...rest] = tokenize(text)
  const [trace = '', span = ''] = target.split('/')
  return { traceId: scriptId(trace, 16), spanId: scriptId(span, 8), traceState: '', attributes: attributesOf(rest) }
}

function attributesOf(tokens: readonly string[]): Attributes {
  return Object.fromEntries(
    tokens.map((token) => {
      const at = token.indexOf('=')
      return [token.slice(0, at), valueOf(token.slice(at + 1))]
    }),
  )
}

/** `"text"`, `12`, `1.5`, `true`, `[1, 2]`, `map` (a value that TraceQL has no type for). */
function valueOf(text: string): AttributeValue {
  if (text.startsWith('"')) return { type: 'string', value: unquoted(text) }
  if (text.startsWith('[')) return { type: 'json', value: arrayJson(text) }
  if (text === 'map') return { type: 'json', value: '{"kvlistValue":{"values":[]}}' }
  if (text === 'true' || text === 'false') return { type: 'bool', value: text === 'true' }
  if (/^-?\d+$/.test(text)) return { type: 'int', value: BigInt(text) }
  const number = Number(text)
  if (text === '' || Number.isNaN(number)) throw new AppError('invalid', `${text}: a text needs quotes`)
  return { type: 'double', value: number }
}

function arrayJson(text: string): string {
  const items = text.slice(1, -1).match(/"(?:\\.|[^"\\])*"|[^\s,]+/g) ?? []
  const values = items.map((item) => {
    const value = valueOf(item)
    switch (value.type) {
      case 'int':
        return { intValue: String(value.value) }
      case 'double':
        return { doubleValue: value.value }
      case 'bool':
        return { boolValue: value.value }
      case 'string':
      case 'json':
      case 'bytes':
        return { stringValue: String(value.value) }
    }
  })
  return JSON.stringify({ arrayValue: { values } })
}

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text
  const parsed: unknown = JSON.parse(text)
  return String(parsed)
}
