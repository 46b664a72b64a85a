import type { AnyValue, KeyValue, TraceBody } from '../tempo/schema.ts'

export interface SpanEvent {
  readonly atMs: number
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
}

export interface SpanLink {
  readonly traceId: string
  readonly spanId: string
  readonly attributes: Readonly<Record<string, string>>
}

/** A span with what is shown of it. Times are ms since the epoch with a fraction. */
export interface TraceSpan {
  readonly id: string
  readonly parentId: string | undefined
  readonly name: string
  readonly kind: string
  readonly startMs: number
  readonly endMs: number
  readonly service: string
  readonly cluster: string
  readonly environment: string | undefined
  readonly isError: boolean
  readonly statusMessage: string
  readonly scope: string
  readonly attributes: Readonly<Record<string, string>>
  readonly resource: Readonly<Record<string, string>>
  readonly events: readonly SpanEvent[]
  readonly links: readonly SpanLink[]
}

/** All spans of an answer; a span that is there twice comes once. */
export function readSpans(body: TraceBody): readonly TraceSpan[] {
  const spans = new Map<string, TraceSpan>()
  for (const { resource, scopeSpans = [] } of body.trace.resourceSpans ?? []) {
    const labels = readAttributes(resource?.attributes)
    const service = labels['service.name'] ?? 'unknown'
    const cluster = labels['cluster'] ?? labels['k8s.cluster.name'] ?? ''
    const environment = labels['environment'] ?? labels['deployment.environment.name']
    for (const { scope, spans: list = [] } of scopeSpans) {
      for (const span of list) {
        const id = toHex(span.spanId)
        const parentId =
          span.parentSpanId === undefined || span.parentSpanId === '' ? undefined : toHex(span.parentSpanId)
        const startMs = toMs(span.startTimeUnixNano)
        const attributes = readAttributes(span.attributes)
        spans.set(id, {
          id,
          parentId,
          name: span.name ?? '',
          kind: String(span.kind ?? '')
            .replace('SPAN_KIND_', '')
            .toLowerCase(),
          startMs,
          endMs: Math.max(startMs, toMs(span.endTimeUnixNano)),
          service,
          cluster,
          environment,
          isError: span.status?.code === 2 || span.status?.code === 'STATUS_CODE_ERROR',
          statusMessage: span.status?.message ?? '',
          scope: scope?.name ?? '',
          attributes,
          resource: labels,
          events: (span.events ?? []).map((event) => ({
            atMs: toMs(event.timeUnixNano),
            name: event.name ?? '',
            attributes: readAttributes(event.attributes),
          })),
          links: (span.links ?? []).map((link) => ({
            traceId: toHex(link.traceId),
            spanId: toHex(link.spanId),
            attributes: readAttributes(link.attributes),
          })),
        })
      }
    }
  }
  return [...spans.values()]
}

/** Ids come in hexadecimal or, in Protobuf's JSON, in base64. */
export function toHex(id: string): string {
  return /^([0-9a-f]{16}|[0-9a-f]{32})$/i.test(id) ? id.toLowerCase() : (base64ToHex(id) ?? id)
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
/** The value of a character by its code. */
const SIX_BITS = Array.from({ length: 128 }, (_, code) => BASE64.indexOf(String.fromCharCode(code)))
/** Two characters are three hexadecimal digits. */
const TWELVE_BITS = Array.from({ length: 4_096 }, (_, bits) => bits.toString(16).padStart(3, '0'))

/** Without bytes in between: a trace has two ids a span. Undefined for what is no base64. */
function base64ToHex(text: string): string | undefined {
  const length = text.endsWith('==') ? text.length - 2 : text.endsWith('=') ? text.length - 1 : text.length
  if (text.length % 4 !== 0) return undefined
  let hex = ''
  for (let at = 0; at < length; at += 2) {
    const high = SIX_BITS[text.charCodeAt(at)] ?? -1
    const low = at + 1 < length ? (SIX_BITS[text.charCodeAt(at + 1)] ?? -1) : 0
    const digits = high < 0 || low < 0 ? undefined : TWELVE_BITS[(high << 6) | low]
    if (digits === undefined) return undefined
    hex += digits
  }
  return hex.slice(0, 2 * Math.floor((length * 6) / 8))
}

/** Nanoseconds as text, to ms with a fraction: whole numbers of that size are not exact. */
function toMs(ns: string | number): number {
  const digits = String(ns).padStart(7, '0')
  return Number(digits.slice(0, -6)) + Number(digits.slice(-6)) / 1e6
}

export function readAttributes(list: readonly KeyValue[] | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries((list ?? []).map(({ key, value }) => [key, readValue(value)]))
}

function readValue(value: AnyValue | undefined): string {
  if (value === undefined) return ''
  const { stringValue, intValue, doubleValue, boolValue } = value
  if (stringValue !== undefined) return stringValue
  const plain = intValue ?? doubleValue ?? boolValue
  return plain === undefined ? JSON.stringify(value) : String(plain)
}
