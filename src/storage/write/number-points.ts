import type { ProtoReader } from '../../wire/index.ts'
import { int64At } from './number-list.ts'
import { ROLE } from './otlp-series.ts'
import { takeFixed64 } from './payload.ts'
import { PointHead } from './point-head.ts'
import type { PointSink } from './point-sink.ts'

/** The field numbers of NumberDataPoint. */
const TIME = 3
const AS_DOUBLE = 4
const EXEMPLARS = 5
const AS_INT = 6
const ATTRIBUTES = 7
const FLAGS = 8

/** Gauges and sums → samples. */
export class NumberPoints {
  readonly #sink: PointSink
  readonly #head = new PointHead()

  constructor(sink: PointSink) {
    this.#sink = sink
  }

  /** Reads the NumberDataPoint that the reader stands in. Only counters have exemplars. */
  transcode(reader: ProtoReader, isDelta: boolean, isCounter: boolean): void {
    const head = this.#head
    const sink = this.#sink
    head.clear()
    let doubleAt = -1
    let integerAt = -1
    while (reader.next()) {
      switch (reader.field) {
        case AS_DOUBLE:
          doubleAt = takeFixed64(reader)
          break
        case AS_INT:
          integerAt = takeFixed64(reader)
          break
        default:
          this.#readHead(reader)
      }
    }
    if (!sink.accept(head)) return
    if (doubleAt < 0 && integerAt < 0 && !head.isStale) {
      sink.batch.reject('no_value')
      return
    }
    sink.series.resolve(ROLE.value)
    if (head.isStale) sink.samples.pushStale(sink.series, head.ms)
    else if (isDelta)
      this.#pushDelta(doubleAt < 0 ? int64At(reader.view, integerAt) : reader.view.getFloat64(doubleAt, true))
    else if (doubleAt < 0) sink.samples.push(sink.series, head.ms, int64At(reader.view, integerAt))
    else {
      const { view } = reader
      sink.samples.pushBits(sink.series, head.ms, view.getUint32(doubleAt, true), view.getUint32(doubleAt + 4, true))
    }
    if (isCounter) sink.pushExemplars(head, () => undefined)
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

  #pushDelta(value: number): void {
    if (!this.#sink.pushNumber(this.#head.ms, value, true)) this.#sink.batch.reject('delta_out_of_order')
  }
}
