import { METRIC_NAME } from '../../model/index.ts'
import type { CardinalitySource, Ranked } from '../../query/index.ts'
import type { StoreClient } from '../client.ts'
import { queryJson } from '../query-json.ts'
import { sql, type Sql, str, u64 } from '../sql.ts'
import { inScope, isEmptyScope } from './scope.ts'

const NOTHING = {
  series: 0,
  labelPairs: 0,
  firstMs: 0,
  lastMs: 0,
  seriesByMetric: [],
  valuesByLabel: [],
  bytesByLabel: [],
  seriesByPair: [],
}

/** Counts over table `series`, in which a series may stand more than once until its parts are merged. */
export function createCardinalitySource(client: StoreClient): CardinalitySource {
  return {
    cardinality: async (scope, limit, signal) => {
      if (isEmptyScope(scope)) return NOTHING
      const once = sql`(
        SELECT any(name) AS metric, mapConcat(map(${str(METRIC_NAME)}, toString(any(name))), any(labels)) AS pairs,
          min(first_seen) AS first, max(last_seen) AS last
        FROM series WHERE ${inScope(scope)} GROUP BY tenant_id, id
      )`
      const pairs = sql`(SELECT label, text FROM ${once} ARRAY JOIN mapKeys(pairs) AS label, mapValues(pairs) AS text)`
      const rank = (name: string, value: string, from: Sql): Promise<readonly Ranked[]> =>
        queryJson<Ranked>(
          client,
          sql`SELECT ${sql.raw(name)} AS name, toFloat64(${sql.raw(value)}) AS value FROM ${from}
          GROUP BY name ORDER BY value DESC, name LIMIT ${u64(limit)}`,
          signal,
        )
      const totals = queryJson<Totals>(
        client,
        sql`SELECT toFloat64(count()) AS series, toFloat64(toUnixTimestamp64Milli(min(first))) AS firstMs,
          toFloat64(toUnixTimestamp64Milli(max(last))) AS lastMs FROM ${once}`,
        signal,
      )
      const distinct = queryJson<{ readonly labelPairs: number }>(
        client,
        sql`SELECT toFloat64(uniqExact(label, text)) AS labelPairs FROM ${pairs}`,
        signal,
      )
      const [[total = NOTHING], [{ labelPairs } = NOTHING], seriesByMetric, valuesByLabel, bytesByLabel, seriesByPair] =
        await Promise.all([
          totals,
          distinct,
          rank('metric', 'count()', once),
          rank('label', 'uniqExact(text)', pairs),
          rank('label', 'sum(length(label) + length(text))', pairs),
          rank(`concat(label, '=', text)`, 'count()', pairs),
        ])
      const { series, firstMs, lastMs } = total
      if (series === 0) return NOTHING
      return { series, labelPairs, firstMs, lastMs, seriesByMetric, valuesByLabel, bytesByLabel, seriesByPair }
    },
  }
}

interface Totals {
  readonly series: number
  readonly firstMs: number
  readonly lastMs: number
}
