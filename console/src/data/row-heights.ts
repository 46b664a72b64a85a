/**
 * Heights of many rows, most of them alike: where each begins, and which one lies at a place, in O(log n). A Fenwick tree
 * holds what differs from the usual height.
 */
export class RowHeights {
  readonly usual: number
  readonly count: number
  readonly #differences: Float64Array
  readonly #heights = new Map<number, number>()

  constructor(count: number, usual: number) {
    this.count = count
    this.usual = usual
    this.#differences = new Float64Array(count + 1)
  }

  /** Of all rows together. */
  get total(): number {
    return this.offsetOf(this.count)
  }

  heightOf(index: number): number {
    return this.#heights.get(index) ?? this.usual
  }

  /** Says whether that changed anything. */
  set(index: number, height: number): boolean {
    const change = height - this.heightOf(index)
    if (change === 0 || index < 0 || index >= this.count) return false
    this.#heights.set(index, height)
    for (let at = index + 1; at <= this.count; at += at & -at)
      this.#differences[at] = (this.#differences[at] ?? 0) + change
    return true
  }

  /** Where the row begins; for `count`, where the last one ends. */
  offsetOf(index: number): number {
    let sum = index * this.usual
    for (let at = index; at > 0; at -= at & -at) sum += this.#differences[at] ?? 0
    return sum
  }

  /** The row at a distance from the top; the last one for what lies below. */
  indexAt(offset: number): number {
    let index = 0
    let rest = offset
    for (let step = 2 ** Math.floor(Math.log2(Math.max(1, this.count))); step >= 1; step /= 2) {
      const next = index + step
      if (next > this.count) continue
      const height = step * this.usual + (this.#differences[next] ?? 0)
      if (height <= rest) {
        index = next
        rest -= height
      }
    }
    return Math.max(0, Math.min(index, this.count - 1))
  }
}
