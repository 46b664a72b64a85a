import { z } from 'zod'

const countsSchema = z.record(z.string(), z.number())

export const destinationStateSchema = z.enum(['starting', 'up', 'behind', 'retrying', 'misconfigured', 'stopped'])
export type DestinationState = z.infer<typeof destinationStateSchema>

/** One signal on its way to one destination. Counts are items since the hub started. */
const destinationSignalSchema = z.object({
  signal: z.enum(['metrics', 'logs', 'traces']),
  state: destinationStateSchema,
  /** The age of the oldest record that is not delivered. */
  lagMs: z.number(),
  /** Of the hub's durable log: what lies behind this signal's cursor, whatever is in it. */
  backlog: z.object({ bytes: z.number(), records: z.number() }),
  delivered: z.number(),
  /** Left out by the conditions of the fleet file. */
  filtered: z.number(),
  /** What will never be delivered, by reason. */
  undelivered: countsSchema,
  /** What was put aside, by reason. */
  deadLetters: countsSchema,
  lastError: z.object({ atMs: z.number(), message: z.string() }).optional(),
  lastSuccessMs: z.number().optional(),
  /** In words: how far back it began when it was new, and what the log no longer had. */
  backfill: z.string().optional(),
})

/** What of one cluster goes to one destination, by signal. Counts are items since the hub started. */
export const clusterSendSchema = z.object({
  destination: z.string(),
  type: z.string(),
  signals: z.array(
    z.object({
      signal: z.enum(['metrics', 'logs', 'traces']),
      /** Of the destination, for all clusters. */
      state: destinationStateSchema,
      /** Items delivered per second over the last 30 s. */
      perSecond: z.number(),
      delivered: z.number(),
      /** Left out by the conditions of the fleet file. */
      filtered: z.number(),
      /** Never delivered, or put aside. Of requests with items of several clusters: by their share of the items. */
      lost: z.number(),
      /** Items read from the hub's log and not done with; while a destination is behind, more wait in the log. */
      waiting: z.number(),
      /** The age of the oldest of those. */
      lagMs: z.number(),
    }),
  ),
})
export type ClusterSend = z.infer<typeof clusterSendSchema>

export const destinationSnapshotSchema = z.object({
  name: z.string(),
  type: z.string(),
  /** The worst of its signals. */
  state: destinationStateSchema,
  signals: z.array(destinationSignalSchema),
})
export type DestinationSnapshot = z.infer<typeof destinationSnapshotSchema>
