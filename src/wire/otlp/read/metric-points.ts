import {
  FIXED64,
  type ProtoReader,
  VARINT,
  takeDouble,
  takeFixed64,
  takeHex,
  takeRepeated,
  takeSfixed64,
  takeSint32,
  takeUint32,
} from '../../proto/index.ts'
import type { AnyValue } from './any-value.ts'
import { type AttributeMap, takeAttribute } from './attributes.ts'
import { inMessage } from './items.ts'

export interface ReadExemplar {
  readonly timeNs: bigint
  /** Integers are bigints. */
  readonly value: number | bigint
  readonly traceId: string
  readonly spanId: string
  readonly attributes: AttributeMap
}

/** What all kinds of data points have. Times are nanoseconds since the epoch, 0 if absent. */
interface PointHead {
  readonly attributes: AttributeMap
  readonly startTimeNs: bigint
  readonly timeNs: bigint
  readonly flags: number
  readonly exemplars: readonly ReadExemplar[]
}

/** Of a gauge or sum. Integers are bigints; undefined if the point has no value (then it is marked as such). */
export interface ReadNumberPoint extends PointHead {
  readonly value: number | bigint | undefined
}

export interface ReadHistogramPoint extends PointHead {
  readonly count: bigint
  readonly sum: number | undefined
  readonly min: number | undefined
  readonly max: number | undefined
  /** One more than bounds, or empty. */
  readonly bucketCounts: readonly bigint[]
  /** Upper bounds, inclusive. */
  readonly bounds: readonly number[]
}

export interface ReadBuckets {
  readonly offset: number
  readonly counts: readonly bigint[]
}

export interface ReadExponentialPoint extends PointHead {
  readonly count: bigint
  readonly sum: number | undefined
  readonly min: number | undefined
  readonly max: number | undefined
  readonly scale: number
  readonly zeroCount: bigint
  readonly zeroThreshold: number
  readonly positive: ReadBuckets
  readonly negative: ReadBuckets
}

export interface ReadSummaryPoint extends PointHead {
  readonly count: bigint
  readonly sum: number
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[]
}

/** The flag by which a sender marks the end of a series (`DataPointFlags`). */
const NO_RECORDED_VALUE = 1

