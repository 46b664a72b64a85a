import { BYTES, FIXED64, type ProtoReader, VARINT } from '../proto/index.ts'
import { BUCKET_SPAN, HISTOGRAM } from './fields.ts'
import { takeSigned, takeUnsigned } from './numbers.ts'

/** Schemas of exponential buckets that are stored. */
const MIN_SCHEMA = -4
const MAX_SCHEMA = 8
/** The schema of histograms with custom bounds. */
const CUSTOM_BUCKETS = -53

/**
 * Reads native histograms, which are the same message in remote write 1.0 and 2.0, and finds out whether their parts
 * fit together, by the rules of Prometheus' `Histogram.Validate`: as many counts as the spans announce, none negative,
 * integers that sum up to the count, custom bounds that rise.
 */
export class HistogramCheck {
  /** Of the histogram that was read last, ms since the epoch. */
  ms = 0
  #schema = 0
  #isFloat = false
  #count = 0
  #sum = 0
  #zeroCount = 0
  #zeroThreshold = 0
  readonly #positive = new Buckets()
  readonly #negative = new Buckets()
  #bounds: number[] = []

  /** Reads the message that the reader stands in, to its end. Throws AppError `invalid` where it is malformed. */
  isValid(reader: ProtoReader): boolean {
    this.ms = 0
    this.#schema = 0
    this.#isFloat = false
    this.#count = 0
    this.#sum = 0
    this.#zeroCount = 0
    this.#zeroThreshold = 0
    this.#positive.clear()
    this.#negative.clear()
    this.#bounds = []
    while (reader.next()) this.#readField(reader)
    return this.#isConsistent()
  }

