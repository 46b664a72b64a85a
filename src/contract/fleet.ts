import { z } from 'zod'
import { clusterSendSchema, destinationSnapshotSchema } from './destination.ts'

/** `GET /api/v1/fleet`: what the Fleet page and `fleetglass status` show. Times are ms since the epoch, ages in ms. */
export const clusterStatusSchema = z.enum(['healthy', 'degraded', 'silent', 'cut-off', 'unknown'])
export type ClusterStatus = z.infer<typeof clusterStatusSchema>

const ratesSchema = z.object({ metrics: z.number(), logs: z.number(), traces: z.number() })

/** Items of one kind that were refused: the newest example, and how many there were since the hub started. */
const rejectionSchema = z.object({
  atMs: z.number(),
  /** Who refused them: a kind of receiver, or `store`. */
  source: z.string(),
  signal: z.enum(['metrics', 'logs', 'traces']).optional(),
  reason: z.string(),
  items: z.number(),
  times: z.number(),
  /** About the newest; holds no telemetry beside names. */
  detail: z.string().optional(),
})
export type Rejection = z.infer<typeof rejectionSchema>

const clusterSnapshotSchema = z.object({
  cluster: z.string(),
  environment: z.string(),
  region: z.string(),
  clusterType: z.string(),
  tenant: z.string(),
  status: clusterStatusSchema,
  /** In words, when not healthy: what, since when, what now. */
  reason: z.string().optional(),
  /** Since when it has this status. */
  sinceMs: z.number(),
  /** Items per second taken in over the last 30 s, by signal. */
  rates: ratesSchema,
  /** Items taken in per second, one value a bucket, oldest first; null where nothing is known. */
  history: z.object({
    startMs: z.number(),
    stepMs: z.number(),
    metrics: z.array(z.number().nullable()),
    logs: z.array(z.number().nullable()),
    traces: z.array(z.number().nullable()),
    /** From collected to queryable, of what became queryable in the bucket: the mean of the medians, the worst p99. */
    lagP50Ms: z.array(z.number().nullable()),
    lagP99Ms: z.array(z.number().nullable()),
  }),
  /** From collected at the edge to stored and queryable, over the last minute. */
  lag: z.object({ p50Ms: z.number(), p99Ms: z.number() }).optional(),
  /** What waits on the edges, as they last reported. */
  queue: z.object({ bytes: z.number(), limitBytes: z.number(), records: z.number() }).optional(),
  /** Items refused in the last minute per second, since the hub started by reason, and the last kinds, newest first. */
  rejected: z.object({
    perSecond: z.number(),
    total: z.record(z.string(), z.number()),
    recent: z.array(rejectionSchema),
  }),
  /** Labels that claimed another identity and were overwritten, since the hub started. */
  overwritten: z.number(),
  /** Items since the hub's store began: `accepted = stored + rejected + queued + difference`; see `/api/v1/ledger`. */
  ledger: z.object({
    accepted: z.number(),
    stored: z.number(),
    forwardedOnly: z.number(),
    rejected: z.number(),
    queued: z.number(),
    /** Came once more and were not stored again; not among those accepted. */
    deduplicated: z.number(),
    /** 0, or how many items are unaccounted for. */
    difference: z.number(),
    balanced: z.boolean(),
  }),
  /** Records put aside because they cannot be delivered as they are. */
  deadLetters: z.number(),
  /** To the destinations of the fleet file, in its order; the hub's own store is the ledger's. */
  sends: z.array(clusterSendSchema),
  /** The end of the certificate that was last presented. */
  certificate: z
    .object({
      notBeforeMs: z.number(),
      notAfterMs: z.number(),
      serial: z.string(),
      /** The SPIFFE ID by which the hub knows the cluster; absent where it has none of ours. */
      spiffeId: z.string().optional(),
    })
    .optional(),
  edges: z.array(
    z.object({
      edge: z.string(),
      version: z.string(),
      connected: z.boolean(),
      heardAtMs: z.number(),
      /** Items per second that it collected between its last two reports. */
      perSecond: z.number().optional(),
      /** What waits on its disk; `oldestMs` is the age of the oldest record at the time of the report. */
      queue: z.object({ bytes: z.number(), limitBytes: z.number(), oldestMs: z.number().optional() }),
      /** Its clock less the hub's when its report came: ahead of it, if above 0; the way of the report counts as behind. */
      clockMs: z.number(),
    }),
  ),
  /** When a batch or a report last came. */
  heardAtMs: z.number().optional(),
  lastError: z.object({ atMs: z.number(), message: z.string() }).optional(),
})
export type ClusterSnapshot = z.infer<typeof clusterSnapshotSchema>

const fleetEventSchema = z.object({
  atMs: z.number(),
  cluster: z.string(),
  kind: z.enum(['status', 'refused', 'connected', 'certificate', 'ledger']),
  message: z.string(),
})
export type FleetEvent = z.infer<typeof fleetEventSchema>

/** A connection or request that the hub refused before it could be put to a cluster of the fleet. */
const refusalSchema = z.object({
  atMs: z.number(),
  reason: z.string(),
  detail: z.string(),
  remote: z.string(),
})

export const fleetSnapshotSchema = z.object({
  fleet: z.string(),
  hub: z.object({ cluster: z.string(), version: z.string(), startedAtMs: z.number(), engine: z.string() }),
  nowMs: z.number(),
  clusters: z.array(clusterSnapshotSchema),
  destinations: z.array(destinationSnapshotSchema),
  events: z.array(fleetEventSchema),
  refusals: z.object({ total: z.record(z.string(), z.number()), recent: z.array(refusalSchema) }),
})
export type FleetSnapshot = z.infer<typeof fleetSnapshotSchema>
