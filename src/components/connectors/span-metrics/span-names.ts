import { type ByteRange, Hash64, KeyTable } from '../../../storage/write/index.ts'
import type { ProtoReader } from '../../../wire/index.ts'
import { textOf } from './attribute-picker.ts'
import { withoutIds } from './span-name.ts'

interface Key {
  readonly low: number
  readonly high: number
}

const MAX_KNOWN = 50_000

/** Keys of span names: of their bytes, or of what is left of them without ids. */
export class SpanNames {
  readonly #withoutIds: boolean
  readonly #hash = new Hash64()
  /** Of names as they came → what they become. Forgotten as a whole when there are many. */
  #table = new KeyTable()
  #keys: Key[] = []

  constructor(shortened: boolean) {
    this.#withoutIds = shortened
  }

  /** The result is good until the next call. */
  key(reader: ProtoReader, name: ByteRange): Key {
    const hash = this.#hash
    hash.start()
    hash.bytes(reader.view, name.start, name.end)
    hash.finish()
    if (!this.#withoutIds) return hash
    const { low, high } = hash
    const known = this.#keys[this.#table.find(low, high)]
    if (known !== undefined) return known
    if (this.#keys.length >= MAX_KNOWN) {
      this.#table = new KeyTable()
      this.#keys = []
    }
    hash.start()
    hash.text(this.text(reader, name))
    hash.finish()
    const key = { low: hash.low, high: hash.high }
    this.#table.add(low, high)
    this.#keys.push(key)
    return key
  }

  text(reader: ProtoReader, name: ByteRange): string {
    const text = textOf(reader, name)
    return this.#withoutIds ? withoutIds(text) : text
  }
}
