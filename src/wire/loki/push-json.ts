import { AppError } from '../../core/index.ts'
import { JSON_KINDS, JsonReader, JsonText } from '../json/index.ts'
import { type StreamLabels, toStreamLabels } from './stream-labels.ts'
import { LokiStreamWriter } from './stream-writer.ts'
import { DEFAULT_LOKI_LIMITS, type LokiLimits, type LokiProblem, type LokiTime, type LokiVerdict } from './verdict.ts'

const STREAMS = Buffer.from('streams')
const STREAM = Buffer.from('stream')
const VALUES = Buffer.from('values')

/** Digits of nanoseconds below a second. */
const NANO_DIGITS = 9
/** Nanoseconds since the epoch have 19 today; more than 20 never fit 64 bits. */
const MAX_DIGITS = 20

/**
 * Reads Loki's push in JSON and writes what is good of it as OTLP, in one pass over the bytes. It is as strict as Loki:
 * a timestamp is a string of nanoseconds, structured metadata is a flat object of strings, else the whole request is
 * refused with AppError `invalid`. Streams and entries that are well-formed but bad are counted and left out.
 */
export function lokiJsonToOtlp(bytes: Uint8Array, limits: LokiLimits = DEFAULT_LOKI_LIMITS): LokiVerdict {
  return new JsonPushReader(bytes, limits).run()
}

class JsonPushReader {
  readonly #limits: LokiLimits
  readonly #reader: JsonReader
  readonly #writer: LokiStreamWriter
  readonly #time: LokiTime = { seconds: 0, nanos: 0 }
  readonly #line = new JsonText()
  readonly #name = new JsonText()
  readonly #value = new JsonText()

  constructor(bytes: Uint8Array, limits: LokiLimits) {
    this.#limits = limits
    this.#reader = new JsonReader(bytes)
    this.#writer = new LokiStreamWriter(limits, bytes.length + (bytes.length >>> 3))
  }

  run(): LokiVerdict {
    const reader = this.#reader
    reader.beginObject()
    while (reader.nextMember()) {
      if (reader.equals(STREAMS) && !this.#takeNull()) {
        reader.beginArray()
        while (reader.nextElement()) this.#stream()
      } else if (!reader.equals(STREAMS)) reader.skip()
    }
    reader.finish()
    return this.#writer.finish()
  }

  #stream(): void {
    const reader = this.#reader
    reader.beginObject()
    let hasBegun = false
    // The entries can stand in front of their labels; then they are read afterwards.
    const waiting: number[] = []
    while (reader.nextMember()) {
      if (reader.equals(STREAM) && !hasBegun) {
        this.#writer.beginStream(this.#labels())
        hasBegun = true
      } else if (reader.equals(VALUES)) {
        if (hasBegun) this.#values()
        else {
          waiting.push(reader.pos)
          reader.skip()
        }
      } else reader.skip()
    }
    if (!hasBegun) this.#writer.beginStream('no_labels')
    const { pos } = reader
    for (const from of waiting) {
      reader.pos = from
      this.#values()
    }
    reader.pos = pos
    this.#writer.endStream()
  }

  #labels(): StreamLabels | LokiProblem {
    const reader = this.#reader
    const pairs: [string, string][] = []
    reader.beginObject()
    while (reader.nextMember()) {
      this.#name.take(reader)
      const name = this.#name.toString()
      if (reader.kind() !== JSON_KINDS.string) throw wrong('the value of a label is no string', reader)
      reader.string()
      this.#value.take(reader)
      pairs.push([name, this.#value.toString()])
    }
    return toStreamLabels(pairs, this.#limits)
  }

  #values(): void {
    if (this.#takeNull()) return
    const reader = this.#reader
    reader.beginArray()
    while (reader.nextElement()) this.#entry()
  }

  #entry(): void {
    const reader = this.#reader
    this.#writer.beginEntry()
    reader.beginArray()
    if (!reader.nextElement()) throw wrong('an entry is empty', reader)
    if (reader.kind() !== JSON_KINDS.string) throw wrong('a timestamp is no string of nanoseconds', reader)
    reader.string()
    this.#readTime()
    if (!reader.nextElement() || reader.kind() !== JSON_KINDS.string) throw wrong('a line is no string', reader)
    reader.string()
    this.#line.take(reader)
    if (reader.nextElement()) {
      this.#metadata()
      if (reader.nextElement()) throw wrong('an entry has more than three elements', reader)
    }
    this.#writer.endEntry(this.#time, this.#line)
  }

  #metadata(): void {
    const reader = this.#reader
    if (reader.kind() !== JSON_KINDS.object) throw wrong('structured metadata is no object', reader)
    reader.beginObject()
    while (reader.nextMember()) {
      this.#name.take(reader)
      if (reader.kind() !== JSON_KINDS.string) throw wrong('a value of structured metadata is no string', reader)
      reader.string()
      this.#value.take(reader)
      this.#writer.metadata(this.#name, this.#value)
    }
  }

  /** The string that was read last, as a time. */
  #readTime(): void {
    const { bytes, start, end } = this.#reader
    const isNegative = bytes[start] === 0x2d
    const first = isNegative ? start + 1 : start
    if (first === end || end - first > MAX_DIGITS) throw wrong('a timestamp is no number of nanoseconds', this.#reader)
    const split = Math.max(first, end - NANO_DIGITS)
    const sign = isNegative ? -1 : 1
    this.#time.seconds = sign * this.#digits(first, split)
    this.#time.nanos = sign * this.#digits(split, end)
  }

  #digits(from: number, to: number): number {
    let value = 0
    for (let at = from; at < to; at++) {
      const digit = (this.#reader.bytes[at] ?? 0) - 0x30
      if (digit < 0 || digit > 9) throw wrong('a timestamp is no number of nanoseconds', this.#reader)
      value = value * 10 + digit
    }
    return value
  }

  #takeNull(): boolean {
    if (this.#reader.kind() !== JSON_KINDS.null) return false
    this.#reader.literal()
    return true
  }
}

function wrong(what: string, { pos }: JsonReader): AppError {
  return new AppError('invalid', `Loki push: ${what} at byte ${String(pos)}`)
}
