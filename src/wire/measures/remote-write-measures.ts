import { METRIC_NAME } from '../../model/index.ts'
import type { MetricType } from '../metric-type.ts'
import { type NativeHistogram, type ReadSeries, readSeries } from '../remote-write/index.ts'
import { toNativeBuckets } from './buckets.ts'
import type { Measure, MeasuredPoint, MeasureOrigin, Nature } from './measured-point.ts'

/** Remote write knows no resources: all is in the labels. */
const ORIGIN: MeasureOrigin = { resource: new Map(), scopeName: '', scopeVersion: '' }

/**
 * The samples and native histograms of a remote write 2.0 request as numbers. Stale markers have no value. Throws
 * AppError `invalid` for damaged bytes.
 */
export function* measureRemoteWrite2(payload: Uint8Array): Generator<MeasuredPoint> {
  for (const series of readSeries(payload)) {
    const about = describe(series)
    const nature = natureOf(series.type, about.name)
    for (const { value, stale, timestampMs, startTimestampMs } of series.samples) {
      const measures: readonly Measure[] = Number.isFinite(value) ? [{ part: '', value, nature }] : []
      const problem = stale ? 'no_value' : 'not_a_number'
      yield {
        ...about,
        kind: nature === 'gauge' ? 'gauge' : 'sum',
        timeMs: timestampMs,
        startMs: startTimestampMs,
        measures,
        buckets: [],
        bucketNature: 'gauge',
        problem: measures.length === 0 ? problem : undefined,
      }
    }
    for (const histogram of series.histograms) yield { ...about, ...toPoint(histogram) }
  }
}

type About = Pick<MeasuredPoint, 'origin' | 'name' | 'unit' | 'attributes'>

function describe({ labels, unit }: ReadSeries): About {
  const attributes = new Map<string, string>()
  let name = ''
  for (const [label, value] of labels) {
    if (label === METRIC_NAME) name = value
    else if (value !== '' && label !== '') attributes.set(label, value)
  }
  return { origin: ORIGIN, name, unit, attributes }
}

const GROWING_SUFFIX = /_(?:total|sum|count|bucket)$/
const CREATED_SUFFIX = /_created$/

/** The type is that of the family: which of its series this is, its name tells. */
function natureOf(type: MetricType, name: string): Nature {
  switch (type) {
    case 'counter':
    case 'histogram':
      return CREATED_SUFFIX.test(name) ? 'gauge' : 'cumulative'
    case 'summary':
    case 'unknown':
      return GROWING_SUFFIX.test(name) ? 'cumulative' : 'gauge'
    case 'gauge':
    case 'gaugehistogram':
    case 'info':
    case 'stateset':
      return 'gauge'
  }
}

function toPoint(histogram: NativeHistogram): Omit<MeasuredPoint, keyof About> {
  const nature: Nature = histogram.resetHint === 'gauge' ? 'gauge' : 'cumulative'
  const totals: readonly Measure[] = [
    { part: 'count', value: Number(histogram.counts.count), nature },
    { part: 'sum', value: histogram.sum, nature },
  ]
  // A stale marker is a histogram of nothing with a NaN for its sum.
  const stale = Number.isNaN(histogram.sum) && Number(histogram.counts.count) === 0
  const measures = stale ? [] : totals.filter(({ value }) => Number.isFinite(value))
  const problem = stale ? 'no_value' : 'not_a_number'
  return {
    kind: 'exponential-histogram',
    timeMs: histogram.timestampMs,
    startMs: histogram.startTimestampMs ?? 0,
    measures,
    buckets: toNativeBuckets(histogram),
    bucketNature: nature,
    problem: measures.length === 0 ? problem : undefined,
  }
}
