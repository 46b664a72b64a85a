import {
  type ProtoReader,
  takeFixed32,
  takeFixed64,
  takeHex,
  takeInt32,
  takeString,
  takeUint32,
} from '../../proto/index.ts'
import type { AnyValue } from './any-value.ts'
import { type AttributeMap, takeAttribute } from './attributes.ts'
import { inMessage, type ReadResource, type ReadScope, walkItems } from './items.ts'

export interface ReadSpanEvent {
  readonly timeNs: bigint
  readonly name: string
  readonly attributes: AttributeMap
}

export interface ReadSpanLink {
  readonly traceId: string
  readonly spanId: string
  readonly traceState: string
  readonly attributes: AttributeMap
}

/** A span as it was sent. Ids are lower-case hexadecimal, '' if absent; times are nanoseconds since the epoch. */
export interface ReadSpanRecord {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly traceState: string
  readonly name: string
  readonly kind: SpanKind
  readonly startTimeNs: bigint
  readonly endTimeNs: bigint
  readonly attributes: AttributeMap
  readonly events: readonly ReadSpanEvent[]
  readonly links: readonly ReadSpanLink[]
  readonly statusCode: StatusCode
  readonly statusMessage: string
  readonly flags: number
  readonly droppedAttributes: number
  readonly droppedEvents: number
  readonly droppedLinks: number
}

export interface ReadSpan {
  readonly resource: ReadResource
  readonly scope: ReadScope
  readonly span: ReadSpanRecord
}

/** By number; others are unspecified. */
const SPAN_KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const
export type SpanKind = (typeof SPAN_KINDS)[number]

const STATUS_CODES = ['unset', 'ok', 'error'] as const
export type StatusCode = (typeof STATUS_CODES)[number]

/** The spans of an OTLP trace request, one after the other. Throws AppError `invalid` for damaged bytes. */
export function* readSpans(payload: Uint8Array): Generator<ReadSpan> {
  for (const { resource, scope, reader } of walkItems(payload)) yield { resource, scope, span: readSpan(reader) }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

interface Lists {
  readonly attributes: Map<string, AnyValue>
  readonly events: ReadSpanEvent[]
  readonly links: ReadSpanLink[]
}

function readSpan(reader: ProtoReader): ReadSpanRecord {
  const lists: Lists = { attributes: new Map(), events: [], links: [] }
  const span: Mutable<ReadSpanRecord> = {
    traceId: '',
    spanId: '',
    parentSpanId: '',
    traceState: '',
    name: '',
    kind: 'unspecified',
    startTimeNs: 0n,
    endTimeNs: 0n,
    ...lists,
    statusCode: 'unset',
    statusMessage: '',
    flags: 0,
    droppedAttributes: 0,
    droppedEvents: 0,
    droppedLinks: 0,
  }
  while (reader.next()) {
    const take = FIELDS[reader.field]
    if (take === undefined) reader.skip()
    else take(reader, span, lists)
  }
  return span
}

type TakeField = (reader: ProtoReader, span: Mutable<ReadSpanRecord>, lists: Lists) => void

/** By field number of Span. */
const FIELDS: Readonly<Record<number, TakeField>> = {
  1: (reader, span) => (span.traceId = takeHex(reader)),
  2: (reader, span) => (span.spanId = takeHex(reader)),
  3: (reader, span) => (span.traceState = takeString(reader)),
  4: (reader, span) => (span.parentSpanId = takeHex(reader)),
  5: (reader, span) => (span.name = takeString(reader)),
  6: (reader, span) => (span.kind = SPAN_KINDS[takeInt32(reader)] ?? 'unspecified'),
  7: (reader, span) => (span.startTimeNs = takeFixed64(reader)),
  8: (reader, span) => (span.endTimeNs = takeFixed64(reader)),
  9: (reader, _span, { attributes }) => takeAttribute(reader, attributes),
  10: (reader, span) => (span.droppedAttributes = takeUint32(reader)),
  11: (reader, _span, { events }) => events.push(readEvent(reader)),
  12: (reader, span) => (span.droppedEvents = takeUint32(reader)),
  13: (reader, _span, { links }) => links.push(readLink(reader)),
  14: (reader, span) => (span.droppedLinks = takeUint32(reader)),
  15: (reader, span) => takeStatus(reader, span),
  16: (reader, span) => (span.flags = takeFixed32(reader)),
}

function readEvent(reader: ProtoReader): ReadSpanEvent {
  const attributes = new Map<string, AnyValue>()
  let timeNs = 0n
  let name = ''
  inMessage(reader, () => {
    if (reader.field === 1) timeNs = takeFixed64(reader)
    else if (reader.field === 2) name = takeString(reader)
    else if (reader.field === 3) takeAttribute(reader, attributes)
    else reader.skip()
  })
  return { timeNs, name, attributes }
}

function readLink(reader: ProtoReader): ReadSpanLink {
  const attributes = new Map<string, AnyValue>()
  let traceId = ''
  let spanId = ''
  let traceState = ''
  inMessage(reader, () => {
    if (reader.field === 1) traceId = takeHex(reader)
    else if (reader.field === 2) spanId = takeHex(reader)
    else if (reader.field === 3) traceState = takeString(reader)
    else if (reader.field === 4) takeAttribute(reader, attributes)
    else reader.skip()
  })
  return { traceId, spanId, traceState, attributes }
}

function takeStatus(reader: ProtoReader, span: Mutable<ReadSpanRecord>): void {
  inMessage(reader, () => {
    if (reader.field === 2) span.statusMessage = takeString(reader)
    else if (reader.field === 3) span.statusCode = STATUS_CODES[takeInt32(reader)] ?? 'unset'
    else reader.skip()
  })
}
