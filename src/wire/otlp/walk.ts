import { AppError } from '../../core/index.ts'
import type { Signal } from '../../model/index.ts'
import { BYTES, FIXED64, ProtoReader, Splicer, VARINT } from '../proto/index.ts'
import type { OtlpLimits } from './limits.ts'
import { ANY_VALUE, type Field, KEY_VALUE, REQUESTS, type Shape } from './schema.ts'

/**
 * Where one attribute (a `KeyValue` field) stands in the request. The walk reuses one object for all attributes:
 * whoever keeps something copies it.
 */
export interface AttributeRange {
  /** Of the field's tag, of the message's length, of its body, and behind its last byte. */
  fieldStart: number
  lengthStart: number
  bodyStart: number
  end: number
  /** Of the key's length and of its text. If the key is absent, both stand at the end and the text is empty. */
  keyLengthStart: number
  keyStart: number
  keyEnd: number
  /** The body of the `AnyValue`, empty when absent. */
  valueStart: number
  valueEnd: number
}

/** Told of what the walk passes; may put changes into the walk's splicer. */
export interface WalkVisitor {
  enter(shape: Shape): void
  /** An attribute of `owner`, which is a resource, scope or item. */
  attribute(owner: Shape, range: AttributeRange): void
  /** Called at the last byte of the message's body, before its length is corrected. */
  leave(shape: Shape, bodyStart: number, end: number): void
}

/**
 * One pass over an OTLP request: checks its whole structure, counts its items, and keeps the lengths of nested
 * messages right around what a visitor changes. Throws AppError `invalid`; unknown fields are passed over.
 */
export class OtlpWalk {
  readonly reader: ProtoReader
  readonly splicer = new Splicer()
  items = 0
  readonly #limits: OtlpLimits
  #visitor: WalkVisitor | undefined
  readonly #attribute: AttributeRange = {
    fieldStart: 0,
    lengthStart: 0,
    bodyStart: 0,
    end: 0,
    keyLengthStart: 0,
    keyStart: 0,
    keyEnd: 0,
    valueStart: 0,
    valueEnd: 0,
  }

  constructor(bytes: Uint8Array, limits: OtlpLimits) {
    this.reader = new ProtoReader(bytes)
    this.#limits = limits
  }

  run(signal: Signal, visitor?: WalkVisitor): void {
    this.#visitor = visitor
    this.#body(REQUESTS[signal])
  }

  /** The fields of the message that the reader is in. Recursion ends with the schema: only values nest freely. */
  #body(shape: Shape): void {
    const reader = this.reader
    let attributes = 0
    while (reader.next()) {
      const field = shape.fields[reader.field]
      if (field === undefined) {
        reader.skip()
      } else if (field.shape === undefined) {
        this.#scalar(field)
      } else if (field.shape === KEY_VALUE) {
        attributes += 1
        if (attributes > this.#limits.attributes) throw this.#over(`attributes of one ${shape.name}`, 'attributes')
        this.#keyValue(0)
        if (shape.part !== undefined) this.#visitor?.attribute(shape, this.#attribute)
      } else {
        this.#nested(field.shape)
      }
    }
  }

  #nested(shape: Shape): void {
    const reader = this.reader
    reader.expect(BYTES)
    const lengthStart = reader.pos
    const outer = reader.enter()
    const bodyStart = reader.pos
    if (shape === ANY_VALUE) {
      this.#anyValue(0)
    } else {
      if (shape.part === 'item') this.items += 1
      const place = this.splicer.open()
      const deltaBefore = this.splicer.delta
      this.#visitor?.enter(shape)
      this.#body(shape)
      this.#visitor?.leave(shape, bodyStart, reader.end)
      this.splicer.close(place, lengthStart, bodyStart, reader.end, this.splicer.delta - deltaBefore)
    }
    reader.leave(outer)
  }

  #scalar(field: Field): void {
    const reader = this.reader
    if (reader.wireType !== field.wireType) {
      if (!field.repeated || reader.wireType !== BYTES) reader.expect(field.wireType)
      this.#packed(field.wireType)
      return
    }
    reader.skip()
  }

  /** A repeated number written as one block; readers must accept both forms. */
  #packed(wireType: number): void {
    const reader = this.reader
    const outer = reader.enter()
    if (wireType === VARINT) {
      while (reader.pos < reader.end) reader.skipVarint()
    } else if ((reader.end - reader.pos) % (wireType === FIXED64 ? 8 : 4) !== 0) {
      throw new AppError('invalid', `OTLP: a packed field is cut off at byte ${String(reader.end)}`)
    }
    reader.leave(outer)
  }

  #keyValue(depth: number): void {
    const reader = this.reader
    reader.expect(BYTES)
    const at = this.#attribute
    const fieldStart = reader.fieldStart
    const lengthStart = reader.pos
    const outer = reader.enter()
    const bodyStart = reader.pos
    let keyLengthStart = reader.end
    let keyStart = reader.end
    let keyEnd = reader.end
    let valueStart = reader.end
    let valueEnd = reader.end
    while (reader.next()) {
      if (reader.field === 1) {
        reader.expect(BYTES)
        keyLengthStart = reader.pos
        const inner = reader.enter()
        keyStart = reader.pos
        keyEnd = reader.end
        reader.leave(inner)
        if (keyEnd - keyStart > this.#limits.keyBytes) throw this.#over('bytes of an attribute key', 'keyBytes')
      } else if (reader.field === 2) {
        reader.expect(BYTES)
        const inner = reader.enter()
        valueStart = reader.pos
        valueEnd = reader.end
        this.#anyValue(depth)
        reader.leave(inner)
      } else {
        reader.skip()
      }
    }
    // Written last: nested key-values have used the object in between.
    at.fieldStart = fieldStart
    at.lengthStart = lengthStart
    at.bodyStart = bodyStart
    at.end = reader.end
    at.keyLengthStart = keyLengthStart
    at.keyStart = keyStart
    at.keyEnd = keyEnd
    at.valueStart = valueStart
    at.valueEnd = valueEnd
    reader.leave(outer)
  }

  #anyValue(depth: number): void {
    if (depth >= this.#limits.nesting) throw this.#over('levels of nested values', 'nesting')
    const reader = this.reader
    while (reader.next()) {
      const expected = ANY_VALUE_WIRE_TYPES[reader.field]
      if (expected !== undefined) reader.expect(expected)
      if (reader.field === 5) this.#values(depth + 1)
      else if (reader.field === 6) this.#keyValues(depth + 1)
      else reader.skip()
    }
  }

  #values(depth: number): void {
    const reader = this.reader
    const outer = reader.enter()
    while (reader.next()) {
      if (reader.field !== 1) {
        reader.skip()
        continue
      }
      reader.expect(BYTES)
      const inner = reader.enter()
      this.#anyValue(depth)
      reader.leave(inner)
    }
    reader.leave(outer)
  }

  #keyValues(depth: number): void {
    const reader = this.reader
    const outer = reader.enter()
    while (reader.next()) {
      if (reader.field === 1) this.#keyValue(depth)
      else reader.skip()
    }
    reader.leave(outer)
  }

  #over(what: string, limit: keyof OtlpLimits): AppError {
    return new AppError('invalid', `OTLP: more than ${String(this.#limits[limit])} ${what}`)
  }
}

/** Of `AnyValue`'s fields 1 to 7: string, bool, int, double, array, key-value list, bytes. */
const ANY_VALUE_WIRE_TYPES: readonly (number | undefined)[] = [
  undefined,
  BYTES,
  VARINT,
  VARINT,
  FIXED64,
  BYTES,
  BYTES,
  BYTES,
]
