import { isUtf8 } from 'node:buffer'
import { AppError } from '../../core/index.ts'
import type { Signal, TextPlace } from '../../model/index.ts'
import { BYTES, encodeVarint32, ProtoReader, Splicer, VARINT } from '../proto/index.ts'
import { KeyPath, type RewrittenText, type TextVisitor } from '../text-visitor.ts'
import { DEFAULT_OTLP_LIMITS, type OtlpLimits } from './limits.ts'
import { planText, type TextPlan } from './text-plan.ts'

export type OtlpTextRewriter = (bytes: Uint8Array) => RewrittenText

/**
 * Makes the function that shows a visitor the texts of OTLP requests of one signal and puts what it answers in their
 * places: in resources, scopes, attributes of every kind and depth, bodies, names, events, links, exemplars. Bytes
 * values are shown where they hold text. Everything else is copied as it stands, unknown fields with it.
 *
 * The function throws AppError `invalid` for a request that cannot be walked through or is over a limit: then nothing
 * is known of its texts.
 */
export function createOtlpTextRewriter(
  signal: Signal,
  visitor: TextVisitor,
  limits: OtlpLimits = DEFAULT_OTLP_LIMITS,
): OtlpTextRewriter {
  const plan = planText(signal, visitor.places)
  if (plan === undefined) throw new AppError('internal', `BUG: a request of ${signal} without items`)
  return (bytes) => new TextWalk(bytes, visitor, limits).run(plan)
}

const KEY = 1
const VALUE = 2
const KEY_TAG = (KEY << 3) | BYTES
const VALUE_TAG = (VALUE << 3) | BYTES

/** Of `AnyValue`. */
const STRING = 1
const INT = 3
const ARRAY = 5
const KEY_VALUES = 6
const RAW = 7

/** Integers of 13 to 16 digits take six to eight bytes of varint. Longer ones are ids and times in nanoseconds. */
const LEAST_VARINT = 6
const MOST_VARINT = 8
const LEAST_INTEGER = 10n ** 12n
const MOST_INTEGER = 10n ** 16n - 1n

class TextWalk {
  readonly #reader: ProtoReader
  readonly #splicer = new Splicer()
  readonly #visitor: TextVisitor
  readonly #limits: OtlpLimits
  readonly #path: KeyPath
  readonly #looksAtKeys: boolean
  #items = 0
  #dropped = 0
  /** Set by a verdict, taken by the innermost attribute or record around it. */
  #dropAttribute = false
  #dropRecord = false

  constructor(bytes: Uint8Array, visitor: TextVisitor, limits: OtlpLimits) {
    this.#reader = new ProtoReader(bytes)
    this.#visitor = visitor
    this.#limits = limits
    this.#path = new KeyPath(bytes)
    this.#looksAtKeys = visitor.places.has('keys')
  }

  run(plan: TextPlan): RewrittenText {
    this.#message(plan)
    const bytes = this.#splicer.apply(this.#reader.bytes)
    return { bytes, items: this.#items, dropped: this.#dropped, collided: 0 }
  }

  #message(plan: TextPlan): void {
    const reader = this.#reader
    let attributes = 0
    while (reader.next()) {
      const step = plan.steps[reader.field]
      if (step === undefined) {
        reader.skip()
        continue
      }
      reader.expect(BYTES)
      switch (step.kind) {
        case 'text':
          this.#text(step.place, false)
          break
        case 'value':
          this.#value(step.place, 0)
          break
        case 'attribute':
          attributes += 1
          if (attributes > this.#limits.attributes) throw this.#over(`attributes of one ${plan.name}`, 'attributes')
          this.#keyValue(step.place, 0)
          break
        case 'message':
          if (step.plan.isDroppable) this.#droppable(step.plan)
          else this.#nested(step.plan)
      }
    }
  }

  #nested(plan: TextPlan): void {
    const reader = this.#reader
    const lengthStart = reader.pos
    const outer = reader.enter()
    const bodyStart = reader.pos
    const place = this.#splicer.open()
    const deltaBefore = this.#splicer.delta
    this.#message(plan)
    this.#splicer.close(place, lengthStart, bodyStart, reader.end, this.#splicer.delta - deltaBefore)
    reader.leave(outer)
  }

