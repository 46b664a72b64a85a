import { ask, check } from '../ask.ts'
import { alignGrid, type Grid, placeHistograms, placeOnGrid, type Series } from './matrix.ts'
import { exemplarsSchema, instantSchema, matrixSchema, metadataSchema, namesSchema, seriesSchema } from './schema.ts'

const BASE = '/prometheus/api/v1'

export interface Caller {
  readonly signal: AbortSignal
  readonly tenant: string | undefined
}

interface Told {
  readonly warnings: readonly string[]
  readonly infos: readonly string[]
  readonly elapsedMs: number
  readonly bytes: number
  readonly stats: unknown
  /** As it came, for those who look into it. */
  readonly raw: unknown
}

export interface RangeAnswer extends Told {
  readonly grid: Grid
  readonly series: readonly Series[]
}

export async function queryRange(query: string, grid: Grid, caller: Caller): Promise<RangeAnswer> {
  const params = { query, start: grid.startS, end: grid.endS, step: grid.stepS, stats: 'all' }
  const { body, ...cost } = await ask({ path: `${BASE}/query_range`, params, method: 'POST', ...caller })
  const { data, warnings = [], infos = [] } = check(matrixSchema, body)
  const series = data.result.map(({ metric, values = [], histograms }) => ({
    labels: metric,
    values: placeOnGrid(values, grid),
    ...(histograms === undefined ? {} : { histograms: placeHistograms(histograms, grid) }),
  }))
  return { grid, series, warnings, infos, stats: data.stats, raw: body, ...cost }
}

export interface InstantRow {
  readonly labels: Readonly<Record<string, string>>
  /** As the API writes it; a histogram in words. */
  readonly value: string
}

export interface InstantAnswer extends Told {
  readonly rows: readonly InstantRow[]
}

export async function queryInstant(query: string, atS: number, caller: Caller): Promise<InstantAnswer> {
  const params = { query, time: atS, stats: 'all' }
  const { body, ...cost } = await ask({ path: `${BASE}/query`, params, method: 'POST', ...caller })
  const { data, warnings = [], infos = [] } = check(instantSchema, body)
  return { rows: rowsOf(data), warnings, infos, stats: data.stats, raw: body, ...cost }
}

function rowsOf(data: ReturnType<typeof instantSchema.parse>['data']): readonly InstantRow[] {
  switch (data.resultType) {
    case 'scalar':
    case 'string':
      return [{ labels: {}, value: data.result[1] }]
    case 'matrix':
      return data.result.map(({ metric, values = [] }) => ({ labels: metric, value: `${values.length} samples` }))
    case 'vector':
      return data.result.map(({ metric, value, histogram }) => ({
        labels: metric,
        value:
          value?.[1] ?? (histogram === undefined ? 'none' : `count ${histogram[1].count}, sum ${histogram[1].sum}`),
      }))
  }
}

export interface Exemplar {
  readonly atS: number
  readonly value: number
  readonly labels: Readonly<Record<string, string>>
  readonly seriesLabels: Readonly<Record<string, string>>
  /** When its labels name a trace. */
  readonly traceId: string | undefined
}

export async function queryExemplars(query: string, grid: Grid, caller: Caller): Promise<readonly Exemplar[]> {
  const params = { query, start: grid.startS, end: grid.endS }
  const { body } = await ask({ path: `${BASE}/query_exemplars`, params, method: 'POST', ...caller })
  return check(exemplarsSchema, body).data.flatMap(({ seriesLabels, exemplars }) =>
    exemplars.map(({ labels, value, timestamp }) => ({
      atS: timestamp,
      value: Number(value),
      labels,
      seriesLabels,
      traceId: labels['trace_id'] ?? labels['traceID'] ?? labels['traceId'],
    })),
  )
}

export interface Within {
  readonly fromMs: number
  readonly toMs: number
}

/** Label names, or the values of one, of the series that match; at most `limit`. */
export async function fetchLabelNames(
  match: readonly string[],
  within: Within,
  caller: Caller,
): Promise<readonly string[]> {
  const { body } = await ask({ path: `${BASE}/labels`, params: { 'match[]': match, ...endsOf(within) }, ...caller })
  return check(namesSchema, body).data
}

export async function fetchLabelValues(
  name: string,
  match: readonly string[],
  within: Within,
  caller: Caller,
): Promise<readonly string[]> {
  const path = `${BASE}/label/${encodeURIComponent(name)}/values`
  const { body } = await ask({ path, params: { 'match[]': match, ...endsOf(within) }, ...caller })
  return check(namesSchema, body).data
}

export interface MetricHelp {
  readonly type: string
  readonly help: string
  readonly unit: string
}

export async function fetchMetadata(caller: Caller): Promise<Readonly<Record<string, MetricHelp | undefined>>> {
  const { body } = await ask({ path: `${BASE}/metadata`, ...caller })
  return Object.fromEntries(Object.entries(check(metadataSchema, body).data).map(([name, [first]]) => [name, first]))
}

/** Rounded to a minute, so that what was listed a moment ago is not listed again. */
function endsOf(within: Within): { readonly start: number; readonly end: number } {
  const { startS, endS } = alignGrid(within, 60)
  return { start: startS, end: endS + 60 }
}

/** The label sets of the series that match. */
export async function fetchSeries(
  match: string,
  within: Within,
  caller: Caller,
): Promise<readonly Readonly<Record<string, string>>[]> {
  const { body } = await ask({ path: `${BASE}/series`, params: { 'match[]': match, ...endsOf(within) }, ...caller })
  return check(seriesSchema, body).data
}
