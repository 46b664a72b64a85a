import { quantileOfSorted } from './quantile.ts'

/** So many values or more that come at once are sorted, and not put in one by one. */
const MANY = 64

/**
 * The values of a window that moves over a series, kept in order: what leaves is taken out, what comes is put in where it
 * belongs. NaN is before all others; equal values, such as 0 and -0, stand in the order in which they came.
 */
export class SortedWindow {
  #values: Float64Array = NOTHING
  #sorted: Float64Array = NOTHING
  #from = 0
  #to = 0

  /** Another series comes; the window is empty. */
  begin(values: Float64Array): void {
    this.#values = values
    this.#from = 0
    this.#to = 0
  }

  /** Neither end ever moves back. */
  moveTo(from: number, to: number): void {
    const values = this.#values
    if (from >= this.#to || to - this.#to >= MANY) {
      this.#sortAll(from, to)
    } else {
      for (let i = this.#from; i < from; i++) this.#remove(values[i] ?? NaN, this.#to - i)
      this.#from = from
      this.#reserve(to - from)
      for (let i = this.#to; i < to; i++) this.#insert(values[i] ?? NaN, i - from)
    }
    this.#from = from
    this.#to = to
  }

  quantile(q: number): number {
    return quantileOfSorted(q, this.#sorted, this.#to - this.#from)
  }

  #sortAll(from: number, to: number): void {
    const size = to - from
    this.#reserve(size)
    const sorted = this.#sorted
    if (size < MANY) {
      for (let i = from; i < to; i++) this.#insert(this.#values[i] ?? NaN, i - from)
      return
    }
    sorted.set(this.#values.subarray(from, to))
    sorted.subarray(0, size).sort()
    // The engine's order has them last.
    let nans = 0
    while (nans < size && Number.isNaN(sorted[size - 1 - nans])) nans += 1
    if (nans > 0) {
      sorted.copyWithin(nans, 0, size - nans)
      sorted.fill(NaN, 0, nans)
    }
    this.#orderZeros(from, to)
  }

  /** The engine puts -0 before 0. */
  #orderZeros(from: number, to: number): void {
    const sorted = this.#sorted
    let at = firstNotLess(sorted, to - from, 0)
    if (sorted[at + 1] !== 0) return
    for (let i = from; i < to; i++) {
      const value = this.#values[i] ?? NaN
      if (value !== 0) continue
      sorted[at] = value
      at += 1
    }
  }

  #reserve(size: number): void {
    if (this.#sorted.length >= size) return
    const larger = new Float64Array(Math.max(size, 2 * this.#sorted.length))
    larger.set(this.#sorted)
    this.#sorted = larger
  }

  #insert(value: number, size: number): void {
    const sorted = this.#sorted
    let at = size
    if (size < MANY && !Number.isNaN(value)) {
      for (; at > 0 && (sorted[at - 1] ?? NaN) > value; at--) sorted[at] = sorted[at - 1] ?? NaN
    } else {
      at = Number.isNaN(value) ? 0 : firstGreater(sorted, size, value)
      sorted.copyWithin(at + 1, at, size)
    }
    sorted[at] = value
  }

  #remove(value: number, size: number): void {
    const sorted = this.#sorted
    if (size < MANY && !Number.isNaN(value)) {
      let at = 0
      while (at < size && !((sorted[at] ?? NaN) >= value)) at += 1
      for (let i = at + 1; i < size; i++) sorted[i - 1] = sorted[i] ?? NaN
    } else {
      const at = Number.isNaN(value) ? 0 : firstNotLess(sorted, size, value)
      sorted.copyWithin(at, at + 1, size)
    }
  }
}

const NOTHING = new Float64Array(0)

/** Where the first value is that is greater; NaN are before all. */
function firstGreater(sorted: Float64Array, size: number, value: number): number {
  let [low, high] = [0, size]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? NaN) > value) high = middle
    else low = middle + 1
  }
  return low
}

/** Where the first value is that is not less, NaN aside. */
function firstNotLess(sorted: Float64Array, size: number, value: number): number {
  let [low, high] = [0, size]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? NaN) >= value) high = middle
    else low = middle + 1
  }
  return low
}
