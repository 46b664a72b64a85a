import type { Signal } from './signal.ts'

/** `collected = sent + rejected + dropped + deadLettered + queued`. */
export interface EdgeBooks {
  /** In its log: what it took in since it started, and what it found there. */
  readonly collected: number
  /** Taken away by scrubbing before it was collected. */
  readonly scrubbed: number
  /** Acknowledged by the hub. */
  readonly sent: number
  /** Left out by the hub of what it acknowledged. */
  readonly rejected: number
  /** Deleted unread at the size limit of its log. */
  readonly dropped: number
  /** Put aside because the hub refuses it for good. */
  readonly deadLettered: number
  readonly queued: number
}

/** What an edge tells the hub about itself every few seconds, beside its batches. */
export interface EdgeReport {
  /** `<cluster>/<instance>`, as in its batch ids. */
  readonly edge: string
  readonly version: string
  readonly startedAtMs: number
  /** The edge's clock when it sent this; the hub compares it with its own. */
  readonly sentAtMs: number
  readonly queue: {
    readonly bytes: number
    readonly limitBytes: number
    readonly records: number
    /** When the oldest record that still waits was collected. */
    readonly oldestAtMs?: number
  }
  /** Items dropped since start, by reason (queue full, damaged record, refused by the hub). */
  readonly dropped: Readonly<Record<string, number>>
  /** Its own books since it started, in items. */
  readonly books?: Readonly<Record<Signal, EdgeBooks>>
  /** Dead letters on its disk. */
  readonly deadLetters?: number
  readonly lastError?: { readonly atMs: number; readonly message: string }
}
