import { type Labels, METRIC_NAME } from '../../../model/index.ts'
import { parseGoFloat } from '../../go-float.ts'
import { dropLabels, keyWithoutLabels, labelValue, quoteText } from '../../labels.ts'
import { newSeries, type StepSeries, type Value } from '../values.ts'
import { type FunctionCall, type PromqlFunction, scalarArg, vectorArg } from './function.ts'

const BUCKET_LABEL: ReadonlySet<string> = new Set(['le'])

/** Differences of counts below this share come from floating point, not from the application. */
const SMALL_DELTA = 1e-12
const MIN_NORMAL = 2 ** -1022

interface BucketSeries {
  readonly upperBound: number
  readonly series: StepSeries
}

interface Bucket {
  upperBound: number
  count: number
}

/** The φ-quantile from the cumulative buckets of classic histograms. */
function histogramQuantile({ args, context }: FunctionCall): Value {
  const q = scalarArg(args, 0).values
  const { count } = context.grid
  const warn = (text: string): void => void context.warnings.add(`PromQL warning: ${text}`)
  const series: StepSeries[] = []
  for (const { labels, buckets } of histograms(vectorArg(args, 1).series, warn)) {
    const row = newSeries(labels, count, true)
    let forced = false
    for (let step = 0; step < count; step++) {
      const here = bucketsAt(buckets, step)
      if (here.length === 0) continue
      const answer = bucketQuantile(q[step] ?? NaN, here)
      row.present[step] = 1
      row.values[step] = answer.value
      forced ||= answer.forced
    }
    if (forced) context.infos.add(forcedInfo(labels))
    series.push(row)
  }
  for (const value of new Set(q)) {
    if (!(value >= 0 && value <= 1)) warn(`quantile value should be between 0 and 1, got ${String(value)}`)
  }
  return { type: 'vector', series }
}

function histograms(
  series: readonly StepSeries[],
  warn: (text: string) => void,
): Iterable<{ labels: Labels; buckets: BucketSeries[] }> {
  const found = new Map<string, { labels: Labels; buckets: BucketSeries[] }>()
  for (const row of series) {
    const le = labelValue(row.labels, 'le')
    const upperBound = parseGoFloat(le)
    if (upperBound === undefined) {
      const name = quoteText(labelValue(row.labels, METRIC_NAME))
      warn(`bucket label "le" is missing or has a malformed value of ${quoteText(le)} for metric name ${name}`)
      continue
    }
    const key = keyWithoutLabels(row.labels, BUCKET_LABEL)
    const histogram = found.get(key) ?? { labels: dropLabels(row.labels, BUCKET_LABEL), buckets: [] }
    found.set(key, histogram)
    histogram.buckets.push({ upperBound, series: row })
  }
  for (const { buckets } of found.values()) buckets.sort((a, b) => a.upperBound - b.upperBound)
  return found.values()
}

/** The buckets there are at a step; equal bounds (`le="1"` and `le="1.0"`) are one bucket. */
function bucketsAt(buckets: readonly BucketSeries[], step: number): Bucket[] {
  const here: Bucket[] = []
  for (const { upperBound, series } of buckets) {
    if (series.present[step] !== 1) continue
    const count = series.values[step] ?? 0
    const last = here.at(-1)
    if (last?.upperBound === upperBound) last.count += count
    else here.push({ upperBound, count })
  }
  return here
}

function bucketQuantile(q: number, buckets: Bucket[]): { readonly value: number; readonly forced: boolean } {
  const plain = (value: number): { value: number; forced: boolean } => ({ value, forced: false })
  if (Number.isNaN(q)) return plain(NaN)
  if (q < 0) return plain(-Infinity)
  if (q > 1) return plain(Infinity)
  if (buckets.at(-1)?.upperBound !== Infinity) return plain(NaN)
  const forced = makeMonotonic(buckets)
  return { value: interpolate(q, buckets), forced }
}

function interpolate(q: number, buckets: readonly Bucket[]): number {
  const observations = buckets.at(-1)?.count ?? 0
  if (buckets.length < 2 || observations === 0) return NaN
  const rank = q * observations
  const searched = buckets.slice(0, -1).findIndex((bucket) => bucket.count >= rank)
  if (searched === -1) return buckets.at(-2)?.upperBound ?? NaN
  const bucket = buckets[searched] ?? { upperBound: NaN, count: NaN }
  const below = buckets[searched - 1]
  if (below === undefined) {
    if (bucket.upperBound <= 0) return bucket.upperBound
    return bucket.upperBound * (rank / bucket.count)
  }
  const width = bucket.upperBound - below.upperBound
  return below.upperBound + width * ((rank - below.count) / (bucket.count - below.count))
}

/** Lifts counts that are lower than the one before; true when one was lower by more than rounding explains. */
function makeMonotonic(buckets: Bucket[]): boolean {
  let forced = false
  let previous = buckets[0]?.count ?? 0
  for (const bucket of buckets.slice(1)) {
    if (bucket.count === previous) continue
    if (almostEqual(previous, bucket.count)) {
      bucket.count = previous
    } else if (bucket.count < previous) {
      bucket.count = previous
      forced = true
    } else {
      previous = bucket.count
    }
  }
  return forced
}

function almostEqual(a: number, b: number): boolean {
  const sum = Math.abs(a) + Math.abs(b)
  const difference = Math.abs(a - b)
  if (a === 0 || b === 0 || sum < MIN_NORMAL) return difference < SMALL_DELTA * MIN_NORMAL
  return difference / Math.min(sum, Number.MAX_VALUE) < SMALL_DELTA
}

function forcedInfo(labels: Labels): string {
  const name = quoteText(labelValue(labels, METRIC_NAME))
  return (
    'PromQL info: input to histogram_quantile needed to be fixed for monotonicity (see ' +
    'https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile) ' +
    `for metric name ${name}`
  )
}

export const histogramFunctions: Readonly<Record<string, PromqlFunction>> = {
  histogram_quantile: { args: ['scalar', 'vector'], variadic: 0, returns: 'vector', evaluate: histogramQuantile },
}
