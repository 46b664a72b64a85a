import { type EdgeBooks, type Signal, SIGNALS } from '../model/index.ts'

type Counts = { -readonly [K in Exclude<keyof EdgeBooks, 'queued' | 'scrubbed'>]: EdgeBooks[K] }

/** What may be counted at an edge, in items. */
export type EdgeCount = keyof Counts

/**
 * An edge's own books since it started: whatever was collected, or found in the log at the start, is sent, rejected,
 * dropped or put aside, and the rest waits. What an earlier life left behind counts when it is met.
 */
export class EdgeLedger {
  readonly #counts: Readonly<Record<Signal, Counts>>
  /** Items taken away by scrubbing, counted by who scrubs. */
  scrubbed: Readonly<Record<Signal, number>> = { metrics: 0, logs: 0, traces: 0 }
  /** Records before this were in the log at the start. */
  foundBelow = 0

  constructor() {
    const empty = (): Counts => ({ collected: 0, sent: 0, rejected: 0, dropped: 0, deadLettered: 0 })
    this.#counts = { metrics: empty(), logs: empty(), traces: empty() }
  }

  add(count: EdgeCount, signal: Signal, items: number): void {
    this.#counts[signal][count] += items
  }

  /** A record was met, on its way out or as it is deleted: it is collected now if it was there at the start. */
  met(sequence: number, signal: Signal, items: number): void {
    if (sequence < this.foundBelow) this.add('collected', signal, items)
  }

  read(): Readonly<Record<Signal, EdgeBooks>> {
    const { scrubbed } = this
    const of = (signal: Signal): EdgeBooks => {
      const counts = this.#counts[signal]
      const { collected, sent, rejected, dropped, deadLettered } = counts
      // What was sent and then deleted before the cursor was saved counts twice.
      const queued = Math.max(0, collected - sent - rejected - dropped - deadLettered)
      return { ...counts, scrubbed: scrubbed[signal], queued }
    }
    // SIGNALS has every signal once, so the record is complete.
    return Object.fromEntries(SIGNALS.map((signal) => [signal, of(signal)])) as Record<Signal, EdgeBooks>
  }
}
