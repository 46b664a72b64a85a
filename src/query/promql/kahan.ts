/** Compensated summation (Neumaier's variant), as Prometheus adds up: the sum and what rounding took from it. */
export interface KahanSum {
  sum: number
  compensation: number
}

export function addKahan(total: KahanSum, value: number): void {
  const next = total.sum + value
  if (next === Infinity || next === -Infinity) total.compensation = 0
  else if (Math.abs(total.sum) >= Math.abs(value)) total.compensation += total.sum - next + value
  else total.compensation += value - next + total.sum
  total.sum = next
}

/**
 * What rounding takes when a value is added to a sum, which makes `next`: exactly what `addKahan` adds to the compensation,
 * but without a branch (Knuth's two-sum), for loops that hold sums in variables. Where something is not finite, the
 * compensation that is made of it is not either.
 */
export function roundingLoss(sum: number, value: number, next: number): number {
  const added = next - sum
  return sum - (next - added) + (value - added)
}

/**
 * A mean by summing up; when the sum would overflow it goes on as a running mean, which loses a little precision but
 * stays finite.
 */
export class MeanAccumulator {
  readonly #total: KahanSum = { sum: 0, compensation: 0 }
  #count = 0
  #running = false

  add(value: number): void {
    const total = this.#total
    this.#count += 1
    if (this.#count === 1) {
      total.sum = value
      return
    }
    if (!this.#running) {
      const { sum, compensation } = total
      addKahan(total, value)
      if (Math.abs(total.sum) !== Infinity) return
      this.#running = true
      total.sum = sum / (this.#count - 1)
      total.compensation = compensation / (this.#count - 1)
    }
    const share = (this.#count - 1) / this.#count
    total.sum *= share
    total.compensation *= share
    addKahan(total, value / this.#count)
  }

  mean(): number {
    const { sum, compensation } = this.#total
    return this.#running ? sum + compensation : sum / this.#count + compensation / this.#count
  }
}
