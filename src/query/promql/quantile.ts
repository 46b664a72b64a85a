/** The φ-quantile with linear interpolation between ranks; NaN counts as the smallest value. */
export function interpolatedQuantile(q: number, values: readonly number[] | Float64Array): number {
  return quantileOfSorted(q, [...values].sort(nanFirst), values.length)
}

/** The same of the first `size` values of a list where these are in order. */
export function quantileOfSorted(q: number, sorted: readonly number[] | Float64Array, size: number): number {
  if (size === 0 || Number.isNaN(q)) return NaN
  if (q < 0) return -Infinity
  if (q > 1) return Infinity
  const rank = q * (size - 1)
  const lower = Math.max(0, Math.floor(rank))
  const upper = Math.min(size - 1, lower + 1)
  const weight = rank - Math.floor(rank)
  return (sorted[lower] ?? NaN) * (1 - weight) + (sorted[upper] ?? NaN) * weight
}

function nanFirst(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : -1
  if (Number.isNaN(b)) return 1
  if (a === b) return 0
  return a < b ? -1 : 1
}
