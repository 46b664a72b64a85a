import type { Identity } from '../../model/index.ts'
import { findIdentityLabel, type IdentityLabel, toExportedName } from '../claims.ts'
import { BYTES, ProtoReader, ProtoWriter, Splicer } from '../proto/index.ts'
import type { Stamped } from '../otlp/index.ts'
import { findSymbols, LABELS_REFS, SYMBOLS, type SymbolTable, TIME_SERIES, walkSeries } from './request-walk.ts'

/** Checks a remote write 2.0 request and counts its samples and histograms. Throws AppError `invalid`. */
export function countRemoteWrite2(bytes: Uint8Array): number {
  const { starts } = findSymbols(bytes)
  const refs: number[] = []
  let items = 0
  const reader = new ProtoReader(bytes)
  while (reader.next()) {
    if (reader.field !== TIME_SERIES) {
      reader.skip()
      continue
    }
    reader.expect(BYTES)
    const outer = reader.enter()
    refs.length = 0
    items += walkSeries(reader, starts.length, refs)
    reader.leave(outer)
  }
  return items
}

/**
 * Renames the labels of series that would shadow the sender's identity to `exported_<label>`, as Prometheus does with
 * labels that conflict; the identity itself travels in the envelope. Checks the whole request on the way. A request
 * without such labels comes back as it is. The labels of a changed series are sorted again.
 *
 * A symbol may be a name in one series and a value in the next, so symbols are never changed: new ones are added.
 */
export function stampRemoteWrite2(bytes: Uint8Array, identity: Identity): Stamped {
  const symbols = findSymbols(bytes)
  const claims = findClaims(bytes, symbols)
  if (claims.size === 0) return { bytes, items: countRemoteWrite2(bytes), overwritten: 0 }
  const stamp = new SeriesStamp(bytes, symbols, claims, identity)
  const items = stamp.run()
  return { bytes: stamp.splicer.apply(bytes), items, overwritten: stamp.overwritten }
}

/** Which symbols would be labels of the identity if they were used as names. */
function findClaims(bytes: Uint8Array, symbols: SymbolTable): Map<number, IdentityLabel> {
  const claims = new Map<number, IdentityLabel>()
  symbols.starts.forEach((start, ref) => {
    const found = findIdentityLabel(bytes, start, symbols.ends[ref] ?? start)
    if (found !== undefined) claims.set(ref, found)
  })
  return claims
}

const text = new TextDecoder()

class SeriesStamp {
  readonly splicer = new Splicer()
  overwritten = 0
  readonly #bytes: Uint8Array
  readonly #symbols: SymbolTable
  readonly #claims: ReadonlyMap<number, IdentityLabel>
  readonly #identity: Identity
  /** The texts that were asked for, and those that were added behind the request's own. */
  readonly #texts = new Map<number, string>()
  readonly #added = new Map<string, number>()

  constructor(bytes: Uint8Array, symbols: SymbolTable, claims: ReadonlyMap<number, IdentityLabel>, identity: Identity) {
    this.#bytes = bytes
    this.#symbols = symbols
    this.#claims = claims
    this.#identity = identity
  }

  run(): number {
    const reader = new ProtoReader(this.#bytes)
    const refs: number[] = []
    let items = 0
    while (reader.next()) {
      if (reader.field !== TIME_SERIES) {
        reader.skip()
        continue
      }
      reader.expect(BYTES)
      const lengthStart = reader.pos
      const outer = reader.enter()
      const bodyStart = reader.pos
      const place = this.splicer.open()
      const deltaBefore = this.splicer.delta
      refs.length = 0
      items += walkSeries(reader, this.#symbols.starts.length, refs)
      if (this.#rename(refs)) this.#replaceRefs(refs, bodyStart, reader.end)
      this.splicer.close(place, lengthStart, bodyStart, reader.end, this.splicer.delta - deltaBefore)
      reader.leave(outer)
    }
    this.splicer.insert(this.#symbols.end, this.#encodeAdded())
    return items
  }

  /** Renames in place and sorts; false if nothing had to be renamed. */
  #rename(refs: number[]): boolean {
    const pairs: { name: number; readonly value: number }[] = []
    for (let i = 0; i < refs.length; i += 2) pairs.push({ name: refs[i] ?? 0, value: refs[i + 1] ?? 0 })
    const claiming = pairs.filter(({ name }) => this.#claims.has(name))
    if (claiming.length === 0) return false

    const taken = new Set(pairs.map(({ name }) => this.#text(name)))
    for (const pair of claiming) {
      const claim = this.#claims.get(pair.name)
      if (claim === undefined) continue
      if (claim.part === undefined || this.#text(pair.value) !== this.#identity[claim.part]) this.overwritten += 1
      const name = toExportedName(claim.label, taken)
      taken.add(name)
      pair.name = this.#addSymbol(name)
    }
    pairs.sort((a, b) => Buffer.compare(Buffer.from(this.#text(a.name)), Buffer.from(this.#text(b.name))))
    refs.splice(0, refs.length, ...pairs.flatMap(({ name, value }) => [name, value]))
    return true
  }

  /** Puts the references in the place of their first field; they may have been written as several. */
  #replaceRefs(refs: readonly number[], bodyStart: number, end: number): void {
    const writer = new ProtoWriter()
    const start = writer.begin(LABELS_REFS)
    for (const ref of refs) writer.varint32(ref)
    writer.end(start)
    let replacement = writer.finish()
    const reader = new ProtoReader(this.#bytes, bodyStart, end)
    while (reader.next()) {
      reader.skip()
      if (reader.field !== LABELS_REFS) continue
      this.splicer.replace(reader.fieldStart, reader.pos, replacement)
      replacement = new Uint8Array(0)
    }
  }

  #text(ref: number): string {
    let known = this.#texts.get(ref)
    if (known === undefined) {
      known = text.decode(this.#bytes.subarray(this.#symbols.starts[ref], this.#symbols.ends[ref]))
      this.#texts.set(ref, known)
    }
    return known
  }

  #addSymbol(name: string): number {
    const present = this.#added.get(name)
    if (present !== undefined) return present
    const ref = this.#symbols.starts.length + this.#added.size
    this.#added.set(name, ref)
    this.#texts.set(ref, name)
    return ref
  }

  #encodeAdded(): Uint8Array {
    const writer = new ProtoWriter()
    for (const name of this.#added.keys()) writer.string(SYMBOLS, name)
    return writer.finish()
  }
}
