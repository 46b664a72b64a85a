import { METRIC_NAME } from '../../model/index.ts'
import type { BatchContext, RejectReason } from './batch-context.ts'
import type { SeriesDirectory, SeriesKey, SeriesSource } from './directories.ts'
import { Hash64 } from './hash64.ts'
import type { NumberList } from './number-list.ts'
import { hourOf } from './announced-hour.ts'
import type { SymbolTable } from './remote-write-symbols.ts'
import { canonicalLabels } from './resource-labels.ts'
import type { SeriesId } from './sample-rows.ts'
import type { Tables } from './tables.ts'

/** The series of a remote write request: by a hash of their symbols first, and only where that is unknown by labels. */
export class RemoteWriteSeries implements SeriesSource, SeriesKey, SeriesId {
  idLow = 0
  idHigh = 0
  low = 0
  high = 0
  ms = 0
  /** Why the labels of the present series are no valid set, once that was found out. */
  problem: RejectReason | undefined
  readonly #tables: Tables
  readonly #batch: BatchContext
  readonly #directory: SeriesDirectory
  readonly #symbols: SymbolTable
  readonly #canonical: readonly (readonly [string, string])[]
  readonly #hash = new Hash64()
  readonly #identityLow: number
  readonly #identityHigh: number
  #labels: NumberList | undefined
  #isResolved = false

  constructor(tables: Tables, batch: BatchContext, directory: SeriesDirectory, symbols: SymbolTable) {
    this.#tables = tables
    this.#batch = batch
    this.#directory = directory
    this.#symbols = symbols
    this.#canonical = canonicalLabels(batch.identity)
    const hash = this.#hash
    hash.start()
    hash.text(batch.tenant)
    for (const [name, value] of this.#canonical) {
      hash.text(name)
      hash.text(value)
    }
    hash.finish()
    this.#identityLow = hash.low
    this.#identityHigh = hash.high
  }

  /** Turns to the series with these labels: references to symbols, names and values in turn. */
  begin(labels: NumberList): void {
    this.#labels = labels
    this.#isResolved = false
    this.problem = undefined
    const hash = this.#hash
    hash.start(this.#identityLow, this.#identityHigh)
    for (let i = 0; i < labels.count; i++) {
      const symbol = labels.at(i)
      if (symbol >= this.#symbols.count) this.problem = 'bad_labels'
      hash.words(this.#symbols.hashLow(symbol), this.#symbols.hashHigh(symbol))
    }
    hash.finish()
    this.low = hash.low
    this.high = hash.high
  }

  /** Finds the id for a sample at this time. False, with `problem` set, when the labels are no valid set. */
  resolve(ms: number): boolean {
    if (this.problem !== undefined) return false
    if (this.#isResolved && hourOf(ms, this.low) === hourOf(this.ms, this.low)) return true
    this.ms = ms
    this.#isResolved = this.#directory.resolve(this.#tables, this.#batch, this, this)
    this.idLow = this.#directory.idLow
    this.idHigh = this.#directory.idHigh
    return this.#isResolved
  }

  /** The symbol that is the value of `__name__`, or 0, the empty one. */
  nameSymbol(): number {
    const labels = this.#labels
    for (let i = 0; labels !== undefined && i + 1 < labels.count; i += 2) {
      if (this.#symbols.text(labels.at(i)) === METRIC_NAME) return labels.at(i + 1)
    }
    return 0
  }

  labels(): ReadonlyMap<string, string> | undefined {
    const labels = readLabels(this.#symbols, this.#labels)
    if (labels === undefined) {
      this.problem = 'bad_labels'
      return undefined
    }
    if (!labels.has(METRIC_NAME)) {
      this.problem = 'no_name'
      return undefined
    }
    for (const [name, value] of this.#canonical) labels.set(name, value)
    return labels
  }
}

/** References as labels, without empty values; undefined when a name is empty, doubled or missing its value. */
export function readLabels(symbols: SymbolTable, references: NumberList | undefined): Map<string, string> | undefined {
  const labels = new Map<string, string>()
  if (references === undefined || references.count % 2 !== 0) return undefined
  for (let i = 0; i < references.count; i += 2) {
    const name = symbols.text(references.at(i))
    const value = symbols.text(references.at(i + 1))
    if (name === undefined || value === undefined || name === '' || labels.has(name)) return undefined
    if (value !== '') labels.set(name, value)
  }
  return labels
}
