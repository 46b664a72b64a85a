import { BYTES, ProtoReader, ProtoWriter, Splicer } from '../proto/index.ts'
import type { RewrittenText, TextVisitor } from '../text-visitor.ts'
import { TIME_SERIES as SERIES } from './fields.ts'
import { findSymbols, LABELS_REFS, SYMBOLS, type SymbolTable, TIME_SERIES } from './request-walk.ts'
import { changeSeries, readRefs, type SeriesChange } from './series-change.ts'
import { countRemoteWrite2 } from './stamp.ts'
import { SymbolDecisions, sameRefs } from './symbol-decisions.ts'

/**
 * Shows a visitor the texts of a remote write 2.0 request and puts what it answers in their places: values of labels
 * (`attributes`) and of exemplars' labels (`exemplars`), help (`description`), unit (`metadata`), and if asked for, the
 * names of labels (`keys`; a label whose name is changed goes, because a name must be one and in its order).
 *
 * Symbols are not changed in their places, since each may have several uses: new ones are added behind them, and those
 * that nothing uses any more are emptied. No text that was judged away is left in the request.
 *
 * Labels say which series it is. Where two series of the request become one by the change, the first stays and the
 * others are dropped and counted as collided: two series in one would be worse than a hole.
 *
 * Throws AppError `invalid` for a request that cannot be walked through.
 */
export function rewriteRemoteWrite2Text(bytes: Uint8Array, visitor: TextVisitor): RewrittenText {
  const symbols = findSymbols(bytes)
  const decisions = new SymbolDecisions(bytes, symbols, visitor)
  if (decisions.isNothingSuspect) return { bytes, items: countRemoteWrite2(bytes), dropped: 0, collided: 0 }
  const { changed, items } = decideAll(bytes, decisions, symbols.starts.length)
  if (changed.size === 0 && decisions.isNothingUnused) return { bytes, items, dropped: 0, collided: 0 }
  return new Application(bytes, symbols, decisions, changed).run()
}

/** By where its field begins, each series that is not to stay as it is. */
type Changed = ReadonlyMap<number, SeriesChange>

/** Decides for all series before anything is written: only then it is known which symbols are left in use. */
function decideAll(
  bytes: Uint8Array,
  decisions: SymbolDecisions,
  symbolCount: number,
): { readonly changed: Changed; readonly items: number } {
  const changed = new Map<number, SeriesChange>()
  const refs: number[] = []
  let items = 0
  const reader = new ProtoReader(bytes)
  while (reader.next()) {
    const { fieldStart } = reader
    if (reader.field !== TIME_SERIES) {
      reader.skip()
      continue
    }
    reader.expect(BYTES)
    const outer = reader.enter()
    const change = changeSeries(reader, decisions, symbolCount, refs)
    reader.leave(outer)
    items += change.items
    if (change.dropped || change.changes.length > 0) {
      changed.set(fieldStart, change.before === refs ? withOwnRefs(change) : change)
    }
  }
  return { changed, items }
}

/** What the scratch array held, kept. */
function withOwnRefs(change: SeriesChange): SeriesChange {
  const refs = [...change.before]
  return { ...change, before: refs, after: refs }
}

/** Writes what was decided, in the order of the request. */
class Application {
  readonly #bytes: Uint8Array
  readonly #symbols: SymbolTable
  readonly #decisions: SymbolDecisions
  readonly #changed: Changed
  readonly #splicer = new Splicer()
  readonly #firsts: FirstSeries
  readonly #refs: number[] = []

  constructor(bytes: Uint8Array, symbols: SymbolTable, decisions: SymbolDecisions, changed: Changed) {
    this.#bytes = bytes
    this.#symbols = symbols
    this.#decisions = decisions
    this.#changed = changed
    this.#firsts = new FirstSeries(changed.values())
  }

