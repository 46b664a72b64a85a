import {
  type AttributeMap,
  flattenAttributes,
  hasNoValue,
  type ReadExponentialPoint,
  type ReadHistogramPoint,
  type ReadMetricPoint,
  readMetricPoints,
  type ReadScope,
  type ReadResource,
  type ReadSummaryPoint,
  type Temporality,
  toPlainText,
} from '../otlp/read/index.ts'
import { toExplicitBuckets, toExponentialBuckets } from './buckets.ts'
import type { Measure, MeasuredPoint, MeasureOrigin, Nature } from './measured-point.ts'

const NS_PER_MS = 1_000_000n

/** The data points of an OTLP metrics request as numbers. Throws AppError `invalid` for damaged bytes. */
export function* measureOtlp(payload: Uint8Array): Generator<MeasuredPoint> {
  let resource: ReadResource | undefined
  let scope: ReadScope | undefined
  let origin: MeasureOrigin | undefined
  for (const read of readMetricPoints(payload)) {
    if (origin === undefined || read.resource !== resource || read.scope !== scope) {
      resource = read.resource
      scope = read.scope
      origin = { resource: resource.attributes, scopeName: scope.name, scopeVersion: scope.version }
    }
    yield toMeasuredPoint(read, origin)
  }
}

type Numbers = Pick<MeasuredPoint, 'measures' | 'buckets' | 'bucketNature' | 'problem'>

function toMeasuredPoint(read: ReadMetricPoint, origin: MeasureOrigin): MeasuredPoint {
  const { metric, kind, point } = read
  return {
    origin,
    name: metric.name,
    unit: metric.unit,
    kind,
    timeMs: Number(point.timeNs / NS_PER_MS),
    startMs: Number(point.startTimeNs / NS_PER_MS),
    attributes: toTexts(point.attributes),
    ...toNumbers(read),
  }
}

/** Flat texts without empty ones. */
export function toTexts(attributes: AttributeMap): Map<string, string> {
  const texts = new Map<string, string>()
  for (const [key, value] of flattenAttributes(attributes)) {
    const text = toPlainText(value)
    if (text !== '' && key !== '') texts.set(key, text)
  }
  return texts
}

function toNumbers(read: ReadMetricPoint): Numbers {
  if (hasNoValue(read.point)) return nothing('no_value')
  switch (read.kind) {
    case 'gauge':
      return single(read.point.value, 'gauge')
    case 'sum': {
      const nature = natureOfSum(read.metric.temporality, read.metric.monotonic)
      return nature === undefined ? nothing('no_temporality') : single(read.point.value, nature)
    }
    case 'histogram':
      return distribution(read.point, read.metric.temporality, toExplicitBuckets(read.point))
    case 'exponential-histogram':
      return distribution(read.point, read.metric.temporality, toExponentialBuckets(read.point))
    case 'summary':
      return summary(read.point)
  }
}

function nothing(problem: MeasuredPoint['problem']): Numbers {
  return { measures: [], buckets: [], bucketNature: 'gauge', problem }
}

function single(value: number | bigint | undefined, nature: Nature): Numbers {
  if (value === undefined) return nothing('no_value')
  return withMeasures([{ part: '', value: Number(value), nature }])
}

/** Points of which no number is left have a problem. */
function withMeasures(measures: readonly Measure[], more: Partial<Numbers> = {}): Numbers {
  const finite = measures.filter(({ value }) => Number.isFinite(value))
  return { ...nothing(finite.length === 0 ? 'not_a_number' : undefined), ...more, measures: finite }
}

/** A sum that goes up and down is a gauge when it is told as a whole. */
function natureOfSum(temporality: Temporality, monotonic: boolean): Nature | undefined {
  if (temporality === 'unspecified') return undefined
  if (temporality === 'delta') return 'delta'
  return monotonic ? 'cumulative' : 'gauge'
}

function distribution(
  point: ReadHistogramPoint | ReadExponentialPoint,
  temporality: Temporality,
  buckets: MeasuredPoint['buckets'],
): Numbers {
  if (temporality === 'unspecified') return nothing('no_temporality')
  const measures: Measure[] = [{ part: 'count', value: Number(point.count), nature: temporality }]
  if (point.sum !== undefined) measures.push({ part: 'sum', value: point.sum, nature: temporality })
  if (point.min !== undefined) measures.push({ part: 'min', value: point.min, nature: 'gauge' })
  if (point.max !== undefined) measures.push({ part: 'max', value: point.max, nature: 'gauge' })
  return withMeasures(measures, { buckets, bucketNature: temporality })
}

/** Summaries are cumulative by definition. */
function summary({ count, sum, quantiles }: ReadSummaryPoint): Numbers {
  return withMeasures([
    { part: 'count', value: Number(count), nature: 'cumulative' },
    { part: 'sum', value: sum, nature: 'cumulative' },
    ...quantiles.map(({ quantile, value }) => ({ part: 'quantile', value, nature: 'gauge', quantile }) as const),
  ])
}
