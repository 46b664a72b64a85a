import type { BatchId } from '../model/index.ts'

interface Claim {
  /** Absent for a batch without an id, which overlaps nothing. */
  readonly id: BatchId | undefined
  /** The record of the batch gets this sequence or a higher one. */
  readonly notBelow: number
  readonly settled: Promise<void>
}

/**
 * The batches that are being appended at this moment. Two deliveries of one batch may be under way at once (a sender
 * that gave up waiting and tried again): the second waits for the first, and then finds out whether it is needed.
 */
export class InFlightIds {
  readonly #claims = new Set<Claim>()

  /** Resolves when a claim that overlaps the id is settled; undefined when there is none. */
  overlapping(id: BatchId): Promise<void> | undefined {
    for (const claim of this.#claims) if (claim.id !== undefined && overlap(claim.id, id)) return claim.settled
    return undefined
  }

  /** Claims the id; returns how to settle the claim. The caller has made sure that nothing overlaps. */
  claim(id: BatchId | undefined, notBelow: number): () => void {
    let resolve = (): void => undefined
    const settled = new Promise<void>((resolveSettled) => {
      resolve = resolveSettled
    })
    const claim = { id, notBelow, settled }
    this.#claims.add(claim)
    return () => {
      this.#claims.delete(claim)
      resolve()
    }
  }

  /** No record of a claim that is not settled has a sequence below this; Infinity when there is none. */
  get notBelow(): number {
    let lowest = Infinity
    for (const claim of this.#claims) lowest = Math.min(lowest, claim.notBelow)
    return lowest
  }
}

function overlap(a: BatchId, b: BatchId): boolean {
  return a.edge === b.edge && a.epoch === b.epoch && a.first <= b.last && b.first <= a.last
}
