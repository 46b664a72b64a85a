import { ByteBuffer } from './byte-buffer.ts'
import type { RepeatableColumn } from './column.ts'

/** String: each value is its length as a varint, then its bytes. */
export class StringColumn implements RepeatableColumn {
  readonly type = 'String'
  rows = 0
  readonly #values = new ByteBuffer(1024)
  readonly #scratch = new ByteBuffer(64)
  #savedRows = 0
  #savedLength = 0

  push(source: Uint8Array, start = 0, end = source.length): void {
    this.#values.varint(end - start)
    this.#values.append(source, start, end)
    this.rows++
  }

  /** As `push`, with one byte in front of the value. */
  pushTagged(tag: number, source: Uint8Array, start = 0, end = source.length): void {
    this.#values.varint(end - start + 1)
    this.#values.byte(tag)
    this.#values.append(source, start, end)
    this.rows++
  }

  pushEmpty(): void {
    this.#values.byte(0)
    this.rows++
  }

  pushText(value: string): void {
    this.#scratch.length = 0
    this.#scratch.text(value)
    this.push(this.#scratch.bytes, 0, this.#scratch.length)
  }

  writePrefix(): void {}

  writeData(out: ByteBuffer): void {
    out.append(this.#values.bytes, 0, this.#values.length)
  }

  reset(): void {
    this.rows = 0
    this.#values.length = 0
  }

  save(): void {
    this.#savedRows = this.rows
    this.#savedLength = this.#values.length
  }

  restore(): void {
    this.rows = this.#savedRows
    this.#values.length = this.#savedLength
  }

  mark(): number {
    return this.#values.length
  }

  repeat(from: number, to: number, rows: number): void {
    this.#values.repeat(from, to)
    this.rows += rows
  }
}
