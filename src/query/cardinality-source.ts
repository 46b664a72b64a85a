import type { Scope } from '../model/index.ts'

export interface Ranked {
  readonly name: string
  readonly value: number
}

/** How many series there are and what makes them many. Lists are in falling order, then by name. */
export interface Cardinality {
  readonly series: number
  readonly labelPairs: number
  /** Milliseconds; hours of the first and the last sample, 0 without series. */
  readonly firstMs: number
  readonly lastMs: number
  readonly seriesByMetric: readonly Ranked[]
  readonly valuesByLabel: readonly Ranked[]
  /** Bytes of a label's names and values over all series. */
  readonly bytesByLabel: readonly Ranked[]
  /** Names are `label=value`. */
  readonly seriesByPair: readonly Ranked[]
}

/** Counts the series of a scope. */
export interface CardinalitySource {
  /** `limit` is that of each list. */
  cardinality(scope: Scope, limit: number, signal: AbortSignal): Promise<Cardinality>
}
