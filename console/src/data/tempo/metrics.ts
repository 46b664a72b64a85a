import { ask, check } from '../ask.ts'
import type { Caller, Exemplar } from '../prometheus/client.ts'
import { type Grid, placeOnGrid, type Series } from '../prometheus/matrix.ts'
import { readAttributes } from '../trace/span.ts'
import { metricsInstantSchema, metricsRangeSchema } from './schema.ts'

const BASE = '/tempo/api/metrics'

type Labels = Readonly<Record<string, string>>

/** Series that a TraceQL metrics query makes of spans, and some of the traces behind them. */
export async function queryTraceMetrics(
  query: string,
  grid: Grid,
  exemplars: number,
  caller: Caller,
): Promise<{ readonly series: readonly Series[]; readonly exemplars: readonly Exemplar[]; readonly raw: unknown }> {
  const params = { q: query, start: grid.startS, end: grid.endS, step: `${grid.stepS}s`, exemplars }
  const { body } = await ask({ path: `${BASE}/query_range`, params, ...caller })
  const { series = [] } = check(metricsRangeSchema, body)
  return {
    raw: body,
    series: series.map(({ labels, samples = [] }) => ({
      labels: readAttributes(labels),
      values: placeOnGrid(
        samples.map(({ timestampMs = '0', value = 0 }) => [Number(timestampMs) / 1_000, String(value)]),
        grid,
      ),
    })),
    exemplars: series.flatMap((one) =>
      (one.exemplars ?? []).map(({ labels, value = 0, timestampMs = '0' }) => {
        const own = readAttributes(labels)
        return {
          atS: Number(timestampMs) / 1_000,
          value: Number(value),
          labels: own,
          seriesLabels: readAttributes(one.labels),
          traceId: own['trace:id'] ?? own['traceID'] ?? own['trace_id'],
        }
      }),
    ),
  }
}

/** One figure a series, over the whole range. */
export async function queryTraceFigures(
  query: string,
  { startS, endS }: Grid,
  caller: Caller,
): Promise<{
  readonly rows: readonly { readonly labels: Labels; readonly value: number | null }[]
  readonly raw: unknown
}> {
  const params = { q: query, start: startS, end: endS }
  const { body } = await ask({ path: `${BASE}/query`, params, ...caller })
  const { series = [] } = check(metricsInstantSchema, body)
  return {
    raw: body,
    rows: series.map(({ labels, value = 0 }) => {
      const number = Number(value)
      return { labels: readAttributes(labels), value: Number.isFinite(number) ? number : null }
    }),
  }
}
