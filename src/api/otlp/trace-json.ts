import type { Attributes, EntityRef, Span, WholeSpan, WholeSpanEvent, WholeSpanLink } from '../../query/index.ts'
import { toValueJson } from './value-json.ts'
import type { ResourceGroup, ScopeGroup } from './group-spans.ts'

export type Json = Readonly<Record<string, unknown>>

/**
 * How ids and enums are written: protobuf's own JSON mapping has ids in base64 and enums by name (Tempo), OTLP's has ids
 * in hex and enums as numbers (Jaeger). In both, 64-bit integers are strings, and what is zero is left out.
 */
export interface JsonDialect {
  readonly id: (hex: string) => string
  readonly kind: (kind: number) => string | number
  readonly statusCode: (code: number) => string | number
}

const KINDS = [
  'SPAN_KIND_UNSPECIFIED',
  'SPAN_KIND_INTERNAL',
  'SPAN_KIND_SERVER',
  'SPAN_KIND_CLIENT',
  'SPAN_KIND_PRODUCER',
  'SPAN_KIND_CONSUMER',
] as const
const STATUS_CODES = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'] as const

export const PROTOBUF_JSON: JsonDialect = {
  id: (hex) => Buffer.from(hex, 'hex').toString('base64'),
  kind: (kind) => KINDS[kind] ?? kind,
  statusCode: (code) => STATUS_CODES[code] ?? code,
}

export const OTLP_JSON: JsonDialect = { id: (hex) => hex, kind: (kind) => kind, statusCode: (code) => code }

/** The resource spans of traces as plain data for `JSON.stringify`. */
export function toResourceSpansJson(groups: readonly ResourceGroup[], dialect: JsonDialect): readonly Json[] {
  return groups.map(({ resource, droppedAttributes, entityRefs, schemaUrl, scopes }) => ({
    resource: {
      ...attributesJson(resource),
      ...number('droppedAttributesCount', droppedAttributes),
      ...list('entityRefs', entityRefs.map(toEntityRefJson)),
    },
    scopeSpans: scopes.map((group) => toScopeSpansJson(group, dialect)),
    ...text('schemaUrl', schemaUrl),
  }))
}

function toEntityRefJson({ schemaUrl, type, idKeys, descriptionKeys }: EntityRef): Json {
  return {
    ...text('schemaUrl', schemaUrl),
    ...text('type', type),
    ...(idKeys.length === 0 ? {} : { idKeys }),
    ...(descriptionKeys.length === 0 ? {} : { descriptionKeys }),
  }
}

function toScopeSpansJson({ scope, droppedAttributes, schemaUrl, spans }: ScopeGroup, dialect: JsonDialect): Json {
  const { name, version, attributes } = scope
  return {
    scope: {
      ...text('name', name),
      ...text('version', version),
      ...attributesJson(attributes),
      ...number('droppedAttributesCount', droppedAttributes),
    },
    spans: spans.map((span) => toSpanJson(span, dialect)),
    ...text('schemaUrl', schemaUrl),
  }
}

/** Assigned one by one: there may be tens of thousands, and spreading fourteen objects each takes longer than to read them. */
function toSpanJson(span: WholeSpan, dialect: JsonDialect): Json {
  const json: Record<string, unknown> = { traceId: dialect.id(span.traceId), spanId: dialect.id(span.spanId) }
  if (span.traceState !== '') json['traceState'] = span.traceState
  if (span.parentSpanId !== '') json['parentSpanId'] = dialect.id(span.parentSpanId)
  if (span.flags !== 0) json['flags'] = span.flags
  if (span.name !== '') json['name'] = span.name
  if (span.kind !== 0) json['kind'] = dialect.kind(span.kind)
  if (span.startNs !== 0n) json['startTimeUnixNano'] = span.startNs.toString()
  if (span.sentEndNs !== 0n) json['endTimeUnixNano'] = span.sentEndNs.toString()
  const attributes = toAttributeList(span.attributes)
  if (attributes.length > 0) json['attributes'] = attributes
  if (span.droppedAttributes !== 0) json['droppedAttributesCount'] = span.droppedAttributes
  if (span.events.length > 0) json['events'] = span.events.map(toEventJson)
  if (span.droppedEvents !== 0) json['droppedEventsCount'] = span.droppedEvents
  if (span.links.length > 0) json['links'] = span.links.map((link) => toLinkJson(link, dialect))
  if (span.droppedLinks !== 0) json['droppedLinksCount'] = span.droppedLinks
  json['status'] = toStatusJson(span, dialect)
  return json
}

function toStatusJson({ statusCode, statusMessage }: Span, dialect: JsonDialect): Json {
  const status: Record<string, unknown> = {}
  if (statusMessage !== '') status['message'] = statusMessage
  if (statusCode !== 0) status['code'] = dialect.statusCode(statusCode)
  return status
}

function toEventJson({ timeNs, name, attributes, droppedAttributes }: WholeSpanEvent): Json {
  return {
    ...nanoseconds('timeUnixNano', timeNs),
    ...text('name', name),
    ...attributesJson(attributes),
    ...number('droppedAttributesCount', droppedAttributes),
  }
}

function toLinkJson(link: WholeSpanLink, dialect: JsonDialect): Json {
  const { traceId, spanId, traceState, attributes, droppedAttributes, flags } = link
  return {
    ...text('traceId', dialect.id(traceId)),
    ...text('spanId', dialect.id(spanId)),
    ...text('traceState', traceState),
    ...attributesJson(attributes),
    ...number('droppedAttributesCount', droppedAttributes),
    ...number('flags', flags),
  }
}

function attributesJson(attributes: Attributes): Json {
  return list('attributes', toAttributeList(attributes))
}

function toAttributeList(attributes: Attributes): readonly Json[] {
  const items: Json[] = []
  for (const key in attributes) {
    const value = attributes[key]
    if (value !== undefined) items.push({ key, value: toValueJson(value) })
  }
  return items
}

function text(name: string, value: string): Json {
  return value === '' ? {} : { [name]: value }
}

function number(name: string, value: number): Json {
  return value === 0 ? {} : { [name]: value }
}

function nanoseconds(name: string, value: bigint): Json {
  return value === 0n ? {} : { [name]: value.toString() }
}

function list(name: string, items: readonly Json[]): Json {
  return items.length === 0 ? {} : { [name]: items }
}
