import type { Scope } from '../../../model/index.ts'
import type { TraceOverview } from '../../../query/index.ts'
import type { StoreClient } from '../../client.ts'
import { sql, u64 } from '../../sql.ts'
import { overLimit, type QueryLimits } from '../limits.ts'
import { bigintOf, hexOf, numberOf, queryBlocks, textOf } from '../rows.ts'
import { isEmptyScope } from '../scope.ts'
import { spansOfTraces } from './trace-extent.ts'

const STATUS_ERROR = 2

interface OpenOverview {
  root?: { readonly service: string; readonly operation: string }
  startNs: bigint
  endNs: bigint
  errors: number
  readonly ids: Set<string>
  readonly parents: string[]
  readonly services: Map<string, { spans: number; errors: number }>
}

/** Sums traces up, from the few columns that it takes. */
export async function overviewsOf(
  client: StoreClient,
  { maxSpans }: QueryLimits,
  scope: Scope,
  traceIds: readonly string[],
  signal: AbortSignal,
): Promise<readonly TraceOverview[]> {
  if (isEmptyScope(scope)) return []
  const where = await spansOfTraces(client, scope, traceIds, signal)
  if (where === undefined) return []
  const blocks = await queryBlocks(
    client,
    sql`SELECT trace_id, span_id, parent_span_id, service_name, name, status_code,
        toUnixTimestamp64Nano(time) AS start, toUnixTimestamp64Nano(time) + toInt64(duration) AS finish
      FROM spans WHERE ${where} ORDER BY time, span_id LIMIT ${u64(maxSpans + 1)}`,
    signal,
  )
  if (blocks.reduce((sum, { rows }) => sum + rows, 0) > maxSpans) throw overLimit('spans', maxSpans)
  const open = new Map<string, OpenOverview>()
  for (const block of blocks) {
    const traceId = hexOf(block, 'trace_id')
    const spanId = hexOf(block, 'span_id')
    const parent = hexOf(block, 'parent_span_id')
    const service = textOf(block, 'service_name')
    const name = textOf(block, 'name')
    const status = numberOf(block, 'status_code')
    const start = bigintOf(block, 'start')
    const finish = bigintOf(block, 'finish')
    for (let row = 0; row < block.rows; row++) {
      const trace = open.get(traceId(row)) ?? newOverview(start(row))
      open.set(traceId(row), trace)
      if (trace.ids.has(spanId(row))) continue
      trace.ids.add(spanId(row))
      if (parent(row) === '') trace.root ??= { service: service(row), operation: name(row) }
      else trace.parents.push(parent(row))
      if (finish(row) > trace.endNs) trace.endNs = finish(row)
      const share = trace.services.get(service(row)) ?? { spans: 0, errors: 0 }
      trace.services.set(service(row), share)
      share.spans++
      if (status(row) !== STATUS_ERROR) continue
      share.errors++
      trace.errors++
    }
  }
  return traceIds.flatMap((id) => {
    const trace = open.get(id)
    return trace === undefined ? [] : [close(id, trace)]
  })
}

function newOverview(startNs: bigint): OpenOverview {
  return { startNs, endNs: startNs, errors: 0, ids: new Set(), parents: [], services: new Map() }
}

function close(traceId: string, { root, startNs, endNs, errors, ids, parents, services }: OpenOverview): TraceOverview {
  return {
    traceId,
    rootServiceName: root?.service ?? '',
    rootOperationName: root?.operation ?? '',
    startNs,
    endNs,
    spans: ids.size,
    errors,
    orphans: parents.filter((parent) => !ids.has(parent)).length,
    services: [...services]
      .map(([name, share]) => ({ name, ...share }))
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)),
  }
}
