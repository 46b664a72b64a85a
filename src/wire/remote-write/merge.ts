import { BYTES, ProtoReader, ProtoWriter } from '../proto/index.ts'
import { EXEMPLAR, METADATA, REQUEST, TIME_SERIES } from './fields.ts'

/**
 * One remote write 2.0 request out of several: their series one after the other, over one table of symbols. Equal
 * series of different requests stay apart, which 2.0 allows. Throws AppError `invalid` for damaged bytes.
 */
export function mergeRemoteWrite2(payloads: readonly Uint8Array[]): Uint8Array {
  const [only] = payloads
  if (only !== undefined && payloads.length === 1) return only
  const merge = new Merge(payloads.reduce((sum, { length }) => sum + length, 0))
  for (const payload of payloads) merge.add(payload)
  return merge.finish()
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')

class Merge {
  readonly #symbols: ProtoWriter
  readonly #series: ProtoWriter
  /** By the symbol's bytes, one character each. */
  readonly #refs = new Map<string, number>()
  /** Old reference → new one, of the request that is being added. */
  #newRefs: number[] = []

  constructor(capacity: number) {
    this.#symbols = new ProtoWriter(4_096)
    this.#series = new ProtoWriter(capacity)
    this.#refs.set('', 0)
    this.#symbols.string(REQUEST.symbols, '')
  }

  add(payload: Uint8Array): void {
    this.#newRefs = this.#addSymbols(payload)
    const reader = new ProtoReader(payload)
    while (reader.next()) {
      if (reader.field !== REQUEST.timeseries) {
        reader.skip()
        continue
      }
      reader.expect(BYTES)
      this.#copyMessage(reader, REQUEST.timeseries, () => this.#copySeriesField(reader))
    }
  }

  finish(): Uint8Array {
    const bytes = new Uint8Array(this.#symbols.length + this.#series.length)
    bytes.set(this.#symbols.view())
    bytes.set(this.#series.view(), this.#symbols.length)
    return bytes
  }

  #addSymbols(payload: Uint8Array): number[] {
    const reader = new ProtoReader(payload)
    const newRefs: number[] = []
    while (reader.next()) {
      if (reader.field !== REQUEST.symbols) {
        reader.skip()
        continue
      }
      reader.expect(BYTES)
      const bytes = reader.slice()
      const key = latin1(bytes)
      let ref = this.#refs.get(key)
      if (ref === undefined) {
        ref = this.#refs.size
        this.#refs.set(key, ref)
        this.#symbols.bytes(REQUEST.symbols, bytes)
      }
      newRefs.push(ref)
    }
    return newRefs
  }

  #copySeriesField(reader: ProtoReader): void {
    switch (reader.field) {
      case TIME_SERIES.labelsRefs:
        this.#copyRefs(reader)
        return
      case TIME_SERIES.exemplars:
        reader.expect(BYTES)
        this.#copyMessage(reader, TIME_SERIES.exemplars, () => {
          if (reader.field === EXEMPLAR.labelsRefs) this.#copyRefs(reader)
          else this.#copyField(reader)
        })
        return
      case TIME_SERIES.metadata:
        reader.expect(BYTES)
        this.#copyMessage(reader, TIME_SERIES.metadata, () => {
          if (reader.field === METADATA.helpRef || reader.field === METADATA.unitRef) {
            this.#series.uint32(reader.field, this.#newRef(reader.uint32()))
          } else this.#copyField(reader)
        })
        return
      default:
        this.#copyField(reader)
    }
  }

  #copyMessage(reader: ProtoReader, field: number, copyField: () => void): void {
    const outer = reader.enter()
    const message = this.#series.begin(field)
    while (reader.next()) copyField()
    this.#series.end(message)
    reader.leave(outer)
  }

  #copyField(reader: ProtoReader): void {
    const { fieldStart } = reader
    reader.skip()
    this.#series.raw(reader.bytes.subarray(fieldStart, reader.pos))
  }

  #copyRefs(reader: ProtoReader): void {
    const { field } = reader
    if (reader.wireType !== BYTES) {
      this.#series.uint32(field, this.#newRef(reader.uint32()))
      return
    }
    const outer = reader.enter()
    const packed = this.#series.begin(field)
    while (reader.pos < reader.end) this.#series.varint32(this.#newRef(reader.uint32()))
    this.#series.end(packed)
    reader.leave(outer)
  }

  /** The hub has checked every reference when it took the request in. */
  #newRef(ref: number): number {
    return this.#newRefs[ref] ?? 0
  }
}
