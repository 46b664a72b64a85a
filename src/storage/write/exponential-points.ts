import { STALE_NAN_HIGH, STALE_NAN_LOW } from '../../model/index.ts'
import { BYTES, FIXED64, type ProtoReader, VARINT } from '../../wire/index.ts'
import {
  type DenseBuckets,
  type ExponentialHistogram,
  isStorable,
  MAX_SCALE,
  NO_BUCKETS,
  NO_DENSE_BUCKETS,
  rescale,
  toSpans,
} from '../../wire/prometheus/index.ts'
import type { NativeHistogram } from './histogram-rows.ts'
import { NumberList, uint64At } from './number-list.ts'
import { ROLE } from './otlp-series.ts'
import { takeFixed64 } from './payload.ts'
import { PointHead } from './point-head.ts'
import type { PointSink } from './point-sink.ts'

/** The field numbers of ExponentialHistogramDataPoint and its Buckets. */
const ATTRIBUTES = 1
const TIME = 3
const COUNT = 4
const SUM = 5
const SCALE = 6
const ZERO_COUNT = 7
const POSITIVE = 8
const NEGATIVE = 9
const FLAGS = 10
const EXEMPLARS = 11
const ZERO_THRESHOLD = 14
const BUCKETS_OFFSET = 1
const BUCKETS_COUNTS = 2

/** What stands for a threshold that the sender did not set. */
const DEFAULT_ZERO_THRESHOLD = 1e-128

const doubles = new Float64Array(1)
const words = new Uint32Array(doubles.buffer)

const STALE: NativeHistogram = {
  schema: 0,
  resetHint: 0,
  isFloat: false,
  count: 0,
  sumLow: STALE_NAN_LOW,
  sumHigh: STALE_NAN_HIGH,
  zeroThreshold: 0,
  zeroCount: 0,
  positive: NO_BUCKETS,
  negative: NO_BUCKETS,
  customValues: [],
}

/** Exponential histograms → native histograms. */
export class ExponentialPoints {
  readonly #sink: PointSink
  readonly #head = new PointHead()
  #hasSum = false

  constructor(sink: PointSink) {
    this.#sink = sink
  }

  /** Reads the ExponentialHistogramDataPoint that the reader stands in. */
  transcode(reader: ProtoReader, isDelta: boolean): void {
    const sink = this.#sink
    const head = this.#head
    const point = this.#read(reader)
    if (!head.isStale && !this.#isConvertible(point)) return
    if (!sink.accept(head)) return
    sink.series.resolve(ROLE.value)
    if (head.isStale) {
      sink.histograms.push(sink.series, head.ms, STALE)
      return
    }
    const histogram = rescale(point, MAX_SCALE)
    const total = isDelta ? sink.totals.exponentials.add(sink.series, head.ms, histogram) : histogram
    if (total === undefined) {
      sink.batch.reject('delta_out_of_order')
      return
    }
    sink.histograms.push(sink.series, head.ms, toNative(total))
    sink.pushExemplars(head, () => undefined)
  }

  #isConvertible(point: ExponentialHistogram): boolean {
    if (!isStorable(point)) {
      this.#sink.batch.reject('bad_histogram')
      return false
    }
    if (!this.#hasSum) {
      this.#sink.batch.reject('no_sum')
      return false
    }
    return true
  }

  #read(reader: ProtoReader): ExponentialHistogram {
    this.#head.clear()
    this.#hasSum = false
    const point = {
      scale: 0,
      count: 0,
      sum: 0,
      zeroThreshold: 0,
      zeroCount: 0,
      positive: NO_DENSE_BUCKETS,
      negative: NO_DENSE_BUCKETS,
    }
    while (reader.next()) {
      switch (reader.field) {
        case COUNT:
          point.count = uint64At(reader.view, takeFixed64(reader))
          break
        case SUM:
          reader.expect(FIXED64)
          point.sum = reader.double()
          this.#hasSum = true
          break
        case SCALE:
          reader.expect(VARINT)
          point.scale = reader.sint32()
          break
        case ZERO_COUNT:
          point.zeroCount = uint64At(reader.view, takeFixed64(reader))
          break
        case POSITIVE:
          point.positive = readBuckets(reader)
          break
        case NEGATIVE:
          point.negative = readBuckets(reader)
          break
        case ZERO_THRESHOLD:
          reader.expect(FIXED64)
          point.zeroThreshold = reader.double()
          break
        default:
          this.#readHead(reader)
      }
    }
    return point
  }

  #readHead(reader: ProtoReader): void {
    switch (reader.field) {
      case ATTRIBUTES:
        this.#head.attributes.take(reader)
        return
      case TIME:
        this.#head.takeTime(reader)
        return
      case EXEMPLARS:
        this.#head.exemplars.take(reader)
        return
      case FLAGS:
        this.#head.takeFlags(reader)
        return
      default:
        reader.skip()
    }
  }
}

function readBuckets(reader: ProtoReader): DenseBuckets {
  reader.expect(BYTES)
  const outer = reader.enter()
  const counts = new NumberList()
  let offset = 0
  while (reader.next()) {
    if (reader.field === BUCKETS_OFFSET) {
      reader.expect(VARINT)
      offset = reader.sint32()
    } else if (reader.field === BUCKETS_COUNTS) {
      counts.takeVarints(reader)
    } else {
      reader.skip()
    }
  }
  reader.leave(outer)
  return { offset, counts: Array.from({ length: counts.count }, (_, i) => counts.at(i)) }
}

function toNative(histogram: ExponentialHistogram): NativeHistogram {
  doubles[0] = histogram.sum
  return {
    schema: histogram.scale,
    resetHint: 0,
    isFloat: false,
    count: histogram.count,
    sumLow: words[0] ?? 0,
    sumHigh: words[1] ?? 0,
    zeroThreshold: histogram.zeroThreshold === 0 ? DEFAULT_ZERO_THRESHOLD : histogram.zeroThreshold,
    zeroCount: histogram.zeroCount,
    positive: toSpans(histogram.positive),
    negative: toSpans(histogram.negative),
    customValues: [],
  }
}