  run(): RewrittenText {
    const reader = new ProtoReader(this.#bytes)
    const total = { items: 0, dropped: 0, collided: 0 }
    let symbol = -1
    while (reader.next()) {
      const { fieldStart } = reader
      if (reader.field === SYMBOLS) {
        symbol += 1
        this.#symbol(reader, symbol)
      } else if (reader.field === TIME_SERIES) {
        const { fate, items } = this.#series(reader, this.#changed.get(fieldStart))
        total[fate] += items
        if (fate !== 'items') this.#splicer.remove(fieldStart, reader.pos)
      } else {
        reader.skip()
      }
    }
    return { bytes: this.#splicer.apply(this.#bytes), ...total }
  }

  /** Empties it if nothing uses it any more; behind the last one the new ones follow. */
  #symbol(reader: ProtoReader, symbol: number): void {
    const lengthStart = reader.pos
    reader.skip()
    if (this.#decisions.isUnused(symbol)) this.#splicer.replace(lengthStart, reader.pos, EMPTY)
    if (reader.pos !== this.#symbols.end) return
    const writer = new ProtoWriter()
    for (const bytes of this.#decisions.added) writer.bytes(SYMBOLS, bytes)
    this.#splicer.insert(reader.pos, writer.finish())
  }

  #series(
    reader: ProtoReader,
    change: SeriesChange | undefined,
  ): { readonly fate: 'items' | 'dropped' | 'collided'; readonly items: number } {
    const lengthStart = reader.pos
    const outer = reader.enter()
    const bodyStart = reader.pos
    const { end } = reader
    const items = change?.items ?? this.#read(reader)
    reader.leave(outer)
    if (change?.dropped === true) return { fate: 'dropped', items }
    if (this.#firsts.isTaken(change?.before ?? this.#refs, change?.after ?? this.#refs))
      return { fate: 'collided', items }
    if (change !== undefined) {
      const place = this.#splicer.open()
      const deltaBefore = this.#splicer.delta
      for (const { start, end: to, bytes } of change.changes) this.#splicer.replace(start, to, bytes)
      this.#splicer.close(place, lengthStart, bodyStart, end, this.#splicer.delta - deltaBefore)
    }
    return { fate: 'items', items }
  }

  /** Counts the items of a series that stays, and reads its labels if they matter. */
  #read(reader: ProtoReader): number {
    let items = 0
    this.#refs.length = 0
    while (reader.next()) {
      if (reader.field === LABELS_REFS && this.#firsts.matters) {
        readRefs(reader, this.#symbols.starts.length, this.#refs)
        continue
      }
      if (reader.field === SERIES.samples || reader.field === SERIES.histograms) items += 1
      reader.skip()
    }
    return items
  }
}

/** Knows for each set of labels as they are to be which series of the request was the first to have them. */
class FirstSeries {
  readonly #firsts = new Map<number, { readonly before: readonly number[]; readonly after: readonly number[] }[]>()
  /** Series that nobody becomes need not be remembered: only hashes that a changed series has. */
  readonly #wanted = new Set<number>()

  constructor(changes: Iterable<SeriesChange>) {
    for (const { dropped, before, after } of changes)
      if (!dropped && before !== after) this.#wanted.add(hashRefs(after))
  }

  get matters(): boolean {
    return this.#wanted.size > 0
  }

  /** Whether another series, which was another one before too, has the labels. If not, they are this one's. */
  isTaken(before: readonly number[], after: readonly number[]): boolean {
    if (!this.matters) return false
    const hash = hashRefs(after)
    if (!this.#wanted.has(hash)) return false
    const sameHash = this.#firsts.get(hash) ?? []
    const first = sameHash.find((one) => sameRefs(one.after, after))
    if (first === undefined) this.#firsts.set(hash, [...sameHash, { before: [...before], after: [...after] }])
    return first !== undefined && !sameRefs(first.before, before)
  }
}

function hashRefs(refs: readonly number[]): number {
  let hash = refs.length
  for (const ref of refs) hash = (Math.imul(hash, 0x01000193) ^ ref) | 0
  return hash
}

const EMPTY = Uint8Array.of(0)
