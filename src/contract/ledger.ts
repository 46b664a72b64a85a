import { z } from 'zod'

/**
 * `GET /api/v1/ledger`: what came in and what became of it, in items (points, log records, spans) over the life of the
 * hub's store. For every line: `received = stored + deduplicated + rejected + queued + difference`. `expired` is the part
 * of `stored` that is older than the retention. See docs/ledger.md.
 */
const signalSchema = z.enum(['metrics', 'logs', 'traces'])
const reasonsSchema = z.record(z.string(), z.number())

const balanceSchema = z.object({
  received: z.number(),
  stored: z.number(),
  /** Came once more under an id that the hub has had, and acknowledged without being stored again. */
  deduplicated: z.number(),
  /** At the door and by the store, by reason. */
  rejected: reasonsSchema,
  /** In the durable log, not stored yet. */
  queued: z.number(),
  /** 0 when the books balance; above 0 items are lost, below 0 some are stored more often than they came. */
  difference: z.number(),
})
export type LedgerBalance = z.infer<typeof balanceSchema>

const signalBalanceSchema = balanceSchema.extend({
  signal: signalSchema,
  /** Of what was stored, by the day on which it was; absent while the engine does not answer. */
  expired: z.number().optional(),
})

/** What an edge says of itself, since it started: `collected = sent + rejected + dropped + deadLettered + queued`. */
const edgeBooksSchema = z.object({
  edge: z.string(),
  heardAtMs: z.number(),
  signals: z.array(
    z.object({
      signal: signalSchema,
      collected: z.number(),
      /** Taken away by scrubbing before it was collected. */
      scrubbed: z.number(),
      sent: z.number(),
      rejected: z.number(),
      dropped: z.number(),
      deadLettered: z.number(),
      queued: z.number(),
    }),
  ),
})
export type EdgeBooksEntry = z.infer<typeof edgeBooksSchema>

const sourceSchema = balanceSchema.extend({
  /** `edge` for batches with an id; otherwise the kind of receiver. */
  source: z.string(),
  /** Of an edge: `<cluster>/<instance>`, and which of its logs. */
  edge: z.string().optional(),
  epoch: z.string().optional(),
  signal: signalSchema,
  batches: z.number(),
  firstAtMs: z.number(),
  lastAtMs: z.number(),
  /** Of an edge's log: the last sequence without a gap before it, the highest one, and what is missing between. */
  sequences: z
    .object({
      contiguous: z.number(),
      highest: z.number(),
      missing: z.number(),
      gaps: z.array(z.object({ first: z.number(), last: z.number() })),
    })
    .optional(),
})
export type LedgerSourceEntry = z.infer<typeof sourceSchema>

const clusterSchema = z.object({
  cluster: z.string(),
  tenant: z.string(),
  balanced: z.boolean(),
  signals: z.array(signalBalanceSchema),
  sources: z.array(sourceSchema),
  edges: z.array(edgeBooksSchema),
})
export type LedgerCluster = z.infer<typeof clusterSchema>

export const ledgerSchema = z.object({
  nowMs: z.number(),
  /**
   * Whether the books were compared at the store's present position. When not (the engine is away, or the store is
   * catching up), differences are those of the last comparison.
   */
  current: z.boolean(),
  balanced: z.boolean(),
  clusters: z.array(clusterSchema),
})
export type Ledger = z.infer<typeof ledgerSchema>
