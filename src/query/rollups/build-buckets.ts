import { isStaleAt } from '../../model/index.ts'
import type { SeriesSamples } from '../metric-source.ts'
import { addKahan, type KahanSum } from '../promql/kahan.ts'
import { bucketEnd, type Buckets, newBuckets } from './buckets.ts'

/** The buckets of a series' floats. */
export function bucketsOf({ timesMs, values }: Pick<SeriesSamples, 'timesMs' | 'values'>, sizeMs: number): Buckets {
  const buckets = newBuckets(countBuckets(timesMs, sizeMs))
  const words = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length)
  const total: KahanSum = { sum: 0, compensation: 0 }
  let at = -1
  let endMs = -Infinity
  for (let i = 0; i < timesMs.length; i++) {
    const timeMs = timesMs[i] ?? 0
    if (timeMs > endMs) {
      endMs = bucketEnd(timeMs, sizeMs)
      at += 1
      buckets.endMs[at] = endMs
      total.sum = 0
      total.compensation = 0
    }
    if (isStaleAt(words, i)) {
      add(buckets.stale, at, 1)
      buckets.endsStale[at] = 1
      continue
    }
    const value = values[i] ?? 0
    if (buckets.count[at] === 0) {
      buckets.firstMs[at] = timeMs
      buckets.first[at] = value
      buckets.min[at] = value
      buckets.max[at] = value
    } else {
      follow(buckets, at, buckets.last[at] ?? 0, value)
      takeExtremes(buckets, at, value, value)
    }
    buckets.endsStale[at] = 0
    add(buckets.count, at, 1)
    buckets.lastMs[at] = timeMs
    buckets.last[at] = value
    addKahan(total, value)
    buckets.sum[at] = sumOf(total)
  }
  return buckets
}

/** Buckets made of smaller ones. */
export function coarserBuckets(small: Buckets, sizeMs: number): Buckets {
  const buckets = newBuckets(countBuckets(small.endMs, sizeMs))
  const total: KahanSum = { sum: 0, compensation: 0 }
  let at = -1
  let endMs = -Infinity
  for (let i = 0; i < small.endMs.length; i++) {
    const smallEndMs = small.endMs[i] ?? 0
    if (smallEndMs > endMs) {
      endMs = bucketEnd(smallEndMs, sizeMs)
      at += 1
      buckets.endMs[at] = endMs
      total.sum = 0
      total.compensation = 0
    }
    add(buckets.stale, at, small.stale[i] ?? 0)
    buckets.endsStale[at] = small.endsStale[i] ?? 0
    if (small.count[i] === 0) continue
    if (buckets.count[at] === 0) {
      buckets.firstMs[at] = small.firstMs[i] ?? 0
      buckets.first[at] = small.first[i] ?? 0
      buckets.min[at] = small.min[i] ?? 0
      buckets.max[at] = small.max[i] ?? 0
    } else {
      follow(buckets, at, buckets.last[at] ?? 0, small.first[i] ?? 0)
      takeExtremes(buckets, at, small.min[i] ?? 0, small.max[i] ?? 0)
    }
    add(buckets.count, at, small.count[i] ?? 0)
    add(buckets.dropped, at, small.dropped[i] ?? 0)
    add(buckets.resets, at, small.resets[i] ?? 0)
    add(buckets.changes, at, small.changes[i] ?? 0)
    buckets.lastMs[at] = small.lastMs[i] ?? 0
    buckets.last[at] = small.last[i] ?? 0
    addKahan(total, small.sum[i] ?? 0)
    buckets.sum[at] = sumOf(total)
  }
  return buckets
}

/** Whether a value is not the one before it: NaN is the same as NaN. */
export function isChange(previous: number, value: number): boolean {
  return value !== previous && !(Number.isNaN(value) && Number.isNaN(previous))
}

/** As Prometheus compares: the last of equals, and NaN loses against all others. */
export function isLower(value: number, lowest: number): boolean {
  return Number.isNaN(lowest) || value <= lowest
}

export function isHigher(value: number, highest: number): boolean {
  return Number.isNaN(highest) || value >= highest
}

/** A sum as Prometheus gives it. */
export function sumOf({ sum, compensation }: KahanSum): number {
  return Math.abs(sum) === Infinity ? sum : sum + compensation
}

/** One value follows another within a bucket. */
function follow(buckets: Buckets, at: number, previous: number, value: number): void {
  if (value < previous) {
    add(buckets.dropped, at, previous)
    add(buckets.resets, at, 1)
  }
  if (isChange(previous, value)) add(buckets.changes, at, 1)
}

function takeExtremes({ min, max }: Buckets, at: number, low: number, high: number): void {
  if (isLower(low, min[at] ?? NaN)) min[at] = low
  if (isHigher(high, max[at] ?? NaN)) max[at] = high
}

function add(to: Float64Array, at: number, more: number): void {
  to[at] = (to[at] ?? 0) + more
}

function countBuckets(timesMs: Float64Array, sizeMs: number): number {
  let count = 0
  let endMs = -Infinity
  for (const timeMs of timesMs) {
    if (timeMs <= endMs) continue
    endMs = bucketEnd(timeMs, sizeMs)
    count += 1
  }
  return count
}
