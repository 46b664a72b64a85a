import type { Scope } from '../../../model/index.ts'
import type { WholeSpan } from '../../../query/index.ts'
import type { StoreClient } from '../../client.ts'
import { readGroupText, readRestText, type SpanGroupRest } from '../../otlp-rest.ts'
import { sql, timeNs, u64 } from '../../sql.ts'
import { overLimit, type QueryLimits } from '../limits.ts'
import type { Block } from '../native-decoder.ts'
import { numberOf, queryBlocks, type Reader, textOf } from '../rows.ts'
import { isEmptyScope } from '../scope.ts'
import { readSpans, SPAN_COLUMNS } from '../span-rows.ts'
import { spansOfTraces } from './trace-extent.ts'

/** All spans of the traces by start. More than the limit is an error: a trace that is cut would look whole. */
export async function readWholeTraces(
  client: StoreClient,
  { maxSpans }: QueryLimits,
  scope: Scope,
  traceIds: readonly string[],
  { startNs, endNs }: { readonly startNs?: bigint; readonly endNs?: bigint },
  signal: AbortSignal,
): Promise<readonly WholeSpan[]> {
  if (isEmptyScope(scope)) return []
  const where = await spansOfTraces(client, scope, traceIds, signal)
  if (where === undefined) return []
  const from = startNs === undefined ? sql.raw('true') : sql`time >= ${timeNs(startNs)}`
  const to = endNs === undefined ? sql.raw('true') : sql`time <= ${timeNs(endNs)}`
  const blocks = await queryBlocks(
    client,
    sql`SELECT ${SPAN_COLUMNS}, dropped_attributes, dropped_events, dropped_links, otlp_group, otlp_rest FROM spans
      WHERE ${where} AND ${from} AND ${to} ORDER BY time, span_id LIMIT ${u64(maxSpans + 1)}`,
    signal,
  )
  const spans = blocks.flatMap(readWholeSpans)
  if (spans.length > maxSpans) throw overLimit('spans', maxSpans)
  return withoutRepeats(spans)
}

function readWholeSpans(block: Block): readonly WholeSpan[] {
  const droppedAttributes = numberOf(block, 'dropped_attributes')
  const droppedEvents = numberOf(block, 'dropped_events')
  const droppedLinks = numberOf(block, 'dropped_links')
  const group = groupsOf(block)
  const restText = textOf(block, 'otlp_rest')
  // Written out: spreading two objects into a third of 26 members makes one that is slow to make and slow to read.
  return readSpans(block).map((span, row): WholeSpan => {
    const rest = readRestText(restText(row))
    const of = group(row)
    return {
      traceId: span.traceId,
      spanId: span.spanId,
      parentSpanId: span.parentSpanId,
      traceState: span.traceState,
      name: span.name,
      kind: span.kind,
      statusCode: span.statusCode,
      statusMessage: span.statusMessage,
      startNs: span.startNs,
      endNs: span.endNs,
      flags: span.flags,
      resource: span.resource,
      scope: span.scope,
      attributes: span.attributes,
      resourceSchemaUrl: of.resourceSchemaUrl,
      resourceDroppedAttributes: of.resourceDroppedAttributes,
      entityRefs: of.entityRefs,
      scopeSchemaUrl: of.scopeSchemaUrl,
      scopeDroppedAttributes: of.scopeDroppedAttributes,
      sentEndNs: rest.end === '' ? span.endNs : BigInt(rest.end),
      events: span.events.map((event, i) => ({ ...event, droppedAttributes: rest.eventDroppedAttributes[i] ?? 0 })),
      links: span.links.map((link, i) => ({
        ...link,
        droppedAttributes: rest.linkDroppedAttributes[i] ?? 0,
        flags: rest.linkFlags[i] ?? 0,
      })),
      droppedAttributes: droppedAttributes(row),
      droppedEvents: droppedEvents(row),
      droppedLinks: droppedLinks(row),
    }
  })
}

/** Each text of the block is read once. */
function groupsOf(block: Block): Reader<SpanGroupRest> {
  const text = textOf(block, 'otlp_group')
  const groups = new Map<string, SpanGroupRest>()
  return (row) => {
    const group = groups.get(text(row)) ?? readGroupText(text(row))
    groups.set(text(row), group)
    return group
  }
}

/** Senders without batch ids may send a span twice. A client and its server may share an id, as Zipkin's do. */
function withoutRepeats(spans: readonly WholeSpan[]): readonly WholeSpan[] {
  const seen = new Set<string>()
  return spans.filter(({ traceId, spanId, kind, startNs, name }) => {
    const key = `${traceId} ${spanId} ${String(kind)} ${startNs.toString()} ${name}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}
