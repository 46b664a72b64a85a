import type { TextPlace } from '../../model/index.ts'
import { BYTES, ProtoReader, ProtoWriter, Splicer, VARINT } from '../proto/index.ts'
import { KeyPath, type RewrittenText, type TextVisitor } from '../text-visitor.ts'
import { EXEMPLAR, METADATA, TIME_SERIES } from './fields.ts'
import { countRemoteWrite2 } from './stamp.ts'
import { findSymbols, SYMBOLS, type SymbolTable, TIME_SERIES as SERIES_FIELD, walkSeries } from './request-walk.ts'

/**
 * Shows a visitor the texts of a remote write 2.0 request and puts what it answers in their places: values of labels
 * (`attributes`) and of exemplars' labels (`exemplars`), help (`description`), unit (`metadata`), and if asked for, the
 * names of labels (`keys`; a label whose name is changed goes, because a name must be one and in its order).
 *
 * One symbol may serve as name, as value of several labels and as help, and the verdict may be another each time. So
 * a symbol is changed in its place only if nothing uses it unchanged; other texts for it are added behind the symbols.
 * Afterwards no text that was judged away is left among the symbols.
 *
 * Labels say which series it is. Where two series of the request become one by the change, the first stays and the
 * others are dropped and counted as collided: two series in one would be worse than a hole.
 *
 * Throws AppError `invalid` for a malformed request.
 */
export function rewriteRemoteWrite2Text(bytes: Uint8Array, visitor: TextVisitor): RewrittenText {
  const symbols = findSymbols(bytes)
  const suspects = findSuspects(bytes, symbols, visitor)
  if (suspects.size === 0) return { bytes, items: countRemoteWrite2(bytes), dropped: 0, collided: 0 }
  return new SymbolRewrite(bytes, symbols, suspects, visitor).run()
}

/** The symbols that would be changed in some place, or might be. */
function findSuspects(bytes: Uint8Array, symbols: SymbolTable, visitor: TextVisitor): ReadonlySet<number> {
  const suspects = new Set<number>()
  for (let ref = 0; ref < symbols.starts.length; ref++) {
    const start = symbols.starts[ref] ?? 0
    const end = symbols.ends[ref] ?? start
    if (start < end && visitor.mightChange(bytes, start, end)) suspects.add(ref)
  }
  return suspects
}

/** What is to be done with one use of a symbol: a label's name says for whom. */
type Decision = 'keep' | 'drop-label' | 'drop-series' | { readonly ref: number }

interface Change {
  readonly fieldStart: number
  readonly end: number
  readonly bytes: Uint8Array
}

/** One series as it is to be: what of it changes, or that it goes. */
interface SeriesPlan {
  readonly fieldStart: number
  readonly lengthStart: number
  readonly bodyStart: number
  readonly end: number
  readonly items: number
  readonly changes: readonly Change[]
  /** The references of its labels, before and after. */
  readonly before: readonly number[]
  readonly after: readonly number[]
  readonly dropped: boolean
}

class SymbolRewrite {
  readonly #bytes: Uint8Array
  readonly #symbols: SymbolTable
  readonly #suspects: ReadonlySet<number>
  readonly #visitor: TextVisitor
  readonly #path: KeyPath
  readonly #decisions = new Map<string, Decision>()
  /** New texts, which will stand behind the request's symbols. */
  readonly #added: Uint8Array[] = []
  /** Text → reference, of what is not suspect and of what was added. */
  readonly #refs = new Map<string, number>()
  /** Suspects that something goes on using as they are. */
  readonly #kept = new Set<number>()

  constructor(bytes: Uint8Array, symbols: SymbolTable, suspects: ReadonlySet<number>, visitor: TextVisitor) {
    this.#bytes = bytes
    this.#symbols = symbols
    this.#suspects = suspects
    this.#visitor = visitor
    this.#path = new KeyPath(bytes)
  }

