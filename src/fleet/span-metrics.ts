import { z } from 'zod'
import { durationSchema } from '../config/index.ts'

const SECOND_MS = 1_000

/** Two milliseconds and 13 times the double: as far as 16 s. */
const DEFAULT_BUCKETS = Array.from({ length: 14 }, (_, i) => 0.002 * 2 ** i)

const bucketsSchema = z
  .array(z.number().positive().max(86_400))
  .min(1)
  .max(60)
  .refine((bounds) => bounds.every((bound, i) => i === 0 || bound > (bounds[i - 1] ?? 0)), 'expected ascending bounds')

/** What the hub derives from spans: request rates, errors and durations of services, and who calls whom. */
export const spanMetricsSchema = z
  .strictObject({
    enabled: z.boolean().default(true),
    interval: durationSchema
      .refine((ms) => ms >= SECOND_MS && ms <= 300 * SECOND_MS, 'expected 1s to 5m')
      .prefault('15s')
      .describe('How often the series get a sample.'),
    buckets: bucketsSchema.default(DEFAULT_BUCKETS).describe('Upper bounds of the histograms, in seconds.'),
    dimensions: z
      .array(z.string().min(1).max(200))
      .max(16)
      .refine((names) => new Set(names).size === names.length, 'expected each name once')
      .default([])
      .describe('Attributes of spans, or else of their resources, that become labels of traces_spanmetrics_….'),
    spanNames: z
      .enum(['as-sent', 'without-ids'])
      .default('as-sent')
      .describe('without-ids replaces numbers, UUIDs and long hexadecimal words in span_name by {id}.'),
    maxSeriesPerCluster: z
      .int()
      .min(200)
      .max(200_000)
      .default(50_000)
      .describe('Above it, new series of a cluster are counted together as one with metric_overflow="true".'),
    wait: durationSchema
      .refine((ms) => ms >= SECOND_MS && ms <= 300 * SECOND_MS, 'expected 1s to 5m')
      .prefault('10s')
      .describe('How long one side of a call waits for the other, which may come from another cluster.'),
    maxPending: z
      .int()
      .min(1_000)
      .max(2_000_000)
      .default(200_000)
      .describe('Sides of calls that wait at once, of all clusters together; above it they are dropped and counted.'),
  })
  .prefault({})
  .describe(
    'Metrics that the hub derives from spans when they arrive: traces_spanmetrics_… and traces_service_graph_….',
  )

export type SpanMetricsSettings = z.output<typeof spanMetricsSchema>
