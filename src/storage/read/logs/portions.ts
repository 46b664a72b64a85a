/** From and until when, the latter not included, in nanoseconds since the epoch. */
export interface Span {
  readonly startNs: bigint
  readonly endNs: bigint
}

export interface Portion extends Span {
  /** Rows at most. */
  readonly rows: number
}

/** What came of a portion. */
export interface PortionResult {
  readonly rows: number
  readonly bytes: number
  /** The time of the last row. */
  readonly lastNs: bigint
  /** How long it took. */
  readonly ms: number
}

const FIRST_WIDTH_NS = 15_000_000_000n
const MAX_GROWTH = 8
/** Where nothing was found in no time: most of what a statement takes then is not in its range. */
const QUICK_GROWTH = 32
const QUICK_MS = 40
/** Of one portion in memory. */
const PORTION_BYTES = 16 * 1024 * 1024
const FIRST_ROWS = 1_000
const MIN_ROWS = 128
/** The engine reads the borders of a portion again for each: small ones cost it more than large ones. */
const MAX_ROWS = 131_072

/**
 * Cuts a range of time into portions that are neither too large to hold nor too small to be worth a statement, by what
 * came of those before. Who takes the newest hundred lines has them after one; who finds nothing has asked a handful
 * of times. `expected` is how many rows are wanted in all, if that is known.
 */
export class Portions {
  readonly #span: Span
  readonly #forward: boolean
  readonly #expected: number | undefined
  #atNs: bigint
  #widthNs = FIRST_WIDTH_NS
  #rows: number
  #taken = 0
  #portion: Portion | undefined

  constructor(span: Span, direction: 'forward' | 'backward', expected?: number) {
    this.#span = span
    this.#forward = direction === 'forward'
    this.#atNs = this.#forward ? span.startNs : span.endNs
    this.#expected = expected
    this.#rows = expected === undefined ? MAX_ROWS / 8 : Math.min(FIRST_ROWS, this.#wanted())
  }

  /** The next portion, undefined when all of the range has been read. */
  next(): Portion | undefined {
    const { startNs, endNs } = this.#span
    if (this.#forward ? this.#atNs >= endNs : this.#atNs <= startNs) return undefined
    const untilNs = this.#forward ? this.#atNs + this.#widthNs : this.#atNs - this.#widthNs
    this.#portion = this.#forward
      ? { startNs: this.#atNs, endNs: untilNs < endNs ? untilNs : endNs, rows: this.#rows }
      : { startNs: untilNs > startNs ? untilNs : startNs, endNs: this.#atNs, rows: this.#rows }
    return this.#portion
  }

  /** Takes note of what came of the portion. */
  took({ rows, bytes, lastNs, ms }: PortionResult): void {
    const portion = this.#portion
    if (portion === undefined) return
    this.#taken += rows
    const perRow = rows === 0 ? 0 : bytes / rows
    const fitting = perRow === 0 ? MAX_ROWS : Math.floor(PORTION_BYTES / perRow)
    if (rows < portion.rows) {
      this.#atNs = this.#forward ? portion.endNs : portion.startNs
      this.#rows = clamp(Math.min(fitting, this.#wanted()))
      this.#widen(portion.endNs - portion.startNs, rows, ms)
      return
    }
    // It was full: rows of the last time may be missing, so this time is read again.
    const coveredNs = this.#forward ? lastNs - portion.startNs : portion.endNs - 1n - lastNs
    this.#rows = coveredNs <= 0n ? portion.rows * 2 : clamp(Math.min(fitting, this.#wanted()))
    this.#atNs = this.#forward ? lastNs : lastNs + 1n
    this.#widthNs = coveredNs <= 0n ? 1n : coveredNs + coveredNs / 2n + 1n
  }

  #widen(coveredNs: bigint, rows: number, ms: number): void {
    const most = ms < QUICK_MS ? QUICK_GROWTH : MAX_GROWTH
    const growth = rows === 0 ? most : Math.min(MAX_GROWTH, Math.max(1, (0.8 * this.#rows) / rows))
    const next = BigInt(Math.ceil(Number(coveredNs) * growth))
    this.#widthNs = next > this.#widthNs ? next : this.#widthNs * 2n
  }

  /** With a margin, because the same line may have been stored twice, and a condition may let too many through. */
  #wanted(): number {
    if (this.#expected === undefined) return MAX_ROWS
    const left = this.#expected - this.#taken
    return left > 0 ? Math.ceil(left * 1.1) + 8 : MAX_ROWS
  }
}

function clamp(rows: number): number {
  return Math.min(MAX_ROWS, Math.max(MIN_ROWS, rows))
}