/** Whether the point says that there is no value. */
export function hasNoValue(point: PointHead): boolean {
  return (point.flags & NO_RECORDED_VALUE) !== 0
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** What is filled while a point is read. */
interface Lists {
  readonly attributes: Map<string, AnyValue>
  readonly exemplars: ReadExemplar[]
}

type Fields<Point> = Readonly<Record<number, (reader: ProtoReader, point: Mutable<Point>, lists: Lists) => unknown>>

const NO_TIMES = { startTimeNs: 0n, timeNs: 0n, flags: 0 }

function readFields<Point>(reader: ProtoReader, fields: Fields<Point>, empty: (lists: Lists) => Mutable<Point>): Point {
  const lists: Lists = { attributes: new Map(), exemplars: [] }
  const point = empty(lists)
  while (reader.next()) {
    const take = fields[reader.field]
    if (take === undefined) reader.skip()
    else take(reader, point, lists)
  }
  return point
}

/** Each of these reads the point that the reader stands in, to its end. */
export function readNumberPoint(reader: ProtoReader): ReadNumberPoint {
  return readFields(reader, NUMBER_FIELDS, (lists) => ({ ...lists, ...NO_TIMES, value: undefined }))
}

export function readHistogramPoint(reader: ProtoReader): ReadHistogramPoint {
  const bucketCounts: bigint[] = []
  const bounds: number[] = []
  return readFields(
    reader,
    {
      ...HISTOGRAM_FIELDS,
      6: () => takeRepeated(reader, FIXED64, () => reader.fixed64(), bucketCounts),
      7: () => takeRepeated(reader, FIXED64, () => reader.double(), bounds),
    },
    (lists) => ({ ...lists, ...NO_TIMES, ...NO_TOTALS, bucketCounts, bounds }),
  )
}

export function readExponentialPoint(reader: ProtoReader): ReadExponentialPoint {
  return readFields(reader, EXPONENTIAL_FIELDS, (lists) => ({
    ...lists,
    ...NO_TIMES,
    ...NO_TOTALS,
    scale: 0,
    zeroCount: 0n,
    zeroThreshold: 0,
    positive: NO_BUCKETS,
    negative: NO_BUCKETS,
  }))
}

export function readSummaryPoint(reader: ProtoReader): ReadSummaryPoint {
  const quantiles: { quantile: number; value: number }[] = []
  return readFields(reader, { ...SUMMARY_FIELDS, 6: () => quantiles.push(readQuantile(reader)) }, (lists) => ({
    ...lists,
    ...NO_TIMES,
    count: 0n,
    sum: 0,
    quantiles,
  }))
}

const NO_TOTALS = { count: 0n, sum: undefined, min: undefined, max: undefined }
const NO_BUCKETS: ReadBuckets = { offset: 0, counts: [] }

const NUMBER_FIELDS: Fields<ReadNumberPoint> = {
  2: (reader, point) => (point.startTimeNs = takeFixed64(reader)),
  3: (reader, point) => (point.timeNs = takeFixed64(reader)),
  4: (reader, point) => (point.value = takeDouble(reader)),
  5: (reader, _point, { exemplars }) => exemplars.push(readExemplar(reader)),
  6: (reader, point) => (point.value = takeSfixed64(reader)),
  7: (reader, _point, { attributes }) => takeAttribute(reader, attributes),
  8: (reader, point) => (point.flags = takeUint32(reader)),
}

const HISTOGRAM_FIELDS: Fields<ReadHistogramPoint> = {
  2: (reader, point) => (point.startTimeNs = takeFixed64(reader)),
  3: (reader, point) => (point.timeNs = takeFixed64(reader)),
  4: (reader, point) => (point.count = takeFixed64(reader)),
  5: (reader, point) => (point.sum = takeDouble(reader)),
  8: (reader, _point, { exemplars }) => exemplars.push(readExemplar(reader)),
  9: (reader, _point, { attributes }) => takeAttribute(reader, attributes),
  10: (reader, point) => (point.flags = takeUint32(reader)),
  11: (reader, point) => (point.min = takeDouble(reader)),
  12: (reader, point) => (point.max = takeDouble(reader)),
}

const EXPONENTIAL_FIELDS: Fields<ReadExponentialPoint> = {
  1: (reader, _point, { attributes }) => takeAttribute(reader, attributes),
  2: (reader, point) => (point.startTimeNs = takeFixed64(reader)),
  3: (reader, point) => (point.timeNs = takeFixed64(reader)),
  4: (reader, point) => (point.count = takeFixed64(reader)),
  5: (reader, point) => (point.sum = takeDouble(reader)),
  6: (reader, point) => (point.scale = takeSint32(reader)),
  7: (reader, point) => (point.zeroCount = takeFixed64(reader)),
  8: (reader, point) => (point.positive = readBuckets(reader, point.positive)),
  9: (reader, point) => (point.negative = readBuckets(reader, point.negative)),
  10: (reader, point) => (point.flags = takeUint32(reader)),
  11: (reader, _point, { exemplars }) => exemplars.push(readExemplar(reader)),
  12: (reader, point) => (point.min = takeDouble(reader)),
  13: (reader, point) => (point.max = takeDouble(reader)),
  14: (reader, point) => (point.zeroThreshold = takeDouble(reader)),
}

const SUMMARY_FIELDS: Fields<ReadSummaryPoint> = {
  2: (reader, point) => (point.startTimeNs = takeFixed64(reader)),
  3: (reader, point) => (point.timeNs = takeFixed64(reader)),
  4: (reader, point) => (point.count = takeFixed64(reader)),
  5: (reader, point) => (point.sum = takeDouble(reader)),
  7: (reader, _point, { attributes }) => takeAttribute(reader, attributes),
  8: (reader, point) => (point.flags = takeUint32(reader)),
}

/** A message that is given twice is merged. */
function readBuckets(reader: ProtoReader, before: ReadBuckets): ReadBuckets {
  let { offset } = before
  const counts = [...before.counts]
  inMessage(reader, () => {
    if (reader.field === 1) offset = takeSint32(reader)
    else if (reader.field === 2) takeRepeated(reader, VARINT, () => reader.uint64(), counts)
    else reader.skip()
  })
  return { offset, counts }
}

function readQuantile(reader: ProtoReader): { quantile: number; value: number } {
  let quantile = 0
  let value = 0
  inMessage(reader, () => {
    if (reader.field === 1) quantile = takeDouble(reader)
    else if (reader.field === 2) value = takeDouble(reader)
    else reader.skip()
  })
  return { quantile, value }
}

function readExemplar(reader: ProtoReader): ReadExemplar {
  const attributes = new Map<string, AnyValue>()
  const exemplar = { timeNs: 0n, value: 0 as number | bigint, traceId: '', spanId: '' }
  inMessage(reader, () => {
    if (reader.field === 2) exemplar.timeNs = takeFixed64(reader)
    else if (reader.field === 3) exemplar.value = takeDouble(reader)
    else if (reader.field === 4) exemplar.spanId = takeHex(reader)
    else if (reader.field === 5) exemplar.traceId = takeHex(reader)
    else if (reader.field === 6) exemplar.value = takeSfixed64(reader)
    else if (reader.field === 7) takeAttribute(reader, attributes)
    else reader.skip()
  })
  return { ...exemplar, attributes }
}
