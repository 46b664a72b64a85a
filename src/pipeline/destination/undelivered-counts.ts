import type { Undelivered } from './protocol.ts'

/** Adds up what is not delivered, by reason. */
export class UndeliveredCounts {
  readonly #items = new Map<string, number>()

  add(reason: string, items = 1): void {
    if (items > 0) this.#items.set(reason, (this.#items.get(reason) ?? 0) + items)
  }

  list(): readonly Undelivered[] {
    return [...this.#items].map(([reason, items]) => ({ reason, items }))
  }
}
