import { FIXED64, type ProtoReader } from '../../wire/index.ts'
import { NumberList, uint64At } from './number-list.ts'
import { ROLE } from './otlp-series.ts'
import { takeFixed64 } from './payload.ts'
import { PointHead } from './point-head.ts'
import type { PointSink } from './point-sink.ts'

/** The field numbers of HistogramDataPoint. */
const TIME = 3
const COUNT = 4
const SUM = 5
const BUCKET_COUNTS = 6
const EXPLICIT_BOUNDS = 7
const EXEMPLARS = 8
const ATTRIBUTES = 9
const FLAGS = 10

/** Histograms with explicit bounds → `_bucket{le}`, `_sum` and `_count`. */
export class HistogramPoints {
  readonly #sink: PointSink
  readonly #head = new PointHead()
  readonly #counts = new NumberList()
  readonly #bounds = new NumberList()
  #count = 0
  #sum: number | undefined

  constructor(sink: PointSink) {
    this.#sink = sink
  }

  /** Reads the HistogramDataPoint that the reader stands in. */
  transcode(reader: ProtoReader, isDelta: boolean): void {
    const head = this.#head
    const sink = this.#sink
    this.#read(reader)
    if (!this.#isWellFormed()) {
      sink.batch.reject('bad_histogram')
      return
    }
    if (!sink.accept(head)) return
    sink.series.resolve(ROLE.count)
    // All series of the point have the times of its count, so what holds for that holds for them.
    if (head.isStale) sink.samples.pushStale(sink.series, head.ms)
    else if (!sink.pushNumber(head.ms, this.#count, isDelta)) {
      sink.batch.reject('delta_out_of_order')
      return
    }
    if (this.#sum !== undefined) {
      sink.series.resolve(ROLE.sum)
      this.#push(this.#sum, isDelta)
    }
    this.#pushBuckets(isDelta)
    sink.pushExemplars(head, (value) => {
      sink.series.resolve(ROLE.bucket, this.#boundOf(value))
    })
  }

  #read(reader: ProtoReader): void {
    const head = this.#head
    head.clear()
    this.#counts.clear()
    this.#bounds.clear()
    this.#count = 0
    this.#sum = undefined
    while (reader.next()) {
      switch (reader.field) {
        case COUNT:
          this.#count = uint64At(reader.view, takeFixed64(reader))
          break
        case SUM:
          reader.expect(FIXED64)
          this.#sum = reader.double()
          break
        case BUCKET_COUNTS:
          this.#counts.takeFixed64s(reader)
          break
        case EXPLICIT_BOUNDS:
          this.#bounds.takeDoubles(reader)
          break
        default:
          this.#readHead(reader)
      }
    }
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

  /** One more count than bounds, or none of either; bounds in ascending order. */
  #isWellFormed(): boolean {
    const { count: bounds } = this.#bounds
    if (this.#counts.count !== bounds + 1 && (this.#counts.count !== 0 || bounds !== 0)) return false
    for (let i = 0; i < bounds; i++) {
      if (Number.isNaN(this.#bounds.at(i)) || (i > 0 && this.#bounds.at(i) <= this.#bounds.at(i - 1))) return false
    }
    return true
  }

  #pushBuckets(isDelta: boolean): void {
    const { series } = this.#sink
    let cumulative = 0
    for (let i = 0; i < this.#bounds.count; i++) {
      cumulative += this.#counts.at(i)
      // A last bound of +Inf is the bucket that is written anyway.
      if (this.#bounds.at(i) === Infinity) break
      series.resolve(ROLE.bucket, this.#bounds.at(i))
      this.#push(cumulative, isDelta)
    }
    series.resolve(ROLE.bucket, Infinity)
    this.#push(this.#count, isDelta)
  }

  #push(value: number, isDelta: boolean): void {
    const sink = this.#sink
    if (this.#head.isStale) sink.samples.pushStale(sink.series, this.#head.ms)
    else sink.pushNumber(this.#head.ms, value, isDelta)
  }

  /** The upper bound of the bucket in which the value lies. */
  #boundOf(value: number): number {
    for (let i = 0; i < this.#bounds.count; i++) if (value <= this.#bounds.at(i)) return this.#bounds.at(i)
    return Infinity
  }
}
