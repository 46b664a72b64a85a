import { BYTES, ProtoReader, VARINT } from '../proto/index.ts'
import { parseStreamLabels, type StreamLabels } from './stream-labels.ts'
import { LokiStreamWriter, type TextRange } from './stream-writer.ts'
import { DEFAULT_LOKI_LIMITS, type LokiLimits, type LokiProblem, type LokiTime, type LokiVerdict } from './verdict.ts'

/** The field numbers of `logproto.PushRequest`, its streams and entries. */
const STREAMS = 1
const LABELS = 1
const ENTRIES = 2
const TIMESTAMP = 1
const LINE = 2
const METADATA = 3
const SECONDS = 1
const NANOS = 2
const NAME = 1
const VALUE = 2

const NANOS_PER_SECOND = 1e9

/**
 * Reads Loki's push in protobuf, uncompressed, and writes what is good of it as OTLP. Streams and entries that are bad
 * are counted and left out. Throws AppError `invalid` where the bytes are no such request.
 */
export function lokiPushToOtlp(bytes: Uint8Array, limits: LokiLimits = DEFAULT_LOKI_LIMITS): LokiVerdict {
  return new PushReader(bytes, limits).run()
}

class PushReader {
  readonly #bytes: Uint8Array
  readonly #limits: LokiLimits
  readonly #reader: ProtoReader
  readonly #writer: LokiStreamWriter
  readonly #time: LokiTime = { seconds: 0, nanos: 0 }
  readonly #line: Range
  readonly #name: Range
  readonly #value: Range

  constructor(bytes: Uint8Array, limits: LokiLimits) {
    this.#bytes = bytes
    this.#limits = limits
    this.#reader = new ProtoReader(bytes)
    this.#writer = new LokiStreamWriter(limits, bytes.length + (bytes.length >>> 3))
    this.#line = new Range(bytes)
    this.#name = new Range(bytes)
    this.#value = new Range(bytes)
  }

  run(): LokiVerdict {
    const reader = this.#reader
    while (reader.next()) {
      if (reader.field !== STREAMS) {
        reader.skip()
        continue
      }
      reader.expect(BYTES)
      const outer = reader.enter()
      this.#stream()
      reader.leave(outer)
    }
    return this.#writer.finish()
  }

  #stream(): void {
    const reader = this.#reader
    this.#writer.beginStream(this.#labels())
    while (reader.next()) {
      if (reader.field !== ENTRIES) {
        reader.skip()
        continue
      }
      reader.expect(BYTES)
      const outer = reader.enter()
      this.#entry()
      reader.leave(outer)
    }
    this.#writer.endStream()
  }

  /** The labels, which stand in front of the entries as everybody writes them; the reader stays where it is. */
  #labels(): StreamLabels | LokiProblem {
    const reader = this.#reader
    const start = reader.pos
    let labels: Uint8Array = new Uint8Array(0)
    while (reader.next()) {
      if (reader.field === LABELS) {
        reader.expect(BYTES)
        labels = reader.slice()
        break
      }
      reader.skip()
    }
    reader.pos = start
    return parseStreamLabels(labels, this.#limits)
  }

  #entry(): void {
    const reader = this.#reader
    this.#time.seconds = 0
    this.#time.nanos = 0
    this.#line.clear()
    this.#writer.beginEntry()
    while (reader.next()) {
      if (reader.field === TIMESTAMP) this.#timestamp()
      else if (reader.field === LINE) this.#line.take(reader)
      else if (reader.field === METADATA) this.#metadata()
      else reader.skip()
    }
    this.#writer.endEntry(this.#time, this.#line)
  }

  #timestamp(): void {
    const reader = this.#reader
    reader.expect(BYTES)
    const outer = reader.enter()
    while (reader.next()) {
      if (reader.field === SECONDS) {
        reader.expect(VARINT)
        this.#time.seconds = takeInt(reader)
      } else if (reader.field === NANOS) {
        reader.expect(VARINT)
        this.#time.nanos = takeInt(reader)
      } else reader.skip()
    }
    reader.leave(outer)
    const carry = Math.floor(this.#time.nanos / NANOS_PER_SECOND)
    this.#time.seconds += carry
    this.#time.nanos -= carry * NANOS_PER_SECOND
  }

  #metadata(): void {
    const reader = this.#reader
    reader.expect(BYTES)
    const outer = reader.enter()
    this.#name.clear()
    this.#value.clear()
    while (reader.next()) {
      if (reader.field === NAME) this.#name.take(reader)
      else if (reader.field === VALUE) this.#value.take(reader)
      else reader.skip()
    }
    reader.leave(outer)
    this.#writer.metadata(this.#name, this.#value)
  }
}

/** A text of the payload, used again for each. */
class Range implements TextRange {
  readonly bytes: Uint8Array
  start = 0
  end = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  clear(): void {
    this.start = 0
    this.end = 0
  }

  take(reader: ProtoReader): void {
    reader.expect(BYTES)
    const outer = reader.enter()
    this.start = reader.pos
    this.end = reader.end
    reader.leave(outer)
  }
}

/** A signed varint as a number: five bytes are 35 bits, which is enough for seconds until the year 3058. */
function takeInt(reader: ProtoReader): number {
  const { bytes, pos } = reader
  let value = 0
  let scale = 1
  for (let at = pos; at < Math.min(reader.end, pos + 5); at++) {
    const byte = bytes[at] ?? 0
    value += (byte & 0x7f) * scale
    if (byte < 0x80) {
      reader.pos = at + 1
      return value
    }
    scale *= 0x80
  }
  return Number(reader.int64())
}