  run(): RewrittenText {
    const plans: SeriesPlan[] = []
    const reader = new ProtoReader(this.#bytes)
    while (reader.next()) {
      if (reader.field === SERIES_FIELD) plans.push(this.#planSeries(reader))
      else reader.skip()
    }
    return this.#write(plans)
  }

  #planSeries(reader: ProtoReader): SeriesPlan {
    reader.expect(BYTES)
    const { fieldStart } = reader
    const lengthStart = reader.pos
    const outer = reader.enter()
    const bodyStart = reader.pos
    const { end } = reader
    const refs: number[] = []
    const items = walkSeries(reader, this.#symbols.starts.length, refs)
    reader.leave(outer)

    const changes: Change[] = []
    const labels = this.#labels(refs, 'attributes')
    let dropped = labels === 'drop-series'
    const after = labels === 'drop-series' ? refs : labels
    if (after !== refs) changes.push(...this.#refsChange(bodyStart, end, after))
    dropped = this.#planParts(bodyStart, end, changes) || dropped
    return {
      fieldStart,
      lengthStart,
      bodyStart,
      end,
      items,
      changes,
      before: refs,
      after,
      dropped,
    }
  }

  /** Exemplars and metadata. Returns whether the series has to go for them. */
  #planParts(bodyStart: number, end: number, changes: Change[]): boolean {
    let dropped = false
    const reader = new ProtoReader(this.#bytes, bodyStart, end)
    while (reader.next()) {
      const { fieldStart, field } = reader
      if (field !== TIME_SERIES.exemplars && field !== TIME_SERIES.metadata) {
        reader.skip()
        continue
      }
      reader.expect(BYTES)
      const outer = reader.enter()
      const from = reader.pos
      const to = reader.end
      reader.leave(outer)
      const inner: Change[] = []
      if (field === TIME_SERIES.exemplars) dropped = this.#planExemplar(from, to, inner) || dropped
      else dropped = this.#planMetadata(from, to, inner) || dropped
      if (inner.length === 0) continue
      const body = spliced(this.#bytes, inner, from, to)
      changes.push({ fieldStart, end: to, bytes: encodeField(field, body) })
    }
    return dropped
  }

  #planExemplar(from: number, to: number, changes: Change[]): boolean {
    const refs: number[] = []
    const reader = new ProtoReader(this.#bytes, from, to)
    while (reader.next()) {
      if (reader.field === EXEMPLAR.labelsRefs) readRefs(reader, refs)
      else reader.skip()
    }
    const after = this.#labels(refs, 'exemplars')
    if (after === 'drop-series') return true
    if (after !== refs) changes.push(...this.#refsChange(from, to, after, EXEMPLAR.labelsRefs))
    return false
  }

  #planMetadata(from: number, to: number, changes: Change[]): boolean {
    let dropped = false
    const reader = new ProtoReader(this.#bytes, from, to)
    while (reader.next()) {
      const { field, fieldStart } = reader
      if (field !== METADATA.helpRef && field !== METADATA.unitRef) {
        reader.skip()
        continue
      }
      reader.expect(VARINT)
      const ref = reader.uint32()
      const decision = this.#decide(ref, undefined, field === METADATA.helpRef ? 'description' : 'metadata')
      if (decision === 'drop-series') dropped = true
      else if (decision !== 'keep') {
        const writer = new ProtoWriter(8)
        writer.uint32(field, decision === 'drop-label' ? 0 : decision.ref)
        changes.push({ fieldStart, end: reader.pos, bytes: writer.finish() })
      }
    }
    return dropped
  }

  /** The references as they are to be: the same array if nothing changes. */
  #labels(refs: readonly number[], place: TextPlace): readonly number[] | 'drop-series' {
    if (!refs.some((ref) => this.#suspects.has(ref))) return refs
    const after: number[] = []
    for (let i = 0; i < refs.length; i += 2) {
      const name = refs[i] ?? 0
      const value = refs[i + 1] ?? 0
      const onName = this.#decide(name, name, 'keys')
      const onValue = this.#decide(value, name, place)
      if (onName === 'drop-series' || onValue === 'drop-series') return 'drop-series'
      if (onName !== 'keep' || onValue === 'drop-label') continue
      after.push(name, onValue === 'keep' ? value : onValue.ref)
    }
    return sameRefs(after, refs) ? refs : after
  }

  /** The visitor judges each symbol once for each name of label that it is the value of. */
  #decide(ref: number, name: number | undefined, place: TextPlace): Decision {
    if (!this.#suspects.has(ref)) return 'keep'
    const key = `${place} ${String(ref)} ${String(name)}`
    const decision = this.#decisions.get(key) ?? this.#judge(ref, name, place)
    this.#decisions.set(key, decision)
    if (decision === 'keep') this.#kept.add(ref)
    return decision
  }

  #judge(ref: number, name: number | undefined, place: TextPlace): Decision {
    if (!this.#visitor.places.has(place)) return 'keep'
    const path = this.#path
    if (name !== undefined) path.push(this.#symbols.starts[name] ?? 0, this.#symbols.ends[name] ?? 0)
    const start = this.#symbols.starts[ref] ?? 0
    const verdict = this.#visitor.text(this.#bytes, start, this.#symbols.ends[ref] ?? start, place, path)
    path.depth = 0
    if (verdict === undefined) return 'keep'
    if (verdict === 'drop-record') return 'drop-series'
    return verdict === 'drop-attribute' ? 'drop-label' : { ref: this.#refOf(verdict) }
  }

  /** The reference of a text: equal texts must have equal ones, or series that became one would not be seen. */
  #refOf(bytes: Uint8Array): number {
    if (this.#refs.size === 0) {
      this.#symbols.starts.forEach((start, ref) => {
        const text = toKey(this.#bytes.subarray(start, this.#symbols.ends[ref]))
        if (!this.#suspects.has(ref) && !this.#refs.has(text)) this.#refs.set(text, ref)
      })
    }
    const key = toKey(bytes)
    const present = this.#refs.get(key)
    if (present !== undefined) return present
    const ref = this.#symbols.starts.length + this.#added.push(bytes) - 1
    this.#refs.set(key, ref)
    return ref
  }

  /** Puts the references in the place of their first field; they may have been written as several. */
  #refsChange(from: number, to: number, refs: readonly number[], field: number = TIME_SERIES.labelsRefs): Change[] {
    const writer = new ProtoWriter()
    for (const ref of refs) writer.varint32(ref)
    let replacement = refs.length === 0 ? NOTHING : encodeField(field, writer.finish())
    const changes: Change[] = []
    const reader = new ProtoReader(this.#bytes, from, to)
    while (reader.next()) {
      reader.skip()
      if (reader.field !== field) continue
      changes.push({ fieldStart: reader.fieldStart, end: reader.pos, bytes: replacement })
      replacement = NOTHING
    }
    return changes
  }

  #write(plans: readonly SeriesPlan[]): RewrittenText {
    const splicer = new Splicer()
    const firsts = new FirstSeries(plans)
    const total = { items: 0, dropped: 0, collided: 0 }
    for (const plan of plans) {
      const { items } = plan
      const isTaken = !plan.dropped && firsts.isTaken(plan)
      if (plan.dropped || isTaken) {
        splicer.remove(plan.fieldStart, plan.end)
        if (plan.dropped) total.dropped += items
        else total.collided += items
        continue
      }
      total.items += items
      if (plan.changes.length === 0) continue
      const place = splicer.open()
      const deltaBefore = splicer.delta
      for (const { fieldStart, end, bytes } of plan.changes) splicer.replace(fieldStart, end, bytes)
      splicer.close(place, plan.lengthStart, plan.bodyStart, plan.end, splicer.delta - deltaBefore)
    }
    this.#writeSymbols(splicer)
    return { bytes: splicer.apply(this.#bytes), ...total }
  }

  /** Empties the symbols that nothing uses any more, and adds the new ones. */
  #writeSymbols(splicer: Splicer): void {
    const reader = new ProtoReader(this.#bytes)
    let ref = -1
    while (reader.next()) {
      const lengthStart = reader.pos
      reader.skip()
      if (reader.field !== SYMBOLS) continue
      ref += 1
      if (this.#suspects.has(ref) && !this.#kept.has(ref)) splicer.replace(lengthStart, reader.pos, ZERO)
    }
    const writer = new ProtoWriter()
    for (const bytes of this.#added) writer.bytes(SYMBOLS, bytes)
    splicer.insert(this.#symbols.end, writer.finish())
  }
}

/** Bytes as a key of a map, whether they are UTF-8 or not. */
function toKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}

/** Knows for each set of labels as they are to be which series of the request was the first to have them. */
class FirstSeries {
  readonly #firsts = new Map<number, SeriesPlan[]>()
  /** Series that nobody becomes need not be remembered: only hashes that a changed series has. */
  readonly #wanted = new Set<number>()

  constructor(plans: readonly SeriesPlan[]) {
    for (const plan of plans) if (plan.before !== plan.after && !plan.dropped) this.#wanted.add(hashRefs(plan.after))
  }

  /** Whether another series, which was another one before too, has the labels. If not, they are this one's. */
  isTaken(plan: SeriesPlan): boolean {
    if (this.#wanted.size === 0) return false
    const hash = hashRefs(plan.after)
    if (!this.#wanted.has(hash)) return false
    const sameHash = this.#firsts.get(hash) ?? []
    const first = sameHash.find(({ after }) => sameRefs(after, plan.after))
    if (first === undefined) this.#firsts.set(hash, [...sameHash, plan])
    return first !== undefined && !sameRefs(first.before, plan.before)
  }
}

function hashRefs(refs: readonly number[]): number {
  let hash = refs.length
  for (const ref of refs) hash = (Math.imul(hash, 0x01000193) ^ ref) | 0
  return hash
}

const NOTHING = new Uint8Array(0)
const ZERO = Uint8Array.of(0)

function sameRefs(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((ref, i) => ref === b[i])
}

function readRefs(reader: ProtoReader, refs: number[]): void {
  if (reader.wireType === VARINT) {
    refs.push(reader.uint32())
    return
  }
  const outer = reader.enter()
  while (reader.pos < reader.end) refs.push(reader.uint32())
  reader.leave(outer)
}

function encodeField(field: number, body: Uint8Array): Uint8Array {
  const writer = new ProtoWriter(body.length + 8)
  writer.bytes(field, body)
  return writer.finish()
}

/** The bytes from `from` to `to` with the changes, which stand in order. */
function spliced(bytes: Uint8Array, changes: readonly Change[], from: number, to: number): Uint8Array {
  const parts: Uint8Array[] = []
  let at = from
  for (const change of changes) {
    parts.push(bytes.subarray(at, change.fieldStart), change.bytes)
    at = change.end
  }
  parts.push(bytes.subarray(at, to))
  return Buffer.concat(parts)
}
