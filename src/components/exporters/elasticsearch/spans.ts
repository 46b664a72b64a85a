import type { DestinationOfType } from '../../../fleet/index.ts'
import type { Batch } from '../../../model/index.ts'
import type { Entry } from '../../../pipeline/destination/index.ts'
import { type AttributeMap, type ReadSpanRecord, readSpans } from '../../../wire/index.ts'
import { DocumentWriter, OriginText, toDataStream } from './document.ts'
import { type Members, renderDotted, renderTime, toMembers } from './json-object.ts'

/** Spans as documents, each with its events and links. */
export function* encodeSpans(batch: Batch, settings: DestinationOfType<'elasticsearch'>): Generator<Entry> {
  const { envelope, payload } = batch
  const writer = new DocumentWriter(envelope)
  const origins = new OriginText()
  for (const { resource, scope, span } of readSpans(payload)) {
    const stream = toDataStream('traces', settings, [span.attributes, resource.attributes], envelope.identity)
    const content = { origin: origins.of(resource.attributes, scope), members: spanMembers(span) }
    const timeNs = span.startTimeNs === 0n ? BigInt(envelope.receivedAtMs) * 1_000_000n : span.startTimeNs
    yield writer.write(timeNs, stream, content)
  }
}

/** ECS' words for OpenTelemetry's status. */
const OUTCOMES = { unset: 'unknown', ok: 'success', error: 'failure' } as const

/** Elasticsearch's `long`. */
const MAX_LONG = 2n ** 63n - 1n

function spanMembers(span: ReadSpanRecord): Members {
  const members: Members = new Map()
  const setText = (key: string, text: string): void => {
    if (text !== '') members.set(key, JSON.stringify(text))
  }
  setText('trace.id', span.traceId)
  setText('span.id', span.spanId)
  setText('parent.id', span.parentSpanId)
  setText('span.name', span.name)
  setText('span.kind', span.kind)
  setText('trace_state', span.traceState)
  const duration = span.endTimeNs - span.startTimeNs
  members.set('event.duration', String(duration < 0n ? 0n : duration > MAX_LONG ? MAX_LONG : duration))
  if (span.endTimeNs !== 0n) members.set('event.end', renderTime(span.endTimeNs))
  setText('event.outcome', OUTCOMES[span.statusCode])
  setText('status.code', span.statusCode)
  setText('status.message', span.statusMessage)
  const attributes = toMembers(span.attributes)
  if (attributes.size > 0) members.set('attributes', renderDotted(attributes))
  const events = span.events.map(({ timeNs, name, attributes: of }) =>
    renderPart(of, { time: renderTime(timeNs), name: JSON.stringify(name) }),
  )
  if (events.length > 0) members.set('events', `[${events.join(',')}]`)
  const links = span.links.map(({ traceId, spanId, attributes: of }) =>
    renderPart(of, { 'trace.id': JSON.stringify(traceId), 'span.id': JSON.stringify(spanId) }),
  )
  if (links.length > 0) members.set('links', `[${links.join(',')}]`)
  return members
}

function renderPart(attributes: AttributeMap, about: Readonly<Record<string, string>>): string {
  const members: Members = new Map(Object.entries(about))
  const own = toMembers(attributes)
  if (own.size > 0) members.set('attributes', renderDotted(own))
  return renderDotted(members)
}
