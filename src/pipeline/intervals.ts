/** Sequences `first` to `last`, both inclusive. */
export interface SequenceRange {
  readonly first: number
  readonly last: number
}

/**
 * A set of sequences as ranges in order, none touching another. A source that sends in order needs one range; each gap
 * costs one more.
 */
export class Intervals {
  #ranges: SequenceRange[]

  /** `ranges` must be in order and apart, as `ranges` of another set are. */
  constructor(ranges: readonly SequenceRange[] = []) {
    this.#ranges = [...ranges]
  }

  get ranges(): readonly SequenceRange[] {
    return this.#ranges
  }

  /** The parts of `wanted` that are in the set. */
  held(wanted: SequenceRange): readonly SequenceRange[] {
    const held: SequenceRange[] = []
    for (let at = this.#indexFrom(wanted.first); at < this.#ranges.length; at += 1) {
      const range = this.#ranges[at]
      if (range === undefined || range.first > wanted.last) break
      held.push({ first: Math.max(range.first, wanted.first), last: Math.min(range.last, wanted.last) })
    }
    return held
  }

  /** The parts of `wanted` that are not in the set. */
  missing(wanted: SequenceRange): readonly SequenceRange[] {
    const missing: SequenceRange[] = []
    let next = wanted.first
    for (const { first, last } of this.held(wanted)) {
      if (first > next) missing.push({ first: next, last: first - 1 })
      next = last + 1
    }
    if (next <= wanted.last) missing.push({ first: next, last: wanted.last })
    return missing
  }

  add(added: SequenceRange): void {
    // From the first range that `added` touches or overlaps to the last one.
    const from = this.#indexFrom(added.first - 1)
    let { first, last } = added
    let to = from
    for (; to < this.#ranges.length; to += 1) {
      const range = this.#ranges[to]
      if (range === undefined || range.first > last + 1) break
      first = Math.min(first, range.first)
      last = Math.max(last, range.last)
    }
    this.#ranges.splice(from, to - from, { first, last })
  }

  /** Counts the lowest gap as held, so that there is one range less. */
  closeLowestGap(): void {
    const [lowest, next] = this.#ranges
    if (lowest === undefined || next === undefined) return
    this.#ranges.splice(0, 2, { first: lowest.first, last: next.last })
  }

  /** The index of the first range that ends at `sequence` or behind it. */
  #indexFrom(sequence: number): number {
    let low = 0
    let high = this.#ranges.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#ranges[middle]?.last ?? Infinity) < sequence) low = middle + 1
      else high = middle
    }
    return low
  }
}
