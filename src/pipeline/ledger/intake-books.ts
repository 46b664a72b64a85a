import { type Envelope, type LedgerSource, type Signal, sourceOf } from '../../model/index.ts'
import { RecentRecords } from './recent-records.ts'
import { addReason, olderThan, type Reasons, sourceKey, sourceOfKey } from './source.ts'

/** What came from one source. */
export interface IntakeCounts {
  readonly source: LedgerSource
  /** In the log: batches, and their items. */
  readonly batches: number
  readonly logged: number
  /** Items of batches that came once more and were acknowledged without being stored. */
  readonly deduplicated: number
  /** Items refused at the door. */
  readonly rejected: Reasons
  readonly firstAtMs: number
  readonly lastAtMs: number
}

/** The books as they are saved, exact as of one position of the log. */
export interface SavedBooks {
  /** The logs that these books have counted, the present one last. */
  readonly epochs: readonly string[]
  /** Whether what was stored before the books were begun is in them. */
  readonly opened: boolean
  readonly sources: readonly IntakeCounts[]
}

interface Entry {
  readonly source: LedgerSource
  batches: number
  logged: number
  deduplicated: number
  readonly rejected: Map<string, number>
  firstAtMs: number
  lastAtMs: number
}

const MAX_SOURCES = 4_096
const MAX_EPOCHS = 64

/**
 * What has come in, by source, counted when it is in the log and independently of those who read it: the side of the
 * ledger that the others are held against. Totals are exact as of any position near the end of the log.
 */
export class IntakeBooks {
  readonly epochs: readonly string[]
  /** In the order in which they were last heard of. */
  readonly #entries = new Map<string, Entry>()
  readonly #recent: RecentRecords
  #opened: boolean

  /** `from` is the first sequence of the log that will be counted. Of a log that is new, nothing was stored before. */
  constructor(epoch: string, from: number, { saved, isNew }: { readonly saved?: SavedBooks; readonly isNew: boolean }) {
    const before = saved?.epochs ?? []
    this.epochs = before.includes(epoch) ? before : [...before, epoch].slice(-MAX_EPOCHS)
    this.#opened = saved?.opened ?? isNew
    this.#recent = new RecentRecords(from)
    for (const { rejected, ...counts } of saved?.sources ?? []) {
      this.#entries.set(sourceKey(counts.source), { ...counts, rejected: new Map(Object.entries(rejected)) })
    }
  }

  /** Whether what was stored before these books were begun is in them. */
  get opened(): boolean {
    return this.#opened
  }

  /**
   * Books that are new begin balanced: with what is settled, and what is known to wait. What was counted until then may
   * be less than what the log held.
   */
  open(
    settled: Iterable<{ readonly source: LedgerSource; readonly batches: number; readonly items: number }>,
    waiting: ReadonlyMap<string, number>,
    nowMs: number,
  ): void {
    this.#opened = true
    for (const entry of this.#entries.values()) entry.logged = 0
    for (const { source, batches, items } of settled) {
      const entry = this.#entry(source, nowMs)
      entry.batches = Math.max(entry.batches, batches)
      entry.logged += items
    }
    for (const [key, items] of waiting) this.#entry(sourceOfKey(key), nowMs).logged += items
  }

  /** A record that is in the log. */
  logged(envelope: Envelope, sequence: number): void {
    const source = sourceOf(envelope)
    const entry = this.#entry(source, envelope.receivedAtMs)
    entry.batches += 1
    entry.logged += envelope.items
    this.#recent.add({ sequence, source: sourceKey(entry.source), items: envelope.items })
  }

  deduplicated(envelope: Envelope): void {
    this.#entry(sourceOf(envelope), envelope.receivedAtMs).deduplicated += envelope.items
  }

  /** Items refused at the door; `source` says by whom. */
  rejected(
    from: { readonly tenant: string; readonly cluster: string; readonly source: string; readonly signal: Signal },
    reason: string,
    items: number,
    nowMs: number,
  ): void {
    addReason(this.#entry({ ...from, edge: '', epoch: '' }, nowMs).rejected, reason, items)
  }

  read(): readonly IntakeCounts[] {
    return [...this.#entries.values()].map(toCounts)
  }

  /** Items in the log, by key of source. */
  *totals(): Iterable<readonly [key: string, logged: number]> {
    for (const [key, { logged }] of this.#entries) yield [key, logged]
  }

  /** Whether a source is kept under this key. */
  has(key: string): boolean {
    return this.#entries.has(key)
  }

  /** The key under which a source is kept, which is another one if it was folded. */
  keyOf(source: LedgerSource): string {
    const key = sourceKey(source)
    return this.#entries.has(key) ? key : sourceKey(olderThan(source))
  }

  /** Items behind a position, by key of source; undefined when it is too far from the end of the log to tell. */
  behind(position: number): ReadonlyMap<string, number> | undefined {
    const records = this.#recent.behind(position)
    if (records === undefined) return undefined
    const items = new Map<string, number>()
    for (const record of records) {
      const key = this.#entries.has(record.source) ? record.source : this.#foldedKey(record.source)
      items.set(key, (items.get(key) ?? 0) + record.items)
    }
    return items
  }

  /** The books as of a position near the end of the log; undefined when it is too far from it. */
  save(position: number): SavedBooks | undefined {
    const records = this.#recent.behind(position)
    if (records === undefined) return undefined
    const counts = new Map(this.read().map((entry) => [sourceKey(entry.source), entry]))
    for (const { source, items } of records) {
      const key = counts.has(source) ? source : this.#foldedKey(source)
      const entry = counts.get(key)
      if (entry === undefined) continue
      counts.set(key, { ...entry, batches: entry.batches - 1, logged: entry.logged - items })
    }
    return { epochs: this.epochs, opened: this.#opened, sources: [...counts.values()] }
  }

  #foldedKey(key: string): string {
    return sourceKey(olderThan(sourceOfKey(key)))
  }

  #entry(source: LedgerSource, atMs: number): Entry {
    const key = sourceKey(source)
    const known = this.#entries.get(key)
    const entry = known ?? this.#create(source, atMs)
    entry.lastAtMs = Math.max(entry.lastAtMs, atMs)
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    if (this.#entries.size > MAX_SOURCES) this.#foldOldest()
    return entry
  }

  #create(source: LedgerSource, atMs: number): Entry {
    return { source, batches: 0, logged: 0, deduplicated: 0, rejected: new Map(), firstAtMs: atMs, lastAtMs: atMs }
  }

  /** Nothing is forgotten: what the source has sent goes on counting for its cluster. */
  #foldOldest(): void {
    for (const [key, entry] of this.#entries) {
      const into = olderThan(entry.source)
      const intoKey = sourceKey(into)
      if (key === intoKey) continue
      this.#entries.delete(key)
      const sum = this.#entries.get(intoKey) ?? this.#create(into, entry.firstAtMs)
      sum.batches += entry.batches
      sum.logged += entry.logged
      sum.deduplicated += entry.deduplicated
      for (const [reason, items] of entry.rejected) addReason(sum.rejected, reason, items)
      sum.firstAtMs = Math.min(sum.firstAtMs, entry.firstAtMs)
      sum.lastAtMs = Math.max(sum.lastAtMs, entry.lastAtMs)
      this.#entries.set(intoKey, sum)
      return
    }
  }
}

function toCounts({ rejected, ...entry }: Entry): IntakeCounts {
  return { ...entry, rejected: Object.fromEntries(rejected) }
}
