import type { DestinationOfType } from '../../../fleet/index.ts'
import type { Batch } from '../../../model/index.ts'
import { type AttributeMap, type ReadSpanRecord, readSpans, toPlainJson } from '../../../wire/index.ts'
import { type HecEntry, renderEvent } from './event.ts'
import { addIdentity, OriginFields } from './fields.ts'
import { placeIn } from './place.ts'

/** Spans as events, one each: the span is the event, the resource its fields. */
export function encodeSpans(batch: Batch, settings: DestinationOfType<'splunk-hec'>): HecEntry[] {
  const { identity, receivedAtMs } = batch.envelope
  const entries: HecEntry[] = []
  const origins = new OriginFields()
  for (const { resource, scope, span } of readSpans(batch.payload)) {
    const fields = origins.of(resource.attributes, scope)
    addIdentity(fields, identity)
    const place = placeIn(settings.tracesIndex, settings, [span.attributes, resource.attributes], identity)
    const timeMs = span.startTimeNs === 0n ? receivedAtMs : Number(span.startTimeNs / 1_000_000n)
    entries.push(renderEvent(timeMs, place, toEvent(span), fields))
  }
  return entries
}

/** In the words of Splunk's exporter of the OpenTelemetry Collector; times in nanoseconds. */
function toEvent(span: ReadSpanRecord): string {
  const parts = {
    trace_id: JSON.stringify(span.traceId),
    span_id: JSON.stringify(span.spanId),
    parent_span_id: JSON.stringify(span.parentSpanId),
    name: JSON.stringify(span.name),
    kind: JSON.stringify(span.kind),
    start_time: String(span.startTimeNs),
    end_time: String(span.endTimeNs),
    duration_ns: String(span.endTimeNs - span.startTimeNs),
    status: JSON.stringify({ code: span.statusCode, message: span.statusMessage }),
    attributes: toJson(span.attributes),
    events: `[${span.events
      .map(
        ({ name, timeNs, attributes }) =>
          `{"name":${JSON.stringify(name)},"timestamp":${String(timeNs)},"attributes":${toJson(attributes)}}`,
      )
      .join(',')}]`,
    links: `[${span.links
      .map(
        ({ traceId, spanId, attributes }) =>
          `{"trace_id":"${traceId}","span_id":"${spanId}","attributes":${toJson(attributes)}}`,
      )
      .join(',')}]`,
  }
  return `{${Object.entries(parts)
    .map(([key, json]) => `"${key}":${json}`)
    .join(',')}}`
}

function toJson(attributes: AttributeMap): string {
  return toPlainJson({ kind: 'map', entries: [...attributes] })
}
