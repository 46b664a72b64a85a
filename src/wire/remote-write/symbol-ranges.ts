import type { Splicer } from '../proto/index.ts'
import type { SymbolTable } from './request-walk.ts'
import type { Symbols } from './series-labels.ts'
import { isText } from './symbol-index.ts'

const QUESTION_MARK = 0x3f

/** The symbols of a remote write 2.0 request for whoever reads its labels. */
export class SymbolRanges implements Symbols {
  readonly bytes: Uint8Array
  readonly count: number
  readonly #starts: Int32Array
  readonly #lengths: Int32Array
  readonly #isText: Uint8Array

  constructor(bytes: Uint8Array, { starts, ends }: SymbolTable) {
    this.bytes = bytes
    this.count = starts.length
    this.#starts = Int32Array.from(starts)
    this.#lengths = Int32Array.from(ends, (end, i) => end - (starts[i] ?? 0))
    this.#isText = Uint8Array.from(starts, (start, i) => (isText(bytes, start, ends[i] ?? start) ? 1 : 0))
  }

  start(symbol: number): number {
    return this.#starts[symbol] ?? 0
  }

  length(symbol: number): number {
    return this.#lengths[symbol] ?? 0
  }

  isText(symbol: number): boolean {
    return this.#isText[symbol] === 1
  }

  /** Puts question marks in the place of symbols that are no UTF-8, or a strict reader would refuse all of it. */
  cleanse(splicer: Splicer): void {
    for (let symbol = 0; symbol < this.count; symbol++) {
      if (this.isText(symbol)) continue
      const start = this.start(symbol)
      const length = this.length(symbol)
      splicer.replace(start, start + length, new Uint8Array(length).fill(QUESTION_MARK))
    }
  }
}
