import { AppError } from '../../core/index.ts'
import type { Signal } from '../../model/index.ts'
import { JSON_KINDS, JsonReader, JsonText } from '../json/index.ts'
import { ProtoWriter } from '../proto/index.ts'
import { JsonScalars } from './json-scalars.ts'
import { DEFAULT_OTLP_LIMITS, type OtlpLimits } from './limits.ts'
import { ANY_VALUE, type Field, REQUESTS, type Shape } from './schema.ts'

/**
 * OTLP/JSON → protobuf in one pass over the bytes, by the specification: keys in lowerCamelCase, trace and span ids in
 * hexadecimal, other bytes in base64, enums as integers, 64-bit integers as strings or numbers, `null` is absent,
 * unknown keys are ignored. Throws AppError `invalid` with the path or the position of what is wrong.
 */
export function jsonToOtlp(
  signal: Signal,
  json: Uint8Array | string,
  limits: OtlpLimits = DEFAULT_OTLP_LIMITS,
): Uint8Array {
  const bytes = typeof json === 'string' ? Buffer.from(json) : json
  const reader = new OtlpJsonReader(bytes, limits)
  return reader.run(REQUESTS[signal])
}

class OtlpJsonReader {
  readonly #limits: OtlpLimits
  readonly #reader: JsonReader
  readonly #writer: ProtoWriter
  readonly #scalars: JsonScalars
  readonly #key = new JsonText()

  constructor(bytes: Uint8Array, limits: OtlpLimits) {
    this.#limits = limits
    this.#reader = new JsonReader(bytes)
    this.#writer = new ProtoWriter(Math.max(256, bytes.length >>> 1))
    this.#scalars = new JsonScalars(this.#reader, this.#writer)
  }

  run(request: Shape): Uint8Array {
    this.#message(request, 0)
    this.#reader.finish()
    return this.#writer.finish()
  }

  /** `nesting` is how many values stand around this one. */
  #message(shape: Shape, nesting: number): void {
    const reader = this.#reader
    if (reader.kind() !== JSON_KINDS.object) throw wrong(shape.name, 'an object')
    const keys = keysOf(shape)
    reader.beginObject()
    while (reader.nextMember()) {
      const field = this.#fieldOf(keys, shape)
      const kind = reader.kind()
      if (field === undefined) reader.skip()
      else if (kind === JSON_KINDS.null) reader.literal()
      else if (!field.repeated) this.#field(shape, field, nesting)
      else {
        if (kind !== JSON_KINDS.array) throw wrong(`${shape.name}.${field.name}`, 'an array')
        reader.beginArray()
        while (reader.nextElement()) this.#field(shape, field, nesting)
      }
    }
  }

  #field(owner: Shape, field: Field, nesting: number): void {
    if (typeof field.type === 'string') {
      this.#scalars.write(owner, field, field.type)
      return
    }
    const isValue = field.shape === ANY_VALUE
    if (isValue && nesting >= this.#limits.nesting) {
      throw new AppError('invalid', `OTLP/JSON: more than ${String(this.#limits.nesting)} levels of nested values`)
    }
    const start = this.#writer.begin(field.number)
    this.#message(field.type, isValue ? nesting + 1 : nesting)
    this.#writer.end(start)
  }

  /** The field that the member's name, which was read last, stands for. */
  #fieldOf(keys: ShapeKeys, shape: Shape): Field | undefined {
    const { bytes, start, end, hasEscapes } = this.#reader
    if (hasEscapes) {
      this.#key.take(this.#reader)
      return shape.byName.get(this.#key.toString())
    }
    const candidates = keys[hashOf(bytes, start, end)]
    if (candidates === undefined) return undefined
    for (const candidate of candidates) if (this.#reader.equals(candidate.ascii)) return candidate.field
    return undefined
  }
}

interface Key {
  readonly ascii: Uint8Array
  readonly field: Field
}

/** The keys of a shape by a small hash, so that a name in the input need not become a string. */
type ShapeKeys = readonly (readonly Key[] | undefined)[]

const KEYS = new Map<Shape, ShapeKeys>()

function keysOf(shape: Shape): ShapeKeys {
  const known = KEYS.get(shape)
  if (known !== undefined) return known
  const keys = new Array<Key[] | undefined>(64).fill(undefined)
  for (const [name, field] of shape.byName) {
    const ascii = Buffer.from(name)
    const hash = hashOf(ascii, 0, ascii.length)
    keys[hash] = [...(keys[hash] ?? []), { ascii, field }]
  }
  KEYS.set(shape, keys)
  return keys
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  return ((end - start) * 7 + (bytes[start] ?? 0) * 3 + (bytes[end - 1] ?? 0)) & 63
}

function wrong(path: string, wanted: string): AppError {
  return new AppError('invalid', `OTLP/JSON: ${path} is not ${wanted}`)
}
