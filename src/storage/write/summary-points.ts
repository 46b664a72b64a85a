import { BYTES, FIXED64, type ProtoReader } from '../../wire/index.ts'
import { NumberList, uint64At } from './number-list.ts'
import { ROLE } from './otlp-series.ts'
import { takeFixed64 } from './payload.ts'
import { PointHead } from './point-head.ts'
import type { PointSink } from './point-sink.ts'

/** The field numbers of SummaryDataPoint and its ValueAtQuantile. */
const TIME = 3
const COUNT = 4
const SUM = 5
const QUANTILE_VALUES = 6
const ATTRIBUTES = 7
const FLAGS = 8
const QUANTILE = 1
const VALUE = 2

/** Summaries → `{quantile}`, `_sum` and `_count`. They are always cumulative. */
export class SummaryPoints {
  readonly #sink: PointSink
  readonly #head = new PointHead()
  readonly #quantiles = new NumberList()
  readonly #values = new NumberList()

  constructor(sink: PointSink) {
    this.#sink = sink
  }

  /** Reads the SummaryDataPoint that the reader stands in. */
  transcode(reader: ProtoReader): void {
    const head = this.#head
    head.clear()
    this.#quantiles.clear()
    this.#values.clear()
    let count = 0
    let sum = 0
    while (reader.next()) {
      switch (reader.field) {
        case COUNT:
          count = uint64At(reader.view, takeFixed64(reader))
          break
        case SUM:
          reader.expect(FIXED64)
          sum = reader.double()
          break
        case QUANTILE_VALUES:
          this.#readQuantile(reader)
          break
        case ATTRIBUTES:
          head.attributes.take(reader)
          break
        case TIME:
          head.takeTime(reader)
          break
        case FLAGS:
          head.takeFlags(reader)
          break
        default:
          reader.skip()
      }
    }
    if (!this.#sink.accept(head)) return
    const { series } = this.#sink
    series.resolve(ROLE.sum)
    this.#push(sum)
    series.resolve(ROLE.count)
    this.#push(count)
    for (let i = 0; i < this.#quantiles.count; i++) {
      series.resolve(ROLE.quantile, this.#quantiles.at(i))
      this.#push(this.#values.at(i))
    }
  }

  #readQuantile(reader: ProtoReader): void {
    reader.expect(BYTES)
    const outer = reader.enter()
    let quantile = 0
    let value = 0
    while (reader.next()) {
      if (reader.field === QUANTILE) quantile = readDouble(reader)
      else if (reader.field === VALUE) value = readDouble(reader)
      else reader.skip()
    }
    this.#quantiles.push(quantile)
    this.#values.push(value)
    reader.leave(outer)
  }

  #push(value: number): void {
    const sink = this.#sink
    if (this.#head.isStale) sink.samples.pushStale(sink.series, this.#head.ms)
    else sink.samples.push(sink.series, this.#head.ms, value)
  }
}

function readDouble(reader: ProtoReader): number {
  reader.expect(FIXED64)
  return reader.double()
}
