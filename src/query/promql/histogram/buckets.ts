/** Populated buckets of one sign: their numbers, ascending, and their counts beside them. */
export interface Buckets {
  readonly indexes: Int32Array
  readonly counts: Float64Array
}

export const NO_BUCKETS: Buckets = { indexes: new Int32Array(0), counts: new Float64Array(0) }

export function bucketsOf(indexes: readonly number[], counts: readonly number[]): Buckets {
  return indexes.length === 0 ? NO_BUCKETS : { indexes: Int32Array.from(indexes), counts: Float64Array.from(counts) }
}

/**
 * Buckets from spans, the form in which histograms travel: each span begins `offsets[i]` behind the end of the one
 * before it, the first at that number. Counts are absolute and stand one after the other.
 */
export function bucketsFromSpans(
  offsets: ArrayLike<number>,
  lengths: ArrayLike<number>,
  counts: ArrayLike<number>,
): Buckets {
  if (counts.length === 0) return NO_BUCKETS
  const indexes = new Int32Array(counts.length)
  let index = 0
  let to = 0
  for (let span = 0; span < offsets.length; span++) {
    index += offsets[span] ?? 0
    for (let i = lengths[span] ?? 0; i > 0 && to < indexes.length; i--) indexes[to++] = index++
  }
  return { indexes, counts: Float64Array.from(counts) }
}

/** The buckets as spans, see `bucketsFromSpans`. */
export function spansOf({ indexes }: Buckets): { readonly offsets: number[]; readonly lengths: number[] } {
  const offsets: number[] = []
  const lengths: number[] = []
  let next = 0
  for (let i = 0; i < indexes.length; i++) {
    const index = indexes[i] ?? 0
    const last = lengths.length - 1
    if (i > 0 && index === next) {
      lengths[last] = (lengths[last] ?? 0) + 1
    } else {
      offsets.push(index - next)
      lengths.push(1)
    }
    next = index + 1
  }
  return { offsets, lengths }
}

/** The same buckets if none is empty. */
export function withoutEmpty(buckets: Buckets): Buckets {
  return buckets.counts.includes(0) ? filterBuckets(buckets, (_, count) => count !== 0) : buckets
}

export function filterBuckets({ indexes, counts }: Buckets, keep: (index: number, count: number) => boolean): Buckets {
  const keptIndexes: number[] = []
  const keptCounts: number[] = []
  for (let i = 0; i < indexes.length; i++) {
    const index = indexes[i] ?? 0
    const count = counts[i] ?? 0
    if (!keep(index, count)) continue
    keptIndexes.push(index)
    keptCounts.push(count)
  }
  return bucketsOf(keptIndexes, keptCounts)
}

export function mapCounts({ indexes, counts }: Buckets, change: (count: number) => number): Buckets {
  return indexes.length === 0 ? NO_BUCKETS : { indexes, counts: counts.map(change) }
}

/** a + sign × b, bucket by bucket; a bucket that only one of them has counts as empty in the other. */
export function combineBuckets(a: Buckets, b: Buckets, sign: 1 | -1): Buckets {
  if (b.indexes.length === 0) return a
  const indexes = unionOf(a.indexes, b.indexes)
  const counts = spread(a, indexes)
  const other = spread(b, indexes)
  for (let i = 0; i < counts.length; i++) counts[i] = (counts[i] ?? 0) + sign * (other[i] ?? 0)
  return { indexes, counts }
}

/** The numbers that are in one of the lists, or in both. */
export function unionOf(a: Int32Array, b: Int32Array): Int32Array {
  if (sameIndexes(a, b)) return a
  const union = new Int32Array(a.length + b.length)
  let [i, j, to] = [0, 0, 0]
  while (i < a.length || j < b.length) {
    const left = i < a.length ? (a[i] ?? 0) : Infinity
    const right = j < b.length ? (b[j] ?? 0) : Infinity
    union[to++] = Math.min(left, right)
    if (left <= right) i += 1
    if (right <= left) j += 1
  }
  return union.slice(0, to)
}

function sameIndexes(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** The counts for these numbers, which must contain those of the buckets. A copy. */
export function spread({ indexes, counts }: Buckets, onto: Int32Array): Float64Array {
  if (indexes.length === onto.length) return counts.slice()
  const values = new Float64Array(onto.length)
  let from = 0
  for (let i = 0; i < onto.length && from < indexes.length; i++) {
    if (onto[i] === indexes[from]) values[i] = counts[from++] ?? 0
  }
  return values
}

/** Puts buckets together: each goes to the number that `target` says, which must not descend. */
export function mergeBuckets({ indexes, counts }: Buckets, target: (index: number) => number): Buckets {
  const merged: number[] = []
  const sums: number[] = []
  for (let i = 0; i < indexes.length; i++) {
    const to = target(indexes[i] ?? 0)
    const last = sums.length - 1
    if (merged[last] === to) {
      sums[last] = (sums[last] ?? 0) + (counts[i] ?? 0)
    } else {
      merged.push(to)
      sums.push(counts[i] ?? 0)
    }
  }
  return bucketsOf(merged, sums)
}

/** In a schema that is `steps` coarser, a bucket spans 2^steps of these. */
export function coarserBuckets(buckets: Buckets, steps: number): Buckets {
  return steps === 0 ? buckets : mergeBuckets(buckets, (index) => ((index - 1) >> steps) + 1)
}
