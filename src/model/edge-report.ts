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
  readonly lastError?: { readonly atMs: number; readonly message: string }
}
