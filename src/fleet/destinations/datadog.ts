import { z } from 'zod'
import { secretSchema } from '../../config/index.ts'
import { commonKeys, urlSchema } from './common-keys.ts'
import { placeSchema } from './place.ts'

export const datadogDestinationSchema = z.strictObject({
  type: z.literal('datadog'),
  ...commonKeys({ signals: ['metrics', 'logs', 'traces'], items: 1_000, bytes: '2MiB' }),
  site: z
    .string()
    .regex(/^[a-z0-9.-]+$/, 'expected a site such as datadoghq.eu')
    .default('datadoghq.com'),
  apiKey: secretSchema,
  endpoints: z
    .strictObject({ metrics: urlSchema.optional(), logs: urlSchema.optional(), traces: urlSchema.optional() })
    .prefault({})
    .describe('Whole addresses instead of those of the site, for proxies and private links.'),
  tags: z
    .array(z.string().regex(/^[^:,\s]+:[^,]+$/, 'expected a tag such as team:sre'))
    .default([])
    .describe('Added to every metric and log record.'),
  resourceTags: z
    .array(z.string().min(1))
    .default([])
    .describe("Resource attributes that become tags, besides those of Datadog's own names (service, env, kube_…)."),
  source: placeSchema
    .prefault({ attribute: 'datadog.log.source', otherwise: 'otel' })
    .describe('The source of logs, by which Datadog chooses a pipeline.'),
  histogramBuckets: z
    .boolean()
    .default(false)
    .describe('Whether the buckets of histograms are sent too, as counts with the tags lower_bound and upper_bound.'),
  counters: z
    .int()
    .min(1_000)
    .max(10_000_000)
    .default(200_000)
    .describe('Cumulative series of which the last values are kept in memory, to send what was added.'),
})
