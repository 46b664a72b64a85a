import type { Signal } from '../../../model/index.ts'
import type { StoredBatch } from '../../../storage/index.ts'

const LAG_SAMPLES = 1000

/** What one source has had stored in one flush. */
export interface StoredCount {
  readonly tenant: string
  readonly cluster: string
  readonly signal: Signal
  readonly batches: number
  /** With those rejected. */
  readonly items: number
  readonly rejected: number
}

/** What a flush has brought. */
export interface StoreProgress {
  /** The next sequence of the log that is not stored yet. */
  readonly position: number
  readonly stored: readonly StoredCount[]
  /** From collected to queryable, over the last thousand batches. Absent before the first. */
  readonly lagMs: { readonly p50: number; readonly p99: number } | undefined
}

/** Sums up stored batches by source, and keeps the last lags. */
export class ProgressSummary {
  readonly #lags: number[] = []
  #next = 0

  of(position: number, batches: readonly StoredBatch[]): StoreProgress {
    for (const { lagMs } of batches) {
      this.#lags[this.#next] = lagMs
      this.#next = (this.#next + 1) % LAG_SAMPLES
    }
    return { position, stored: countBySource(batches), lagMs: this.#quantiles() }
  }

  #quantiles(): StoreProgress['lagMs'] {
    const sorted = Float64Array.from(this.#lags).sort()
    const at = (rank: number): number => sorted[Math.ceil(rank * sorted.length) - 1] ?? 0
    return sorted.length === 0 ? undefined : { p50: at(0.5), p99: at(0.99) }
  }
}

function countBySource(batches: readonly StoredBatch[]): readonly StoredCount[] {
  const counts = new Map<string, StoredCount>()
  for (const { tenant, cluster, signal, items, rejected } of batches) {
    const key = JSON.stringify([tenant, cluster, signal])
    const before = counts.get(key)
    counts.set(key, {
      tenant,
      cluster,
      signal,
      batches: (before?.batches ?? 0) + 1,
      items: (before?.items ?? 0) + items,
      rejected: (before?.rejected ?? 0) + rejected,
    })
  }
  return [...counts.values()]
}
