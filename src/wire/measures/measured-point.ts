import type { AttributeMap } from '../otlp/read/index.ts'

/**
 * How values follow each other: a gauge is what it is, deltas add up, and a cumulative value is the sum since the start
 * of the series, which begins anew when its source does.
 */
export type Nature = 'gauge' | 'delta' | 'cumulative'

/** One number that a data point tells. */
export interface Measure {
  /** Which one: `''` is the value itself. */
  readonly part: '' | 'count' | 'sum' | 'min' | 'max' | 'quantile'
  /** Finite. */
  readonly value: number
  readonly nature: Nature
  /** For quantiles: 0 to 1. */
  readonly quantile?: number
}

/** How many observations lie in (lower, upper]. */
export interface MeasuredBucket {
  readonly lower: number
  readonly upper: number
  readonly count: number
}

/** Where points come from: one object for all of the same origin, so that what is made of it can be kept by identity. */
export interface MeasureOrigin {
  readonly resource: AttributeMap
  readonly scopeName: string
  readonly scopeVersion: string
}

/** One data point, sample or native histogram as numbers, for formats that know nothing else. */
export interface MeasuredPoint {
  readonly origin: MeasureOrigin
  readonly name: string
  readonly unit: string
  readonly kind: 'gauge' | 'sum' | 'histogram' | 'exponential-histogram' | 'summary'
  readonly timeMs: number
  /** When the series began, 0 if that is not known. */
  readonly startMs: number
  /** Flat, as text, without empty values. */
  readonly attributes: ReadonlyMap<string, string>
  /** None where there is no number to tell; `problem` says why. */
  readonly measures: readonly Measure[]
  /** In ascending order, without empty ones; as many observations as `count` where the point tells them all. */
  readonly buckets: readonly MeasuredBucket[]
  /** Of the buckets. */
  readonly bucketNature: Nature
  readonly problem: 'no_value' | 'not_a_number' | 'no_temporality' | undefined
}