  #readField(reader: ProtoReader): void {
    switch (reader.field) {
      case HISTOGRAM.countInt:
        reader.expect(VARINT)
        this.#count = takeUnsigned(reader)
        this.#isFloat = false
        return
      case HISTOGRAM.countFloat:
        reader.expect(FIXED64)
        this.#count = reader.double()
        this.#isFloat = true
        return
      case HISTOGRAM.sum:
        reader.expect(FIXED64)
        this.#sum = reader.double()
        return
      case HISTOGRAM.schema:
        reader.expect(VARINT)
        this.#schema = reader.sint32()
        return
      case HISTOGRAM.zeroThreshold:
        reader.expect(FIXED64)
        this.#zeroThreshold = reader.double()
        return
      case HISTOGRAM.zeroCountInt:
        reader.expect(VARINT)
        this.#zeroCount = takeUnsigned(reader)
        return
      case HISTOGRAM.zeroCountFloat:
        reader.expect(FIXED64)
        this.#zeroCount = reader.double()
        return
      case HISTOGRAM.timestamp:
        reader.expect(VARINT)
        this.ms = takeSigned(reader)
        return
      case HISTOGRAM.resetHint:
      case HISTOGRAM.startTimestamp:
        reader.expect(VARINT)
        reader.skipVarint()
        return
      default:
        this.#readBuckets(reader)
    }
  }

  #readBuckets(reader: ProtoReader): void {
    switch (reader.field) {
      case HISTOGRAM.positiveSpans:
        this.#positive.readSpan(reader)
        return
      case HISTOGRAM.positiveDeltas:
        readDeltas(reader, this.#positive.deltas)
        return
      case HISTOGRAM.positiveCounts:
        readDoubles(reader, this.#positive.counts)
        return
      case HISTOGRAM.negativeSpans:
        this.#negative.readSpan(reader)
        return
      case HISTOGRAM.negativeDeltas:
        readDeltas(reader, this.#negative.deltas)
        return
      case HISTOGRAM.negativeCounts:
        readDoubles(reader, this.#negative.counts)
        return
      case HISTOGRAM.customValues:
        readDoubles(reader, this.#bounds)
        return
      default:
        reader.skip()
    }
  }

  #isConsistent(): boolean {
    const positive = this.#positive.total(this.#isFloat)
    const negative = this.#negative.total(this.#isFloat)
    if (positive === undefined || negative === undefined || this.#count < 0 || this.#zeroCount < 0) return false
    if (this.#schema === CUSTOM_BUCKETS) {
      if (!this.#hasCustomBuckets()) return false
    } else if (this.#schema < MIN_SCHEMA || this.#schema > MAX_SCHEMA || this.#bounds.length > 0) {
      return false
    }
    // Floats that were added up elsewhere need not be the same sum.
    if (this.#isFloat || this.#count > Number.MAX_SAFE_INTEGER) return true
    const total = positive + negative + this.#zeroCount
    // An observation that is no number falls into no bucket.
    return Number.isNaN(this.#sum) ? total <= this.#count : total === this.#count
  }

  #hasCustomBuckets(): boolean {
    if (!this.#negative.isEmpty || this.#zeroCount !== 0 || this.#zeroThreshold !== 0) return false
    if (!this.#positive.fitsBounds(this.#bounds.length)) return false
    return this.#bounds.every((bound, i) => Number.isFinite(bound) && bound > (this.#bounds[i - 1] ?? -Infinity))
  }
}

/** The buckets on one side of zero. */
class Buckets {
  readonly deltas: number[] = []
  readonly counts: number[] = []
  #spans = 0
  #announced = 0
  /** The index behind the last bucket. */
  #end = 0
  #startsBelowZero = false
  #hasGapBackwards = false

  get isEmpty(): boolean {
    return this.#spans === 0 && this.deltas.length === 0 && this.counts.length === 0
  }

  clear(): void {
    this.deltas.length = 0
    this.counts.length = 0
    this.#spans = 0
    this.#announced = 0
    this.#end = 0
    this.#startsBelowZero = false
    this.#hasGapBackwards = false
  }

  readSpan(reader: ProtoReader): void {
    reader.expect(BYTES)
    const outer = reader.enter()
    let offset = 0
    let length = 0
    while (reader.next()) {
      if (reader.field === BUCKET_SPAN.offset) {
        reader.expect(VARINT)
        offset = reader.sint32()
      } else if (reader.field === BUCKET_SPAN.length) {
        reader.expect(VARINT)
        length = reader.uint32()
      } else reader.skip()
    }
    reader.leave(outer)
    if (offset < 0) {
      if (this.#spans === 0) this.#startsBelowZero = true
      else this.#hasGapBackwards = true
    }
    this.#spans += 1
    this.#announced += length
    this.#end += offset + length
  }

  /** Whether there are bounds for all buckets, which are counted from 0; the last bucket has none. */
  fitsBounds(bounds: number): boolean {
    return !this.#startsBelowZero && this.#end <= bounds + 1
  }

  /** All counts together; undefined when they do not fit the spans, or one is negative. */
  total(isFloat: boolean): number | undefined {
    const list = isFloat ? this.counts : this.deltas
    if (this.#announced !== list.length || this.#hasGapBackwards) return undefined
    let count = 0
    let total = 0
    for (const value of list) {
      count = isFloat ? value : count + value
      if (count < 0) return undefined
      total += count
    }
    return total
  }
}

function readDeltas(reader: ProtoReader, list: number[]): void {
  if (reader.wireType === VARINT) {
    list.push(Number(reader.sint64()))
    return
  }
  reader.expect(BYTES)
  const outer = reader.enter()
  while (reader.pos < reader.end) {
    const zigzag = takeUnsigned(reader)
    list.push(zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2)
  }
  reader.leave(outer)
}

function readDoubles(reader: ProtoReader, list: number[]): void {
  if (reader.wireType === FIXED64) {
    list.push(reader.double())
    return
  }
  reader.expect(BYTES)
  const outer = reader.enter()
  while (reader.pos < reader.end) list.push(reader.double())
  reader.leave(outer)
}
