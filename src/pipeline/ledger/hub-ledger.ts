import type { Logger, Metrics } from '../../core/index.ts'
import type { LedgerSource, Signal } from '../../model/index.ts'
import type { IntakeBooks, IntakeCounts } from './intake-books.ts'
import { addReason, type Reasons, sourceKey, sourceOfKey } from './source.ts'

/** What became of the items of one source, as of a position of the log. */
export interface SettledCounts {
  readonly source: LedgerSource
  readonly batches: number
  /** With those rejected. */
  readonly items: number
  readonly rejected: Reasons
}

/** The balance of one source. Items unless said otherwise. */
export interface SourceBalance extends IntakeCounts {
  readonly stored: number
  /** By the store, of what is in the log; `rejected` has those refused at the door. */
  readonly discarded: Reasons
  readonly queued: number
  /** More than 0: accepted, and neither stored, rejected nor waiting. Less than 0: stored more often than it came. */
  readonly difference: number
}

/** Something is wrong with the balance of a cluster and signal. */
export interface LedgerDifference {
  readonly cluster: string
  readonly signal: Signal
  readonly items: number
}

interface Settled {
  batches: number
  items: number
  readonly rejected: Map<string, number>
}

export interface HubLedgerOptions {
  readonly books: IntakeBooks
  readonly log: Logger
  readonly metrics: Metrics
}

/**
 * Holds what came in against what became of it. Both sides are totals over the life of the hub's store. They are
 * compared where they speak of the same moment: the store has just finished everything below a position of the log, and
 * the books know what stands behind it. While the store is further back than the books remember, because the engine is
 * away or catching up, nothing is compared and the last result stands.
 */
export class HubLedger {
  readonly #books: IntakeBooks
  readonly #log: Logger
  readonly #settled = new Map<string, Settled>()
  #differences: ReadonlyMap<string, number> = new Map()
  #position: number | undefined
  #comparedAt: number | undefined

  constructor({ books, log, metrics }: HubLedgerOptions) {
    this.#books = books
    this.#log = log
    const gauge = metrics.gauge(
      'fleetglass_ledger_difference_items',
      'Items accepted that are neither stored, rejected nor queued; below 0 when more is stored than came.',
      ['source_cluster', 'signal'],
      () => {
        for (const { cluster, signal, items } of this.#bySignal(this.#books.read()))
          gauge.set({ source_cluster: cluster, signal }, items)
      },
    )
    const compared = metrics.gauge(
      'fleetglass_ledger_compared_position',
      'The position of the log at which the ledger was compared last.',
      [],
      () => {
        compared.set(this.#comparedAt ?? 0)
      },
    )
  }

  /** The position of the last comparison; undefined before the first. */
  get comparedAt(): number | undefined {
    return this.#comparedAt
  }

  /** Whether the present position could be compared. */
  get isCurrent(): boolean {
    return this.#position !== undefined && this.#comparedAt === this.#position
  }

  /** Begins with what the store knows, exact as of the position. Called whenever the store begins. */
  begin(position: number, totals: readonly SettledCounts[]): void {
    this.#settled.clear()
    this.#add(totals)
    this.#compare(position)
  }

  /** What one flush has settled; everything below the position is settled now. Ignored before `begin`. */
  settle(position: number, counts: readonly SettledCounts[]): void {
    if (this.#position === undefined) return
    this.#add(counts)
    this.#compare(position)
  }

  /** The store has ended: what it does next comes with a new `begin`. */
  pause(): void {
    this.#position = undefined
  }

  /** Differences that are not 0. */
  differences(): readonly LedgerDifference[] {
    return this.#bySignal([]).filter(({ items }) => items !== 0)
  }

  balances(): readonly SourceBalance[] {
    return this.#books.read().map((counts) => {
      const key = sourceKey(counts.source)
      const settled = this.#settled.get(key)
      const discarded = Object.fromEntries(settled?.rejected ?? [])
      const stored = (settled?.items ?? 0) - sumOf(discarded)
      const difference = this.#differences.get(key) ?? 0
      const queued = Math.max(0, counts.logged - (settled?.items ?? 0) - difference)
      return { ...counts, stored, discarded, queued, difference }
    })
  }

  #add(counts: readonly SettledCounts[]): void {
    for (const { source, batches, items, rejected } of counts) {
      const key = this.#books.opened ? this.#books.keyOf(source) : sourceKey(source)
      const sum = this.#settled.get(key) ?? { batches: 0, items: 0, rejected: new Map<string, number>() }
      sum.batches += batches
      sum.items += items
      for (const [reason, rejectedItems] of Object.entries(rejected)) addReason(sum.rejected, reason, rejectedItems)
      this.#settled.set(key, sum)
    }
  }

  #compare(position: number): void {
    this.#position = position
    const behind = this.#books.behind(position)
    if (behind === undefined) return
    if (!this.#books.opened) this.#open(behind)
    this.#foldSettled()
    const before = this.differences()
    const differences = new Map<string, number>()
    for (const [key, logged] of this.#books.totals()) {
      const items = logged - (behind.get(key) ?? 0) - (this.#settled.get(key)?.items ?? 0)
      if (items !== 0) differences.set(key, items)
    }
    for (const [key, { items }] of this.#settled) if (!this.#books.has(key) && items !== 0) differences.set(key, -items)
    this.#differences = differences
    this.#comparedAt = position
    this.#tell(before)
  }

  #open(behind: ReadonlyMap<string, number>): void {
    const settled = [...this.#settled].map(([key, { batches, items }]) => ({
      source: sourceOfKey(key),
      batches,
      items,
    }))
    this.#books.open(settled, behind, Date.now())
  }

  /** The books fold sources that were silent long; what the store settled of them follows. */
  #foldSettled(): void {
    for (const [key, settled] of this.#settled) {
      if (this.#books.has(key)) continue
      const into = this.#books.keyOf(sourceOfKey(key))
      if (into === key) continue
      this.#settled.delete(key)
      const sum = this.#settled.get(into) ?? { batches: 0, items: 0, rejected: new Map<string, number>() }
      sum.batches += settled.batches
      sum.items += settled.items
      for (const [reason, items] of settled.rejected) addReason(sum.rejected, reason, items)
      this.#settled.set(into, sum)
    }
  }

  #tell(before: readonly LedgerDifference[]): void {
    const now = this.differences()
    if (JSON.stringify(now) === JSON.stringify(before)) return
    if (now.length === 0) this.#log.info({ position: this.#comparedAt }, 'ledger: balanced again')
    else this.#log.error({ position: this.#comparedAt, differences: now }, 'ledger: not balanced')
  }

  /** Also where there is no difference, for the sources given. */
  #bySignal(balanced: readonly IntakeCounts[]): readonly LedgerDifference[] {
    const sums = new Map<string, LedgerDifference>()
    const add = ({ cluster, signal }: LedgerSource, items: number): void => {
      const key = `${cluster}\n${signal}`
      sums.set(key, { cluster, signal, items: (sums.get(key)?.items ?? 0) + items })
    }
    for (const { source } of balanced) add(source, 0)
    for (const [key, items] of this.#differences) add(sourceOfKey(key), items)
    return [...sums.values()]
  }
}

function sumOf(reasons: Reasons): number {
  return Object.values(reasons).reduce((sum, items) => sum + items, 0)
}
