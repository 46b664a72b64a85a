import type { Attributes, Span, SpanEvent, SpanLink } from '../../query/index.ts'
import { sql } from '../sql.ts'
import { fromTaggedText } from '../tagged-text.ts'
import type { Block } from './native-decoder.ts'
import {
  arrayOf,
  bigintOf,
  entriesOf,
  hexOf,
  numberOf,
  readBigint,
  type Reader,
  readEntries,
  readHex,
  readText,
  textOf,
} from './rows.ts'

/** The columns that `readSpans` reads. */
export const SPAN_COLUMNS = sql.raw(
  `name, kind, trace_id, span_id, parent_span_id, trace_state, flags, time, duration, status_code, status_message,
   scope_name, scope_version, scope_attributes, resource_attributes, attributes, event_times, event_names,
   event_attributes, link_trace_ids, link_span_ids, link_trace_states, link_attributes`,
)

export function readSpans(block: Block): readonly Span[] {
  const name = textOf(block, 'name')
  const kind = numberOf(block, 'kind')
  const traceId = hexOf(block, 'trace_id')
  const spanId = hexOf(block, 'span_id')
  const parentSpanId = hexOf(block, 'parent_span_id')
  const traceState = textOf(block, 'trace_state')
  const flags = numberOf(block, 'flags')
  const time = bigintOf(block, 'time')
  const duration = bigintOf(block, 'duration')
  const statusCode = numberOf(block, 'status_code')
  const statusMessage = textOf(block, 'status_message')
  const scopeName = textOf(block, 'scope_name')
  const scopeVersion = textOf(block, 'scope_version')
  const scope = attributesOf(block, 'scope_attributes')
  const resource = attributesOf(block, 'resource_attributes')
  const attributes = attributesOf(block, 'attributes')
  const events = eventsOf(block)
  const links = linksOf(block)
  return Array.from({ length: block.rows }, (_, row) => ({
    traceId: traceId(row),
    spanId: spanId(row),
    parentSpanId: parentSpanId(row),
    traceState: traceState(row),
    name: name(row),
    kind: kind(row),
    statusCode: statusCode(row),
    statusMessage: statusMessage(row),
    startNs: time(row),
    endNs: time(row) + duration(row),
    flags: flags(row),
    resource: resource(row),
    scope: { name: scopeName(row), version: scopeVersion(row), attributes: scope(row) },
    attributes: attributes(row),
    events: events(row),
    links: links(row),
  }))
}

function attributesOf(block: Block, name: string): Reader<Attributes> {
  const entries = entriesOf(block, name)
  return (row) => toAttributes(entries(row))
}

function toAttributes(entries: readonly (readonly [string, string])[]): Attributes {
  return Object.fromEntries(entries.map(([name, tagged]) => [name, fromTaggedText(tagged)]))
}

/** Events stand in arrays side by side, one element for each. */
function eventsOf(block: Block): Reader<readonly SpanEvent[]> {
  const times = arrayOf(block, 'event_times', readBigint)
  const names = arrayOf(block, 'event_names', readText)
  const attributes = arrayOf(block, 'event_attributes', readEntries)
  return (row) => {
    const ofRow = { names: names(row), attributes: attributes(row) }
    return times(row).map((timeNs, i) => ({
      timeNs,
      name: ofRow.names[i] ?? '',
      attributes: toAttributes(ofRow.attributes[i] ?? []),
    }))
  }
}

function linksOf(block: Block): Reader<readonly SpanLink[]> {
  const traceIds = arrayOf(block, 'link_trace_ids', readHex)
  const spanIds = arrayOf(block, 'link_span_ids', readHex)
  const traceStates = arrayOf(block, 'link_trace_states', readText)
  const attributes = arrayOf(block, 'link_attributes', readEntries)
  return (row) => {
    const ofRow = { spanIds: spanIds(row), traceStates: traceStates(row), attributes: attributes(row) }
    return traceIds(row).map((traceId, i) => ({
      traceId,
      spanId: ofRow.spanIds[i] ?? '',
      traceState: ofRow.traceStates[i] ?? '',
      attributes: toAttributes(ofRow.attributes[i] ?? []),
    }))
  }
}
