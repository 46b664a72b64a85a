import { formatFloatShort } from '../../go-float.ts'
import { allBuckets, type Bucket, negativeBuckets, positiveBuckets, zeroBucket } from './bounds.ts'
import { type FloatHistogram, hasCustomBounds } from './float-histogram.ts'

/** `{count:3, sum:4, [-0.001,0.001]:1, (0.5,1]:2}`: the form in which `count_values` names a histogram. */
export function formatHistogram(histogram: FloatHistogram): string {
  const buckets = [
    ...negativeBuckets(histogram),
    ...(hasCustomBounds(histogram) ? [] : [zeroBucket(histogram)]),
    ...positiveBuckets(histogram),
  ]
  const parts = buckets.filter(({ count }) => count !== 0).map((bucket) => `, ${formatBucket(bucket)}`)
  const { count, sum } = histogram
  return `{count:${formatFloatShort(count)}, sum:${formatFloatShort(sum)}${parts.join('')}}`
}

function formatBucket({ lower, upper, count, lowerInclusive, upperInclusive }: Bucket): string {
  const bounds = `${formatFloatShort(lower)},${formatFloatShort(upper)}`
  return `${lowerInclusive ? '[' : '('}${bounds}${upperInclusive ? ']' : ')'}:${formatFloatShort(count)}`
}

/** A bucket as Prometheus' HTTP API has it: a number that says which bounds are part of it, the bounds, the count. */
export type ApiBucket = readonly [boundaryRule: 0 | 1 | 2 | 3, lower: number, upper: number, count: number]

/** The populated buckets as the HTTP API lists them. */
export function apiBuckets(histogram: FloatHistogram): ApiBucket[] {
  return allBuckets(histogram)
    .filter(({ count }) => count !== 0)
    .map((bucket) => [boundaryRule(bucket), bucket.lower, bucket.upper, bucket.count])
}

/** 0: open on the left, 1: open on the right, 2: open on both sides, 3: closed. */
function boundaryRule({ lowerInclusive, upperInclusive }: Bucket): ApiBucket[0] {
  if (lowerInclusive) return upperInclusive ? 3 : 1
  return upperInclusive ? 0 : 2
}
