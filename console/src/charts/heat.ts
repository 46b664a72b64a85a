import type { Series } from '../data/prometheus/matrix.ts'

/** Counts by bucket and time. */
export interface Heat {
  readonly times: readonly number[]
  /** From the lowest; the upper bound of each, and its counts by time. */
  readonly rows: readonly { readonly bound: number; readonly counts: readonly (number | null)[] }[]
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
  const max = Math.max(0, ...counts.flatMap((row) => row.counts.map((count) => count ?? 0)))
  return { times, rows: counts, max }
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
