import { type ProtoReader, VARINT } from '../../wire/index.ts'
import type { BatchContext } from './batch-context.ts'
import { nsToMs, RangeList, takeFixed64 } from './payload.ts'

/** DataPointFlags: the point says that there is no value any more. */
const NO_RECORDED_VALUE = 1

/** What all kinds of OTLP data points have, read anew for each. */
export class PointHead {
  readonly attributes = new RangeList()
  readonly exemplars = new RangeList()
  /** Set by `accept`. */
  ms = 0
  #timeLow = 0
  #timeHigh = 0
  #flags = 0

  get isStale(): boolean {
    return (this.#flags & NO_RECORDED_VALUE) !== 0
  }

  clear(): void {
    this.attributes.clear()
    this.exemplars.clear()
    this.#timeLow = 0
    this.#timeHigh = 0
    this.#flags = 0
  }

  takeTime(reader: ProtoReader): void {
    const at = takeFixed64(reader)
    this.#timeLow = reader.view.getInt32(at, true)
    this.#timeHigh = reader.view.getInt32(at + 4, true)
  }

  takeFlags(reader: ProtoReader): void {
    reader.expect(VARINT)
    this.#flags = reader.uint32()
  }

  /** Whether the point's time can be stored; if not, it is counted as rejected. */
  accept(batch: BatchContext): boolean {
    if ((this.#timeLow | this.#timeHigh) === 0) {
      batch.reject('no_time')
      return false
    }
    this.ms = nsToMs(this.#timeLow, this.#timeHigh)
    return batch.acceptsTime(this.ms)
  }
}
