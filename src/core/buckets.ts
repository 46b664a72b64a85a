/**
 * Sums by buckets of time in a ring: constant memory, however long it runs. A bucket is named by its number since the
 * epoch (time / width). A clock that is set back by more than the ring holds begins anew.
 */
export class Buckets {
  readonly widthMs: number
  readonly #sums: Float64Array
  #newest = 0

  constructor(widthMs: number, count: number) {
    this.widthMs = widthMs
    this.#sums = new Float64Array(count)
  }

  bucketOf(atMs: number): number {
    return Math.floor(atMs / this.widthMs)
  }

  add(atMs: number, amount: number): void {
    const bucket = this.bucketOf(atMs)
    this.#advance(bucket)
    const slot = bucket % this.#sums.length
    this.#sums[slot] = (this.#sums[slot] ?? 0) + amount
  }

  /** Keeps the greatest amount of the bucket instead of a sum. */
  raise(atMs: number, amount: number): void {
    const bucket = this.bucketOf(atMs)
    this.#advance(bucket)
    const slot = bucket % this.#sums.length
    this.#sums[slot] = Math.max(this.#sums[slot] ?? 0, amount)
  }

  /** 0 for a bucket that the ring does not hold. */
  at(bucket: number): number {
    if (bucket > this.#newest || bucket <= this.#newest - this.#sums.length) return 0
    return this.#sums[bucket % this.#sums.length] ?? 0
  }

  /** Of the buckets `from` to `to`, both included. */
  sum(from: number, to: number): number {
    let sum = 0
    for (let bucket = from; bucket <= to; bucket++) sum += this.at(bucket)
    return sum
  }

  #advance(bucket: number): void {
    const { length } = this.#sums
    if (bucket <= this.#newest && bucket > this.#newest - length) return
    if (bucket <= this.#newest || bucket - this.#newest >= length) this.#sums.fill(0)
    else for (let next = this.#newest + 1; next <= bucket; next++) this.#sums[next % length] = 0
    this.#newest = bucket
  }
}
