/** Random choices out of one source of numbers in [0, 1). */
export class Choices {
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  /** Whether something that happens with this probability happens. */
  chance(probability: number): boolean {
    return this.#random() < probability
  }

  /** An integer from 0 to below the limit. */
  below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }

  /** One of the items, of which there must be some. */
  pick<T>(items: readonly [T, ...T[]] | readonly T[]): T {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new Error('nothing to choose from')
    return item
  }

  /** Some of the items, maybe none, in their order. */
  some<T>(items: readonly T[]): T[] {
    return items.filter(() => this.chance(0.4))
  }

  /** The text of one of the makers, each with its weight. */
  weighted<T>(makers: readonly (readonly [weight: number, make: () => T])[]): T {
    let at = this.#random() * makers.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, make] of makers) {
      at -= weight
      if (at < 0) return make()
    }
    throw new Error('nothing to choose from')
  }
}
