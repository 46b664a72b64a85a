import { AppError } from '../../core/index.ts'
import type { SampleRows } from './series-runs.ts'

/*
 * The answer to a question for samples, in ClickHouse's Native format (see `native-decoder.ts`), taken in as it comes:
 * of the two hundred megabytes that a wide query reads, each byte is copied once, from the socket to where the numbers
 * are wanted, into memory that is used again.
 */

const UTF8 = new TextDecoder()
const ALIGNMENT = 8
/** Longer than any head of a column: two numbers, a name and a type. */
const MAX_HEAD_BYTES = 256

/** Memory that one answer after the other is put into. */
export class AnswerMemory {
  #buffer = new ArrayBuffer(0)
  #used = 0

  get bytes(): number {
    return this.#buffer.byteLength
  }

  /** Afterwards there is room for another answer as large as the last one, and a little more. */
  clear(): void {
    if (this.#used > this.#buffer.byteLength) this.#buffer = new ArrayBuffer(Math.ceil(1.25 * this.#used))
    this.#used = 0
  }

  /** So many bytes, aligned for any number; whatever is in them. */
  take(length: number): Uint8Array<ArrayBuffer> {
    const start = this.#used
    this.#used += Math.ceil(length / ALIGNMENT) * ALIGNMENT
    return this.#used > this.#buffer.byteLength ? new Uint8Array(length) : new Uint8Array(this.#buffer, start, length)
  }
}

interface Column {
  readonly name: string
  readonly type: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** What stands where more bytes are needed to go on. */
const INCOMPLETE = Symbol('incomplete')

/** Takes columns `tag` (UInt32), `at` (UInt32 or Float64) and `value` (Float64). */
export class SampleAnswer {
  readonly #memory: AnswerMemory
  readonly #blocks: SampleRows[] = []
  /** The beginning of a head whose rest has not come. */
  #head: Uint8Array = new Uint8Array(0)
  #rows = 0
  #columnsLeft = 0
  #columns: Column[] = []
  #into: Uint8Array<ArrayBuffer> | undefined
  #filled = 0

  /** The memory is this answer's until nobody looks at its rows any more. */
  constructor(memory: AnswerMemory) {
    memory.clear()
    this.#memory = memory
  }

  /** Takes the next piece of the answer. Throws `corrupt` when it is not what was asked for. */
  write(piece: Uint8Array): void {
    let at = 0
    while (at < piece.length) {
      if (this.#into !== undefined) {
        at = this.#fill(this.#into, piece, at)
        continue
      }
      const kept = this.#head.length
      const bytes = kept === 0 ? piece.subarray(at) : joined(this.#head, piece.subarray(at, at + MAX_HEAD_BYTES))
      const length = this.#readHead(bytes)
      if (length === INCOMPLETE) {
        if (bytes.length > MAX_HEAD_BYTES) throw new AppError('corrupt', 'samples: the answer cannot be read')
        this.#head = bytes.slice()
        return
      }
      this.#head = new Uint8Array(0)
      at += length - kept
    }
  }

  /** All rows, when the last piece was taken. */
  finish(): readonly SampleRows[] {
    if (this.#into !== undefined || this.#columnsLeft > 0 || this.#head.length > 0) {
      throw new AppError('corrupt', 'samples: the answer ends in the middle')
    }
    return this.#blocks
  }

  #fill(into: Uint8Array, piece: Uint8Array, at: number): number {
    const end = Math.min(piece.length, at + into.length - this.#filled)
    into.set(piece.subarray(at, end), this.#filled)
    this.#filled += end - at
    if (this.#filled === into.length) this.#endColumn()
    return end
  }

  /** The head of a block or of a column; returns its length. */
  #readHead(bytes: Uint8Array): number | typeof INCOMPLETE {
    const head = new Head(bytes)
    if (this.#columnsLeft === 0) {
      const columns = head.varint()
      const rows = head.varint()
      if (columns === undefined || rows === undefined) return INCOMPLETE
      this.#columnsLeft = columns
      this.#rows = rows
      this.#columns = []
      return head.position
    }
    const name = head.text()
    const type = name === undefined ? undefined : head.text()
    if (name === undefined || type === undefined) return INCOMPLETE
    const width = type === 'UInt32' ? 4 : 8
    this.#into = this.#memory.take(width * this.#rows)
    this.#filled = 0
    this.#columns.push({ name, type, bytes: this.#into })
    if (this.#rows === 0) this.#endColumn()
    return head.position
  }

  #endColumn(): void {
    this.#into = undefined
    this.#columnsLeft -= 1
    if (this.#columnsLeft > 0 || this.#rows === 0) return
    this.#blocks.push({
      tags: this.#words('tag'),
      times: this.#column('at').type === 'UInt32' ? this.#words('at') : this.#floats('at'),
      values: this.#floats('value'),
    })
  }

  #words(name: string): Uint32Array {
    const { type, bytes } = this.#column(name)
    if (type !== 'UInt32') throw mismatch(name, type)
    return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
  }

  #floats(name: string): Float64Array {
    const { type, bytes } = this.#column(name)
    if (type !== 'Float64') throw mismatch(name, type)
    return new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8)
  }

  #column(name: string): Column {
    const found = this.#columns.find((column) => column.name === name)
    if (found === undefined) throw new AppError('corrupt', `samples: the answer has no column ${name}`)
    return found
  }
}

function mismatch(name: string, type: string): AppError {
  return new AppError('corrupt', `samples: column ${name} of the answer is ${type}`)
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

/** Reads what stands before numbers. Everything is undefined once there are too few bytes. */
class Head {
  readonly #bytes: Uint8Array
  position = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  varint(): number | undefined {
    let value = 0
    for (let factor = 1; factor < Number.MAX_SAFE_INTEGER; factor *= 0x80) {
      const byte = this.#bytes[this.position]
      if (byte === undefined) return undefined
      this.position += 1
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
    return undefined
  }

  text(): string | undefined {
    const length = this.varint()
    if (length === undefined || this.position + length > this.#bytes.length) return undefined
    this.position += length
    return UTF8.decode(this.#bytes.subarray(this.position - length, this.position))
  }
}
