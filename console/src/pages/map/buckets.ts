import type { InstantRow } from '../../data/prometheus/client.ts'

export interface Bucket {
  /** Seconds; the last has no upper bound. */
  readonly fromS: number
  readonly toS: number
  /** Of all requests. */
  readonly share: number
}

/** The shares between the bounds of a classic histogram, without the empty buckets at both ends. */
export function readBuckets(rows: readonly InstantRow[]): readonly Bucket[] {
  const bounds = rows
    .map(({ labels, value }) => ({
      toS: labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels['le']),
      below: Number(value),
    }))
    .filter(({ toS, below }) => !Number.isNaN(toS) && Number.isFinite(below))
    .sort((a, b) => a.toS - b.toS)
  const total = bounds.at(-1)?.below ?? 0
  if (total <= 0) return []
  const buckets = bounds.map(({ toS, below }, index) => {
    const before = bounds[index - 1]
    return { fromS: before?.toS ?? 0, toS, share: Math.max(0, below - (before?.below ?? 0)) / total }
  })
  const first = buckets.findIndex(({ share }) => share > 0)
  return first < 0 ? [] : buckets.slice(first, buckets.findLastIndex(({ share }) => share > 0) + 1)
}
