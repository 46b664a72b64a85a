import { BYTES, FIXED64, type ProtoReader, VARINT } from '../../wire/index.ts'
import { type BucketSpans, MAX_SCALE, MIN_SCALE } from '../../wire/prometheus/index.ts'
import type { NativeHistogram } from './histogram-rows.ts'
import { NumberList, takeSignedVarint, takeVarint } from './number-list.ts'
import { takeFixed64 } from './payload.ts'

/** The schema of histograms with custom bounds. */
const CUSTOM_BUCKETS = -53

/** The field numbers of io.prometheus.write.v2.Histogram and BucketSpan. */
const COUNT_INT = 1
const COUNT_FLOAT = 2
const SUM = 3
const SCHEMA = 4
const ZERO_THRESHOLD = 5
const ZERO_COUNT_INT = 6
const ZERO_COUNT_FLOAT = 7
const NEGATIVE_SPANS = 8
const NEGATIVE_DELTAS = 9
const NEGATIVE_COUNTS = 10
const POSITIVE_SPANS = 11
const POSITIVE_DELTAS = 12
const POSITIVE_COUNTS = 13
const RESET_HINT = 14
const TIMESTAMP = 15
const CUSTOM_VALUES = 16
const START_TIMESTAMP = 17
const SPAN_OFFSET = 1
const SPAN_LENGTH = 2

/** A native histogram of remote write 2.0 with its time. */
export interface TimedHistogram {
  readonly ms: number
  /** When it began to count; 0 when that is not known. */
  readonly startMs: number
  /** Undefined when its parts contradict each other. */
  readonly histogram: NativeHistogram | undefined
}

/** Reads the Histogram that the reader stands in, to its end. */
export function readNativeHistogram(reader: ProtoReader): TimedHistogram {
  const histogram = new HistogramReader()
  while (reader.next()) histogram.readField(reader)
  return { ms: histogram.ms, startMs: histogram.startMs, histogram: histogram.toNative() }
}

class HistogramReader {
  ms = 0
  startMs = 0
  #schema = 0
  #resetHint = 0
  #isFloat = false
  #count = 0
  #sumLow = 0
  #sumHigh = 0
  #zeroThreshold = 0
  #zeroCount = 0
  readonly #positive = new BucketReader()
  readonly #negative = new BucketReader()
  readonly #customValues = new NumberList()

  readField(reader: ProtoReader): void {
    switch (reader.field) {
      case COUNT_INT:
        reader.expect(VARINT)
        this.#count = takeVarint(reader)
        return
      case COUNT_FLOAT:
        reader.expect(FIXED64)
        this.#count = reader.double()
        this.#isFloat = true
        return
      case SUM: {
        const at = takeFixed64(reader)
        this.#sumLow = reader.view.getUint32(at, true)
        this.#sumHigh = reader.view.getUint32(at + 4, true)
        return
      }
      case SCHEMA:
        reader.expect(VARINT)
        this.#schema = reader.sint32()
        return
      case RESET_HINT:
        reader.expect(VARINT)
        this.#resetHint = reader.uint32()
        return
      case TIMESTAMP:
        reader.expect(VARINT)
        this.ms = takeSignedVarint(reader)
        return
      case START_TIMESTAMP:
        reader.expect(VARINT)
        this.startMs = takeSignedVarint(reader)
        return
      default:
        this.#readBuckets(reader)
    }
  }

  toNative(): NativeHistogram | undefined {
    const positive = this.#positive.toSpans(this.#isFloat)
    const negative = this.#negative.toSpans(this.#isFloat)
    const isKnownSchema = (this.#schema >= MIN_SCALE && this.#schema <= MAX_SCALE) || this.#schema === CUSTOM_BUCKETS
    if (positive === undefined || negative === undefined || !isKnownSchema) return undefined
    const custom = this.#customValues
    return {
      schema: this.#schema,
      resetHint: this.#resetHint,
      isFloat: this.#isFloat,
      count: this.#count,
      sumLow: this.#sumLow,
      sumHigh: this.#sumHigh,
      zeroThreshold: this.#zeroThreshold,
      zeroCount: this.#zeroCount,
      positive,
      negative,
      customValues: Array.from({ length: custom.count }, (_, i) => custom.at(i)),
    }
  }

  #readBuckets(reader: ProtoReader): void {
    switch (reader.field) {
      case ZERO_THRESHOLD:
        reader.expect(FIXED64)
        this.#zeroThreshold = reader.double()
        return
      case ZERO_COUNT_INT:
        reader.expect(VARINT)
        this.#zeroCount = takeVarint(reader)
        return
      case ZERO_COUNT_FLOAT:
        reader.expect(FIXED64)
        this.#zeroCount = reader.double()
        return
      case CUSTOM_VALUES:
        this.#customValues.takeDoubles(reader)
        return
      case POSITIVE_SPANS:
      case POSITIVE_DELTAS:
      case POSITIVE_COUNTS:
        this.#positive.readField(reader, reader.field - POSITIVE_SPANS)
        return
      case NEGATIVE_SPANS:
      case NEGATIVE_DELTAS:
      case NEGATIVE_COUNTS:
        this.#negative.readField(reader, reader.field - NEGATIVE_SPANS)
        return
      default:
        reader.skip()
    }
  }
}

/** Spans with counts, either as differences from bucket to bucket (integers) or absolute (floats). */
class BucketReader {
  readonly #offsets: number[] = []
  readonly #lengths: number[] = []
  readonly #deltas = new NumberList()
  readonly #counts = new NumberList()

  /** `kind`: 0 span, 1 deltas, 2 counts. */
  readField(reader: ProtoReader, kind: number): void {
    if (kind === 0) this.#readSpan(reader)
    else if (kind === 1) this.#deltas.takeZigzags(reader)
    else this.#counts.takeDoubles(reader)
  }

  toSpans(isFloat: boolean): BucketSpans | undefined {
    const list = isFloat ? this.#counts : this.#deltas
    let buckets = 0
    for (const length of this.#lengths) buckets += length
    if (buckets !== list.count || this.#offsets.slice(1).some((offset) => offset < 0)) return undefined
    const counts: number[] = []
    let count = 0
    for (let i = 0; i < list.count; i++) {
      count = isFloat ? list.at(i) : count + list.at(i)
      if (count < 0) return undefined
      counts.push(count)
    }
    return { offsets: this.#offsets, lengths: this.#lengths, counts }
  }

  #readSpan(reader: ProtoReader): void {
    reader.expect(BYTES)
    const outer = reader.enter()
    let offset = 0
    let length = 0
    while (reader.next()) {
      if (reader.field === SPAN_OFFSET && reader.wireType === VARINT) offset = reader.sint32()
      else if (reader.field === SPAN_LENGTH && reader.wireType === VARINT) length = reader.uint32()
      else reader.skip()
    }
    reader.leave(outer)
    this.#offsets.push(offset)
    this.#lengths.push(length)
  }
}
