import type { Attributes, AttributeValue, Span } from '../../query/index.ts'
import { type OtlpJsonValue, parseOtlpJsonValue } from './any-value.ts'
import type { ResourceGroup } from './group-spans.ts'

/** Tempo's JSON is that of protobuf's JSON mapping, not OTLP's: ids and bytes in base64, enums by name. */
const KINDS = [
  'SPAN_KIND_UNSPECIFIED',
  'SPAN_KIND_INTERNAL',
  'SPAN_KIND_SERVER',
  'SPAN_KIND_CLIENT',
  'SPAN_KIND_PRODUCER',
  'SPAN_KIND_CONSUMER',
] as const
const STATUSES = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'] as const

type Json = Readonly<Record<string, unknown>>

/** The resource spans of a trace as plain data for `JSON.stringify`. */
export function toResourceSpansJson(groups: readonly ResourceGroup[]): readonly Json[] {
  return groups.map(({ resource, scopes }) => ({
    resource: { attributes: toAttributesJson(resource) },
    scopeSpans: scopes.map(({ scope, spans }) => ({
      scope: {
        ...(scope.name === '' ? {} : { name: scope.name }),
        ...(scope.version === '' ? {} : { version: scope.version }),
        ...(Object.keys(scope.attributes).length === 0 ? {} : { attributes: toAttributesJson(scope.attributes) }),
      },
      spans: spans.map(toSpanJson),
    })),
  }))
}

function toSpanJson(span: Span): Json {
  return {
    traceId: toBase64(span.traceId),
    spanId: toBase64(span.spanId),
    ...(span.parentSpanId === '' ? {} : { parentSpanId: toBase64(span.parentSpanId) }),
    ...(span.traceState === '' ? {} : { traceState: span.traceState }),
    ...(span.flags === 0 ? {} : { flags: span.flags }),
    name: span.name,
    ...(span.kind === 0 ? {} : { kind: KINDS[span.kind] ?? span.kind }),
    startTimeUnixNano: span.startNs.toString(),
    endTimeUnixNano: span.endNs.toString(),
    attributes: toAttributesJson(span.attributes),
    ...(span.events.length === 0
      ? {}
      : {
          events: span.events.map((event) => ({
            timeUnixNano: event.timeNs.toString(),
            name: event.name,
            attributes: toAttributesJson(event.attributes),
          })),
        }),
    ...(span.links.length === 0
      ? {}
      : {
          links: span.links.map((link) => ({
            traceId: toBase64(link.traceId),
            spanId: toBase64(link.spanId),
            ...(link.traceState === '' ? {} : { traceState: link.traceState }),
            attributes: toAttributesJson(link.attributes),
          })),
        }),
    status: {
      ...(span.statusCode === 0 ? {} : { code: STATUSES[span.statusCode] ?? span.statusCode }),
      ...(span.statusMessage === '' ? {} : { message: span.statusMessage }),
    },
  }
}

function toAttributesJson(attributes: Attributes): readonly Json[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: toValueJson(value) }))
}

export function toValueJson(value: AttributeValue): Json {
  switch (value.type) {
    case 'string':
      return { stringValue: value.value }
    case 'bool':
      return { boolValue: value.value }
    case 'int':
      return { intValue: value.value.toString() }
    case 'double':
      return { doubleValue: Number.isFinite(value.value) ? value.value : nonFinite(value.value) }
    case 'bytes':
      return { bytesValue: Buffer.from(value.value).toString('base64') }
    case 'json':
      return toNestedJson(parseOtlpJsonValue(value.value))
  }
}

function toNestedJson(value: OtlpJsonValue): Json {
  switch (value.type) {
    case 'attribute':
      return toValueJson(value.value)
    case 'array':
      return { arrayValue: { values: value.items.map(toNestedJson) } }
    case 'kvlist':
      return { kvlistValue: { values: value.entries.map(([key, item]) => ({ key, value: toNestedJson(item) })) } }
  }
}

/** How protobuf's JSON mapping writes them. */
function nonFinite(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  return value > 0 ? 'Infinity' : '-Infinity'
}

function toBase64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64')
}