  /** A record, or what several records have in common: it goes as a whole when something in it says so. */
  #droppable(plan: TextPlan): void {
    const reader = this.#reader
    const { fieldStart } = reader
    const lengthStart = reader.pos
    const outer = reader.enter()
    const bodyStart = reader.pos
    const place = this.#splicer.open()
    const deltaBefore = this.#splicer.delta
    const itemsBefore = this.#items
    const outerDrop = this.#dropRecord
    this.#dropRecord = false
    if (plan.isItem) this.#items += 1
    this.#message(plan)
    if (this.#recordGoes()) {
      this.#splicer.rewind(place, deltaBefore)
      this.#splicer.remove(fieldStart, reader.end)
      this.#dropped += this.#items - itemsBefore
      this.#items = itemsBefore
    } else {
      this.#splicer.close(place, lengthStart, bodyStart, reader.end, this.#splicer.delta - deltaBefore)
    }
    this.#dropRecord = outerDrop
    reader.leave(outer)
  }

  #keyValue(place: TextPlace, depth: number): void {
    const reader = this.#reader
    const { fieldStart } = reader
    const lengthStart = reader.pos
    const outer = reader.enter()
    const bodyStart = reader.pos
    const edits = this.#splicer.open()
    const deltaBefore = this.#splicer.delta
    const outerDrop = this.#dropAttribute
    this.#dropAttribute = false
    this.#findKey(bodyStart, reader.end)
    while (reader.next()) {
      if (reader.field === KEY) {
        reader.expect(BYTES)
        if (this.#looksAtKeys) this.#text('keys', false)
        else reader.skip()
      } else if (reader.field === VALUE) {
        reader.expect(BYTES)
        this.#value(place, depth)
      } else {
        reader.skip()
      }
    }
    this.#path.pop()
    if (this.#attributeGoes()) {
      this.#splicer.rewind(edits, deltaBefore)
      this.#splicer.remove(fieldStart, reader.end)
    } else {
      this.#splicer.close(edits, lengthStart, bodyStart, reader.end, this.#splicer.delta - deltaBefore)
    }
    this.#dropAttribute = outerDrop
    reader.leave(outer)
  }

  /** Puts the key on the path before the value is looked at, wherever it stands; of several, the last one counts. */
  #findKey(bodyStart: number, end: number): void {
    const { bytes } = this.#reader
    const length = bytes[bodyStart + 1] ?? 0
    const keyEnd = bodyStart + 2 + length
    // As every writer writes it: the key, the value, the end.
    if (bytes[bodyStart] === KEY_TAG && length < 0x80 && keyEnd < end && bytes[keyEnd] === VALUE_TAG) {
      const low = bytes[keyEnd + 1] ?? 0
      const high = bytes[keyEnd + 2] ?? 0
      const size = low < 0x80 ? low + 2 : high < 0x80 ? (low & 0x7f) + high * 0x80 + 3 : 0
      if (keyEnd + size === end) {
        this.#path.push(bodyStart + 2, keyEnd)
        return
      }
    }
    let start = end
    let stop = end
    const reader = new ProtoReader(bytes, bodyStart, end)
    while (reader.next()) {
      if (reader.field !== KEY) {
        reader.skip()
        continue
      }
      reader.expect(BYTES)
      reader.enter()
      start = reader.pos
      stop = reader.end
      reader.leave(end)
    }
    if (stop - start > this.#limits.keyBytes) throw this.#over('bytes of an attribute key', 'keyBytes')
    this.#path.push(start, stop)
  }

  /** An `AnyValue`. Each of several values in it is looked at, though readers take the last. */
  #value(place: TextPlace, depth: number): void {
    if (depth >= this.#limits.nesting) throw this.#over('levels of nested values', 'nesting')
    const reader = this.#reader
    const lengthStart = reader.pos
    const outer = reader.enter()
    const bodyStart = reader.pos
    const edits = this.#splicer.open()
    const deltaBefore = this.#splicer.delta
    while (reader.next()) {
      switch (reader.field) {
        case STRING:
          reader.expect(BYTES)
          this.#text(place, false)
          break
        case INT:
          reader.expect(VARINT)
          this.#integer(place)
          break
        case ARRAY:
        case KEY_VALUES:
          reader.expect(BYTES)
          this.#list(place, depth + 1, reader.field)
          break
        case RAW:
          reader.expect(BYTES)
          this.#text(place, true)
          break
        default:
          reader.skip()
      }
    }
    this.#splicer.close(edits, lengthStart, bodyStart, reader.end, this.#splicer.delta - deltaBefore)
    reader.leave(outer)
  }

  /** An `ArrayValue` or a `KeyValueList`: both hold their elements in field 1. */
  #list(place: TextPlace, depth: number, kind: number): void {
    const reader = this.#reader
    const lengthStart = reader.pos
    const outer = reader.enter()
    const bodyStart = reader.pos
    const edits = this.#splicer.open()
    const deltaBefore = this.#splicer.delta
    while (reader.next()) {
      if (reader.field !== 1) {
        reader.skip()
        continue
      }
      reader.expect(BYTES)
      if (kind === ARRAY) this.#value(place, depth)
      else this.#keyValue(place, depth)
    }
    this.#splicer.close(edits, lengthStart, bodyStart, reader.end, this.#splicer.delta - deltaBefore)
    reader.leave(outer)
  }

  /** With `raw`, the value is text only if it is UTF-8 without NUL: what is not text is none of our business. */
  #text(place: TextPlace, raw: boolean): void {
    const reader = this.#reader
    const lengthStart = reader.pos
    const outer = reader.enter()
    const start = reader.pos
    const { end, bytes } = reader
    reader.leave(outer)
    if (start === end || !this.#visitor.places.has(place)) return
    if (raw) {
      const value = bytes.subarray(start, end)
      if (value.includes(0) || !isUtf8(value)) return
    }
    const verdict = this.#visitor.text(bytes, start, end, place, this.#path)
    if (verdict === undefined) return
    if (typeof verdict === 'string') {
      this.#drop(verdict)
      return
    }
    this.#splicer.replace(lengthStart, start, encodeVarint32(verdict.length))
    this.#splicer.replace(start, end, verdict)
  }

  #integer(place: TextPlace): void {
    const reader = this.#reader
    const { fieldStart } = reader
    const start = reader.pos
    reader.skipVarint()
    const size = reader.pos - start
    if (size < LEAST_VARINT || size > MOST_VARINT || !this.#visitor.integers) return
    if (!this.#visitor.places.has(place)) return
    const value = new ProtoReader(reader.bytes, start, reader.pos).int64()
    if (value < LEAST_INTEGER || value > MOST_INTEGER) return
    const digits = Buffer.from(String(value))
    const verdict = this.#visitor.text(digits, 0, digits.length, place, this.#path)
    if (verdict === undefined) return
    if (typeof verdict === 'string') {
      this.#drop(verdict)
      return
    }
    const field = Buffer.concat([STRING_TAG, encodeVarint32(verdict.length), verdict])
    this.#splicer.replace(fieldStart, reader.pos, field)
  }

  // Asked by calls, since what stands between the setting and the asking may change it.
  #attributeGoes(): boolean {
    return this.#dropAttribute
  }

  #recordGoes(): boolean {
    return this.#dropRecord
  }

  #drop(verdict: 'drop-attribute' | 'drop-record'): void {
    if (verdict === 'drop-record') this.#dropRecord = true
    else this.#dropAttribute = true
  }

  #over(what: string, limit: keyof OtlpLimits): AppError {
    return new AppError('invalid', `OTLP: more than ${String(this.#limits[limit])} ${what}`)
  }
}

const STRING_TAG = Uint8Array.of((STRING << 3) | BYTES)
