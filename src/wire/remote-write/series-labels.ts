import { compareBytes } from './symbol-index.ts'
import type { RemoteWriteLimits, RemoteWriteProblem } from './verdict.ts'

/** The texts that labels refer to by number, wherever they lie in `bytes`. Symbol 0 is the empty one. */
export interface Symbols {
  readonly bytes: Uint8Array
  start(symbol: number): number
  length(symbol: number): number
  /** Whether the symbol is valid UTF-8. */
  isText(symbol: number): boolean
}

const METRIC_NAME = new TextEncoder().encode('__name__')

const UNKNOWN = 0
const ASCENDING = 1
const EQUAL = 2
const DESCENDING = 3

/**
 * The labels of one series after the other, as references to symbols. Neighbouring series have mostly the same names in
 * the same places, so what was found out of a pair of names is remembered for the next series.
 */
export class SeriesLabels {
  /** Names and values in turn. */
  readonly refs: Int32Array
  /** Of `refs` in use. */
  count = 0
  /** Whether the labels have to be written anew: sorted, and without empty values. */
  isTidy = true
  /** The symbol that is the metric's name, once `check` has passed. */
  metric = 0
  readonly #symbols: Symbols
  readonly #limits: RemoteWriteLimits
  /** Of the series before: its names, and how the name at a place compares with the one before it. */
  readonly #names: Int32Array
  readonly #orders: Uint8Array
  #nameSymbol = -1

  constructor(symbols: Symbols, limits: RemoteWriteLimits) {
    this.#symbols = symbols
    this.#limits = limits
    this.refs = new Int32Array(2 * limits.labelsPerSeries)
    this.#names = new Int32Array(limits.labelsPerSeries)
    this.#orders = new Uint8Array(limits.labelsPerSeries)
  }

  clear(): void {
    this.count = 0
  }

  /** Appends a reference. More than any limit allows are not kept, only counted. */
  push(ref: number): void {
    if (this.count < this.refs.length) this.refs[this.count] = ref
    this.count += 1
  }

  /** What is wrong with the labels, if anything. Labels that are only untidy are tidied. */
  check(): RemoteWriteProblem | undefined {
    const { refs, count } = this
    const symbols = this.#symbols
    const limits = this.#limits
    if (count % 2 !== 0) return 'bad_reference'
    if (count > 2 * limits.labelsPerSeries) return 'too_many_labels'
    this.isTidy = true
    this.metric = 0
    let found = false
    for (let i = 0; i < count; i += 2) {
      const name = refs[i] ?? 0
      const value = refs[i + 1] ?? 0
      const nameLength = symbols.length(name)
      const valueLength = symbols.length(value)
      if (nameLength === 0 || !symbols.isText(name) || !symbols.isText(value)) return 'bad_labels'
      if (nameLength > limits.labelNameBytes || valueLength > limits.labelValueBytes) return 'label_too_long'
      if (valueLength === 0) this.isTidy = false
      const order = this.#order(i >>> 1, name)
      if (order === EQUAL) return 'bad_labels'
      if (order === DESCENDING) this.isTidy = false
      if (!found && this.#isMetricName(name, nameLength)) {
        found = true
        this.metric = value
      }
    }
    if (!found || symbols.length(this.metric) === 0) return 'no_name'
    return this.isTidy ? undefined : this.#tidy()
  }

  #order(place: number, name: number): number {
    const names = this.#names
    // `names[place - 1]` is this series' name already; if it has changed, the order here was forgotten.
    if (names[place] === name && this.#orders[place] !== UNKNOWN) return this.#orders[place] ?? UNKNOWN
    const difference = place === 0 ? -1 : this.#compare(names[place - 1] ?? 0, name)
    const order = difference < 0 ? ASCENDING : difference > 0 ? DESCENDING : EQUAL
    names[place] = name
    this.#orders[place] = order
    this.#orders[place + 1] = UNKNOWN
    return order
  }

  #compare(a: number, b: number): number {
    const symbols = this.#symbols
    return compareBytes(symbols.bytes, symbols.start(a), symbols.length(a), symbols.start(b), symbols.length(b))
  }

  #isMetricName(name: number, length: number): boolean {
    if (name === this.#nameSymbol) return true
    if (length !== METRIC_NAME.length) return false
    const { bytes } = this.#symbols
    const start = this.#symbols.start(name)
    for (let i = 0; i < length; i++) if (bytes[start + i] !== METRIC_NAME[i]) return false
    this.#nameSymbol = name
    return true
  }

  /** Sorts the labels by name and takes those without a value away. */
  #tidy(): RemoteWriteProblem | undefined {
    const pairs: { readonly name: number; readonly value: number }[] = []
    for (let i = 0; i < this.count; i += 2) pairs.push({ name: this.refs[i] ?? 0, value: this.refs[i + 1] ?? 0 })
    pairs.sort((a, b) => this.#compare(a.name, b.name))
    this.count = 0
    let before = -1
    for (const { name, value } of pairs) {
      if (before >= 0 && this.#compare(before, name) === 0) return 'bad_labels'
      before = name
      if (this.#symbols.length(value) === 0) continue
      this.push(name)
      this.push(value)
    }
    return undefined
  }
}
