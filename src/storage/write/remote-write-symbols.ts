import type { ProtoReader } from '../../wire/index.ts'
import { Hash64 } from './hash64.ts'
import { RangeList } from './payload.ts'

/** Request.symbols of io.prometheus.write.v2. */
const SYMBOLS = 4

const utf8 = new TextDecoder()

/** The strings of a remote write 2.0 request, to which everything in it refers by number. */
export class SymbolTable {
  readonly #reader: ProtoReader
  readonly #ranges = new RangeList()
  readonly #hashes: Int32Array
  readonly #texts = new Map<number, string>()

  /** Reads them in a pass over the whole request and leaves the reader at its beginning. */
  constructor(reader: ProtoReader) {
    this.#reader = reader
    const start = reader.pos
    while (reader.next()) {
      if (reader.field === SYMBOLS) this.#ranges.take(reader)
      else reader.skip()
    }
    reader.pos = start
    this.#hashes = hashAll(reader, this.#ranges)
  }

  get count(): number {
    return this.#ranges.count
  }

  hashLow(symbol: number): number {
    return this.#hashes[2 * symbol] ?? 0
  }

  hashHigh(symbol: number): number {
    return this.#hashes[2 * symbol + 1] ?? 0
  }

  /** The symbol's text; undefined when there is no such symbol. */
  text(symbol: number): string | undefined {
    if (symbol >= this.count) return undefined
    const known = this.#texts.get(symbol)
    if (known !== undefined) return known
    const text = utf8.decode(this.#reader.bytes.subarray(this.#ranges.start(symbol), this.#ranges.end(symbol)))
    this.#texts.set(symbol, text)
    return text
  }
}

function hashAll(reader: ProtoReader, ranges: RangeList): Int32Array {
  const hashes = new Int32Array(2 * ranges.count)
  const hash = new Hash64()
  for (let i = 0; i < ranges.count; i++) {
    hash.start()
    hash.bytes(reader.view, ranges.start(i), ranges.end(i))
    hash.finish()
    hashes[2 * i] = hash.low
    hashes[2 * i + 1] = hash.high
  }
  return hashes
}
