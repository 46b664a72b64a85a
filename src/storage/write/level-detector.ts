import type { ProtoReader } from '../../wire/index.ts'
import { ANY, readAnyValue, readKeyValue, toPlainText } from './any-value.ts'
import { type FoundLevel, levelOfLine, levelOfSeverity, levelRank, NO_LEVEL, normalizeLevel } from './log-level.ts'
import type { AttributeSet } from './otlp-walk.ts'
import { ByteRange, type RangeList } from './payload.ts'

/** What of a record tells its level. */
export interface RecordFacts {
  readonly severityNumber: number
  readonly severityText: ByteRange
  readonly body: ByteRange
  readonly attributes: RangeList
}

/** Of a longer line only the beginning is looked at. */
const MAX_LINE_BYTES = 16_384

const KEY_TAG = 0x0a

/**
 * Finds the level of records as Loki's `detected_level` tells it: by a label of the stream, by structured metadata, by
 * OTLP's severity number, by what the line says. For most records it looks at a few bytes.
 */
export class LevelDetector {
  readonly #reader: ProtoReader
  readonly #bytes: Buffer
  readonly #body = new ByteRange()
  #ofStream: string | undefined
  #ofResource = NO_LEVEL
  #ofScope = NO_LEVEL

  constructor(reader: ProtoReader) {
    this.#reader = reader
    const { buffer, byteOffset, byteLength } = reader.bytes
    this.#bytes = Buffer.from(buffer, byteOffset, byteLength)
  }

  /** Turns to the records of a stream with these labels and its resource. */
  resource(labels: ReadonlyMap<string, string>, attributes: AttributeSet): void {
    const label = [...labels.keys()].reduce((best, name) => better(best, name, () => labels.get(name) ?? ''), NO_LEVEL)
    this.#ofStream = label === NO_LEVEL ? undefined : normalizeLevel(label.value)
    this.#ofResource = levelIn(attributes)
    this.#ofScope = NO_LEVEL
  }

  scope(attributes: AttributeSet): void {
    this.#ofScope = levelIn(attributes)
  }

  detect(record: RecordFacts): string {
    const own = this.#ofAttributes(record.attributes)
    if (own.rank === SENT) return normalizeLevel(own.value)
    if (this.#ofStream !== undefined) return this.#ofStream
    const found = [own, this.#ofScope, this.#ofResource].reduce((a, b) => (b.rank < a.rank ? b : a))
    if (found.rank < TEXT_RANK) return normalizeLevel(found.value)
    if (!record.severityText.isEmpty) {
      return normalizeLevel(this.#bytes.toString('utf8', record.severityText.start, record.severityText.end))
    }
    if (found !== NO_LEVEL) return normalizeLevel(found.value)
    return record.severityNumber > 0 ? levelOfSeverity(record.severityNumber) : levelOfLine(this.#line(record.body))
  }

  #ofAttributes(keyValues: RangeList): FoundLevel {
    let best = NO_LEVEL
    for (let i = 0; i < keyValues.count; i++) {
      const start = keyValues.start(i)
      if (!this.#mayBeLevel(start)) continue
      const reader = this.#reader
      const { pos, end } = reader
      reader.pos = start
      reader.end = keyValues.end(i)
      const [key, value] = readKeyValue(reader)
      reader.pos = pos
      reader.end = end
      best = better(best, key, () => toPlainText(value))
    }
    return best
  }

  /** A look at the key's length and first letter; keys stand first in their message, as all writers write them. */
  #mayBeLevel(at: number): boolean {
    const bytes = this.#bytes
    if (bytes[at] !== KEY_TAG) return true
    const length = bytes[at + 1] ?? 0
    if (length < 3 || length > 14) return false
    const first = (bytes[at + 2] ?? 0) | 0x20
    return first === 0x6c || first === 0x73 || first === 0x64
  }

  #line(body: ByteRange): string {
    const reader = this.#reader
    const { pos, end } = reader
    reader.pos = body.start
    reader.end = body.end
    let text = ''
    if (reader.next() && reader.field === ANY.string) {
      this.#body.take(reader)
      const { start } = this.#body
      text = this.#bytes.toString('latin1', start, Math.min(this.#body.end, start + MAX_LINE_BYTES))
    } else {
      reader.pos = body.start
      text = toPlainText(readAnyValue(reader))
    }
    reader.pos = pos
    reader.end = end
    return text
  }
}

/** The rank of what a sender has called `detected_level`. */
const SENT = levelRank('detected_level')
const TEXT_RANK = levelRank('severity_text') ?? 0

function levelIn(attributes: AttributeSet): FoundLevel {
  return [...attributes.names].reduce((best, name) => better(best, name, () => attributes.text(name)), NO_LEVEL)
}

function better(best: FoundLevel, name: string, value: () => string): FoundLevel {
  const rank = levelRank(name)
  if (rank === undefined || rank >= best.rank) return best
  const text = value()
  return text === '' ? best : { rank, value: text }
}
