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

/** The same of the first `size` values of a list in any order, which it changes: of many, few are looked at closely. */
export function quantileOfMany(q: number, values: Float64Array, size: number): number {
  if (size === 0 || Number.isNaN(q)) return NaN
  if (q < 0) return -Infinity
  if (q > 1) return Infinity
  const rank = q * (size - 1)
  const lower = Math.floor(rank)
  const weight = rank - lower
  const nans = nansToFront(values, size)
  if (lower < nans) return NaN
  placeNth(values, nans, size, lower)
  const low = values[lower] ?? NaN
  let high = lower + 1 < size ? Infinity : low
  for (let i = lower + 1; i < size; i++) if ((values[i] ?? NaN) < high) high = values[i] ?? NaN
  return low * (1 - weight) + high * weight
}

function nansToFront(values: Float64Array, size: number): number {
  let nans = 0
  for (let i = 0; i < size; i++) {
    const value = values[i] ?? NaN
    if (!Number.isNaN(value)) continue
    values[i] = values[nans] ?? NaN
    values[nans] = value
    nans += 1
  }
  return nans
}

/** Below this it is not worth to choose a pivot. */
const FEW = 16
/** Pivots that are as bad as this many times in a row are no accident. */
const MAX_ROUNDS = 64

/** Puts at `n` what would stand there if `from` up to `to` were sorted; nothing before it is greater, nothing behind it less. */
function placeNth(values: Float64Array, from: number, to: number, n: number): void {
  let low = from
  let high = to - 1
  for (let round = 0; high - low >= FEW; round++) {
    if (round === MAX_ROUNDS) {
      values.subarray(low, high + 1).sort()
      return
    }
    const pivot = medianOfThree(values[low] ?? NaN, values[(low + high) >>> 1] ?? NaN, values[high] ?? NaN)
    let left = low
    let right = high
    while (left <= right) {
      while ((values[left] ?? NaN) < pivot) left += 1
      while ((values[right] ?? NaN) > pivot) right -= 1
      if (left > right) break
      const value = values[left] ?? NaN
      values[left] = values[right] ?? NaN
      values[right] = value
      left += 1
      right -= 1
    }
    if (n <= right) high = right
    else if (n >= left) low = left
    else return
  }
  for (let i = low + 1; i <= high; i++) {
    const value = values[i] ?? NaN
    let at = i
    for (; at > low && (values[at - 1] ?? NaN) > value; at--) values[at] = values[at - 1] ?? NaN
    values[at] = value
  }
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}

function nanFirst(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : -1
  if (Number.isNaN(b)) return 1
  if (a === b) return 0
  return a < b ? -1 : 1
}
