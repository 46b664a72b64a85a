import type { Series } from '../data/prometheus/matrix.ts'

/** Counts by bucket and time. */
export interface Heat {
  readonly times: readonly number[]
  /** From the lowest; the upper bound of each, and its counts by time. */
  readonly rows: readonly {
    readonly bound: number
    readonly name?: string
    readonly counts: readonly (number | null)[]
  }[]
  readonly max: number
}

/** The most buckets that a heat map shows; finer native histograms are put together. */
const ROWS = 60

/** From classic buckets (`le`, cumulative) or native histograms; undefined when the series are neither. */
export function heatOf(times: readonly number[], series: readonly Series[]): Heat | undefined {
  const counts = series.some(({ labels }) => labels['le'] !== undefined)
    ? fromClassic(times, series)
    : fromNative(times, series)
  if (counts === undefined || counts.length === 0) return undefined
  return { times, rows: counts, max: mostOf(counts) }
}

function fromClassic(times: readonly number[], series: readonly Series[]): Heat['rows'] {
  const byBound = new Map<number, (number | null)[]>()
  for (const { labels, values } of series) {
    const le = labels['le']
    if (le === undefined) continue
    const bound = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le)
    const sums = byBound.get(bound) ?? times.map(() => null)
    byBound.set(
      bound,
      sums.map((sum, index) => addTo(sum, values[index] ?? null)),
    )
  }
  const bounds = [...byBound.keys()].sort((a, b) => a - b)
  return bounds.map((bound, position) => {
    const below = position === 0 ? undefined : byBound.get(bounds[position - 1] ?? 0)
    const counts = (byBound.get(bound) ?? []).map((count, index) =>
      count === null ? null : Math.max(0, count - (below?.[index] ?? 0)),
    )
    return { bound, counts }
  })
}

function fromNative(times: readonly number[], series: readonly Series[]): Heat['rows'] | undefined {
  const byBound = new Map<number, (number | null)[]>()
  for (const { histograms } of series) {
    for (const [index, histogram] of (histograms ?? []).entries()) {
      for (const { high, count } of histogram?.buckets ?? []) {
        const row = byBound.get(high) ?? times.map(() => null)
        row[index] = (row[index] ?? 0) + count
        byBound.set(high, row)
      }
    }
  }
  if (byBound.size === 0) return undefined
  const rows = [...byBound].sort(([a], [b]) => a - b).map(([bound, counts]) => ({ bound, counts }))
  const every = Math.ceil(rows.length / ROWS)
  return rows.reduce<{ bound: number; counts: (number | null)[] }[]>((merged, row, index) => {
    const last = merged.at(-1)
    if (last === undefined || index % every === 0) return [...merged, row]
    last.bound = row.bound
    last.counts = last.counts.map((sum, at) => addTo(sum, row.counts[at] ?? null))
    return merged
  }, [])
}

function addTo(sum: number | null, value: number | null): number | null {
  return value === null ? sum : (sum ?? 0) + value
}

/** The step of the ramp, 1 to 9, for a count; 0 for none. Square roots, so that rare ones are seen beside common ones. */
export function heatStep(count: number | null, max: number): number {
  if (count === null || count <= 0 || max <= 0) return 0
  return Math.max(1, Math.min(9, Math.ceil(9 * Math.sqrt(count / max))))
}

const BINS = 24

/** Series without buckets: how many of them lie between which values, at each time. */
export function heatOfValues(
  times: readonly number[],
  columns: readonly (readonly (number | null)[])[],
): Heat | undefined {
  let min = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const values of columns) {
    for (const value of values) {
      if (value === null) continue
      min = Math.min(min, value)
      high = Math.max(high, value)
    }
  }
  if (min > high) return undefined
  const size = (high - min) / BINS || 1
  const rows = Array.from({ length: BINS }, (_, at) => ({
    bound: min + (at + 1) * size,
    counts: times.map((): number | null => null),
  }))
  for (const values of columns) {
    values.forEach((value, index) => {
      if (value === null) return
      const row = rows[Math.min(BINS - 1, Math.floor((value - min) / size))]
      if (row !== undefined) row.counts[index] = (row.counts[index] ?? 0) + 1
    })
  }
  return { times, rows, max: mostOf(rows) }
}

/** Series that are rows themselves: counts by a name. */
export function heatOfRows(
  times: readonly number[],
  columns: readonly { readonly name: string; readonly values: readonly (number | null)[] }[],
): Heat | undefined {
  if (columns.length === 0) return undefined
  const rows = [...columns]
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
    .slice(0, ROWS)
    .map(({ name, values }, at) => ({ bound: Number.isNaN(Number(name)) ? at : Number(name), name, counts: values }))
  return { times, rows, max: mostOf(rows) }
}

function mostOf(rows: Heat['rows']): number {
  let most = 0
  for (const { counts } of rows) for (const count of counts) most = Math.max(most, count ?? 0)
  return most
}
