import { METRIC_NAME } from '../../model/index.ts'
import type { Exemplar, ExemplarSource } from '../../query/index.ts'
import type { StoreClient } from '../client.ts'
import { sql, timeMs, u64 } from '../sql.ts'
import { overLimit } from './limits.ts'
import { bigintOf, entriesOf, numberOf, queryBlocks, textOf } from './rows.ts'
import { inScope, inTenants, isEmptyScope } from './scope.ts'
import { seenIn } from './seen.ts'
import { seriesMatchingAny } from './series-matchers.ts'

/** As many as an answer of a few megabytes holds; Prometheus keeps 100,000 in memory where it keeps any. */
const MAX_EXEMPLARS = 100_000

/** Exemplars of table `exemplars`; the series that they belong to must be in scope. */
export function createExemplarSource(client: StoreClient, maxExemplars = MAX_EXEMPLARS): ExemplarSource {
  return {
    exemplars: async (scope, { matcherSets, range }, signal) => {
      if (isEmptyScope(scope) || matcherSets.length === 0) return []
      const where = sql`${inScope(scope)} AND ${seenIn(range)} AND ${seriesMatchingAny(matcherSets)}`
      const between = sql`time >= ${timeMs(range.startMs)} AND time <= ${timeMs(range.endMs)}`
      const blocks = await queryBlocks(
        client,
        sql`SELECT e.series AS id, s.metric AS metric, s.label_map AS series_labels,
          toUnixTimestamp64Milli(e.time) AS ms, e.value AS value, e.labels AS exemplar_labels
        FROM (
          SELECT DISTINCT tenant_id, series, time, value, trace_id, labels FROM exemplars
          WHERE ${inTenants(scope)} AND ${between} AND series IN (SELECT id FROM series WHERE ${where})
          LIMIT ${u64(maxExemplars + 1)}
        ) AS e INNER JOIN (
          SELECT tenant_id, id, any(name) AS metric, any(labels) AS label_map FROM series WHERE ${where}
          GROUP BY tenant_id, id
        ) AS s ON e.tenant_id = s.tenant_id AND e.series = s.id
        ORDER BY metric, id, ms`,
        signal,
      )
      const rows = blocks.reduce((sum, block) => sum + block.rows, 0)
      if (rows > maxExemplars) throw overLimit('exemplars', maxExemplars)
      const found = new Map<bigint, { labels: Record<string, string>; exemplars: Exemplar[] }>()
      for (const block of blocks) {
        const id = bigintOf(block, 'id')
        const metric = textOf(block, 'metric')
        const labels = entriesOf(block, 'series_labels')
        const ms = numberOf(block, 'ms')
        const value = numberOf(block, 'value')
        const own = entriesOf(block, 'exemplar_labels')
        for (let row = 0; row < block.rows; row++) {
          let series = found.get(id(row))
          if (series === undefined) {
            series = { labels: { [METRIC_NAME]: metric(row), ...Object.fromEntries(labels(row)) }, exemplars: [] }
            found.set(id(row), series)
          }
          series.exemplars.push({ timeMs: ms(row), value: value(row), labels: Object.fromEntries(own(row)) })
        }
      }
      return [...found.values()]
    },
  }
}
