import { nsToMs, SPAN_ID_BYTES, SpanRecord, TRACE_ID_BYTES } from '../../../storage/write/index.ts'
import type { ProtoReader } from '../../../wire/index.ts'
import { IDS_BYTES } from './latency-histogram.ts'

const TWO_32 = 0x1_0000_0000

/** A span with what is counted of it, read anew for each. */
export class TimedSpan {
  readonly record = new SpanRecord()
  /** As sent. */
  bytes = 0
  seconds = 0
  endMs = 0
  readonly #ids = new Uint8Array(IDS_BYTES)
  #hasIds = false
  #from: Uint8Array = new Uint8Array(0)

  /** The trace id and the span id behind it; for most spans nobody asks. */
  get ids(): Uint8Array {
    if (this.#hasIds) return this.#ids
    const { traceId, spanId } = this.record
    for (let i = 0; i < TRACE_ID_BYTES; i++) this.#ids[i] = this.#from[traceId.start + i] ?? 0
    for (let i = 0; i < SPAN_ID_BYTES; i++) this.#ids[TRACE_ID_BYTES + i] = this.#from[spanId.start + i] ?? 0
    this.#hasIds = true
    return this.#ids
  }

  /** Reads the Span that the reader stands in; false for one that no store takes. */
  read(reader: ProtoReader): boolean {
    const { record } = this
    this.bytes = reader.end - reader.pos
    record.read(reader)
    if (record.traceId.length !== TRACE_ID_BYTES || record.spanId.length !== SPAN_ID_BYTES || !record.hasStart) {
      return false
    }
    this.seconds = ((record.durationHigh >>> 0) * TWO_32 + (record.durationLow >>> 0)) / 1e9
    this.endMs = nsToMs(record.endLow, record.endHigh)
    this.#from = reader.bytes
    this.#hasIds = false
    return true
  }
}
