import type { Labels, Scope, TimeRange } from '../../../model/index.ts'
import type { LogSelectRequest, SelectedStream } from '../../../query/index.ts'
import type { StoreClient } from '../../client.ts'
import { sql, type Sql, strArray, u64, u64Array } from '../../sql.ts'
import { UNKNOWN_SERVICE } from '../../write/log-labels.ts'
import { overLimit, type QueryLimits } from '../limits.ts'
import { mapLabel, matchesAll } from '../matchers.ts'
import { bigintOf, entriesOf, queryBlocks, textOf } from '../rows.ts'
import { inScope } from '../scope.ts'
import { seenIn } from '../seen.ts'

export interface Selection {
  readonly matchers: LogSelectRequest['matchers']
  readonly range: TimeRange
}

/** A stream of the store; its tenant and cluster lead to its lines. */
export interface StoredStream extends SelectedStream {
  readonly id: bigint
  readonly tenant: string
  readonly cluster: string
  readonly labels: Labels
}

/** More ids than this make a statement slow to read; then the streams are named by how they were found. */
const MAX_IDS = 2_000
/** As for ids: beyond it the sorting key is not used to its third column. */
const MAX_SERVICES = 500

/** The rows of `log_streams` that a selection means. */
export function selected(scope: Scope, { matchers, range }: Selection): Sql {
  return sql`${inScope(scope)} AND ${seenIn(range)} AND ${matchesAll(matchers, mapLabel)}`
}

export async function findStreams(
  client: StoreClient,
  where: Sql,
  { maxSeries }: QueryLimits,
  signal: AbortSignal,
): Promise<readonly StoredStream[]> {
  const blocks = await queryBlocks(
    client,
    sql`SELECT id, tenant_id, any(cluster) AS of_cluster, any(labels) AS label_map FROM log_streams WHERE ${where}
    GROUP BY tenant_id, id ORDER BY id LIMIT ${u64(maxSeries + 1)}`,
    signal,
  )
  const streams = blocks.flatMap((block) => {
    const id = bigintOf(block, 'id')
    const tenant = textOf(block, 'tenant_id')
    const cluster = textOf(block, 'of_cluster')
    const labels = entriesOf(block, 'label_map')
    return Array.from({ length: block.rows }, (_, row) => ({
      id: id(row),
      tenant: tenant(row),
      cluster: cluster(row),
      labels: Object.fromEntries(labels(row)),
    }))
  })
  if (streams.length > maxSeries) throw overLimit('streams', maxSeries)
  return streams
}

/** The rows of `logs` that belong to the streams, in the words of the sorting key first: it spares most of the table. */
export function ofStreams(streams: readonly StoredStream[], foundBy: Sql): Sql {
  const tenants = [...new Set(streams.map(({ tenant }) => tenant))]
  const clusters = [...new Set(streams.map(({ cluster }) => cluster))]
  // A stream's service is the record's, unless it was found elsewhere; then the record has none.
  const services = [...new Set([...streams.map(({ labels }) => labels['service_name'] ?? ''), UNKNOWN_SERVICE])]
  const ids =
    streams.length <= MAX_IDS
      ? sql`stream IN ${u64Array(streams.map(({ id }) => id))}`
      : sql`stream IN (SELECT id FROM log_streams WHERE ${foundBy})`
  const inServices = services.length <= MAX_SERVICES ? sql`service_name IN ${strArray(services)}` : sql`true`
  return sql`tenant_id IN ${strArray(tenants)} AND cluster IN ${strArray(clusters)} AND ${inServices} AND ${ids}`
}
