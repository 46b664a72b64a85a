import { z } from 'zod'
import { byteSizeSchema, durationSchema, secretSchema } from '../config/index.ts'
import { PROMQL_FEATURES } from '../model/index.ts'
import { listenSchema } from './address.ts'
import { collectSchema } from './collect.ts'
import { destinationSchema } from './destinations/index.ts'
import { clusterRateSchema, ingestSchema } from './ingest.ts'
import { hostSchema, nameSchema } from './names.ts'
import { rollupsSchema } from './rollups.ts'
import { clusterScrubSchema, scrubProfileSchema } from './scrub-schema.ts'
import { spanMetricsSchema } from './span-metrics.ts'
import { writerSchema } from './writers.ts'

const HOUR_MS = 3_600_000

const keepSchema = durationSchema.refine((ms) => ms >= HOUR_MS, 'expected at least 1h')
const retentionSchema = z
  .strictObject({ metrics: keepSchema.optional(), logs: keepSchema.optional(), traces: keepSchema.optional() })
  .describe('How long each signal is kept, such as 30d. Built in: metrics 30d, logs 14d, traces 7d.')

const engineSchema = z.discriminatedUnion('kind', [
  z
    .strictObject({ kind: z.literal('embedded'), path: z.string().min(1).default('./data') })
    .describe('ClickHouse within the hub; `path` is its data directory.'),
  z
    .strictObject({
      kind: z.literal('clickhouse'),
      url: z
        .string()
        .regex(/^https?:\/\/[^\s@]+$/, 'expected an http:// or https:// address without user and password'),
      database: z
        .string()
        .regex(/^[A-Za-z_]\w*$/, 'expected the name of a database')
        .default('fleetglass'),
      username: z.string().min(1).optional(),
      password: secretSchema.optional(),
      cluster: z
        .string()
        .regex(/^[\w-]+$/, 'expected the name of a ClickHouse cluster')
        .optional(),
    })
    .describe('A ClickHouse server, or with `cluster` a ClickHouse cluster.'),
])

const hubSchema = z.strictObject({
  cluster: nameSchema.describe('The cluster that the hub runs in.'),
  listen: z
    .strictObject({
      otlpGrpc: listenSchema.prefault(4317),
      otlpHttp: listenSchema.prefault(4318),
      http: listenSchema.prefault(8080),
    })
    .prefault({})
    .describe('Ports, or host:port. A port alone listens on loopback only.'),
  engine: engineSchema.prefault({ kind: 'embedded' }),
  names: z
    .array(hostSchema)
    .min(1)
    .default(['localhost', '127.0.0.1', '::1'])
    .describe('DNS names and IP addresses by which edges reach the hub; its certificate is for these.'),
  log: z
    .strictObject({
      maxBytes: byteSizeSchema.prefault('10GiB'),
      keep: durationSchema
        .prefault('1h')
        .describe(
          'How long records stay after everybody has read them, for new destinations; a quarter of maxBytes at most.',
        ),
    })
    .prefault({})
    .describe(
      'The durable log in front of the engine and the destinations. At its limit the hub asks senders to wait.',
    ),
  ingest: ingestSchema.describe('What the hub takes in, of all receivers together.'),
  query: z
    .strictObject({
      features: z
        .array(z.enum(PROMQL_FEATURES))
        .default([])
        .describe('Experimental parts of PromQL to switch on, by the names of the flags that Prometheus has for them.'),
      cache: byteSizeSchema
        .prefault('64MiB')
        .describe('Memory for answers of range queries that are asked again. 0B keeps none.'),
    })
    .prefault({}),
  rollups: rollupsSchema.describe(
    'Samples by buckets of 5 minutes and of an hour, which PromQL reads instead of them over long ranges.',
  ),
  spanMetrics: spanMetricsSchema,
})

const edgeSchema = z.strictObject({
  listen: z
    .strictObject({
      otlpGrpc: listenSchema.prefault(4317),
      otlpHttp: listenSchema.prefault(4318),
      http: listenSchema.prefault(8080),
    })
    .prefault({})
    .describe(
      'Where the edge takes OTLP, and where it serves /metrics and /readyz. A port alone listens on loopback only.',
    ),
  buffer: z
    .strictObject({ maxBytes: byteSizeSchema.prefault('2GiB') })
    .prefault({})
    .describe('The durable log of the edge. At its limit the oldest records go first, and are counted.'),
})

const clusterSchema = z.strictObject({
  environment: nameSchema,
  region: nameSchema,
  clusterType: nameSchema.default('workload'),
  tenant: nameSchema.optional().describe('Who owns what the cluster sends. By default the environment.'),
  collect: collectSchema.optional(),
  rate: clusterRateSchema,
  scrub: clusterScrubSchema.optional(),
  edge: edgeSchema.prefault({}),
})

const teamSchema = z.strictObject({
  tenants: z
    .array(z.union([z.literal('*'), nameSchema]))
    .min(1)
    .describe('Tenants that the team may read; "*" is all.'),
  clusters: z.array(nameSchema).min(1).optional().describe('If given, only these clusters of those tenants.'),
  role: z.enum(['viewer', 'editor', 'admin']),
  tokens: z.array(secretSchema).default([]).describe('Bearer tokens by which members are known.'),
})

/** The fleet file as one writes it; `findContradictions` looks at what one part says of another. */
export const fleetSchema = z.strictObject({
  fleet: nameSchema.describe('The name of the fleet.'),
  trustDomain: z
    .string()
    .regex(/^[a-z0-9._-]{1,255}$/, 'expected a SPIFFE trust domain, such as fleet.example.com')
    .optional()
    .describe('The trust domain of all certificates. By default the name of the fleet.'),
  hub: hubSchema,
  defaults: z
    .strictObject({
      retention: retentionSchema.optional(),
      scrub: clusterScrubSchema.optional(),
      collect: collectSchema.optional(),
    })
    .prefault({}),
  tenants: z.record(nameSchema, z.strictObject({ retention: retentionSchema.optional() })).default({}),
  clusters: z.record(nameSchema, clusterSchema),
  scrubProfiles: z.record(nameSchema, scrubProfileSchema).default({}),
  destinations: z.record(nameSchema, destinationSchema).default({}),
  teams: z.record(nameSchema, teamSchema).default({}),
  writers: z
    .record(nameSchema, writerSchema)
    .default({})
    .describe('Who may write with a token instead of a certificate, by name.'),
  access: z
    .strictObject({
      anonymous: nameSchema.optional().describe('The team of callers without a token. By default they are refused.'),
    })
    .prefault({}),
})

export type FleetFile = z.output<typeof fleetSchema>
export type HubSettings = FleetFile['hub']
export type EdgeSettings = z.output<typeof edgeSchema>
