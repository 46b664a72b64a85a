import { z } from 'zod'
import { byteSizeSchema, durationSchema, secretSchema } from '../../../config/index.ts'
import { CANONICAL_LABELS, HUB_RECEIVED_AT } from '../../../model/index.ts'
import { relabelRuleSchema } from './relabel-config.ts'

const LIKE_PROMETHEUS_TIMEOUT_MS = 10_000

const addressSchema = z
  .string()
  .min(1)
  .refine((address) => !address.includes('/'), 'expected host:port, without a scheme or a path')

const labelsSchema = z.record(z.string().min(1), z.string()).superRefine((labels, context) => {
  for (const name of Object.keys(labels)) {
    if (name in CANONICAL_LABELS || name === HUB_RECEIVED_AT) {
      context.addIssue({ code: 'custom', path: [name], message: 'this label is stamped by the hub' })
    }
  }
})

const targetsSchema = z.union([
  addressSchema.transform((address) => ({ targets: [address], labels: {} })),
  z.strictObject({ targets: z.array(addressSchema).min(1), labels: labelsSchema.default({}) }),
])

const tlsSchema = z.strictObject({
  /** Trusted instead of the system's authorities. PEM, like the others; files are read anew for each scrape. */
  caFile: z.string().min(1).optional(),
  certFile: z.string().min(1).optional(),
  keyFile: z.string().min(1).optional(),
  /** The name to ask for and to find in the certificate, if it is not that of the address. */
  serverName: z.string().min(1).optional(),
  insecureSkipVerify: z.boolean().default(false),
})

const jobSchema = z
  .strictObject({
    job: z.string().min(1),
    targets: z.array(targetsSchema).default([]),
    interval: durationSchema.prefault('15s'),
    /** By default 10 s, or the interval where that is shorter. */
    timeout: durationSchema.optional(),
    path: z.string().startsWith('/').default('/metrics'),
    scheme: z.enum(['http', 'https']).default('http'),
    params: z.record(z.string().min(1), z.array(z.string())).default({}),
    /** Whether scraped labels win over those of the target; otherwise they become `exported_…`. */
    honorLabels: z.boolean().default(false),
    /** Whether explicit timestamps of samples are kept. */
    honorTimestamps: z.boolean().default(true),
    /** Whether series with explicit timestamps get staleness markers too. */
    trackTimestampsStaleness: z.boolean().default(false),
    followRedirects: z.boolean().default(true),
    /** The format to assume when a target answers with no known content type; without it the scrape fails. */
    fallbackFormat: z.enum(['prometheus-text', 'openmetrics-text']).optional(),
    /** Limits fail the whole scrape, as in Prometheus. Bodies are counted unpacked. */
    bodySizeLimit: byteSizeSchema.prefault('64MiB'),
    sampleLimit: z.int().positive().optional(),
    labelLimit: z.int().positive().optional(),
    labelNameLengthLimit: z.int().positive().optional(),
    labelValueLengthLimit: z.int().positive().optional(),
    /** More targets than that, after relabeling, and none of the job is scraped. */
    targetLimit: z.int().positive().optional(),
    /** Applied to targets before the first scrape. */
    relabel: z.array(relabelRuleSchema).default([]),
    /** Applied to each scraped series. */
    metricRelabel: z.array(relabelRuleSchema).default([]),
    tls: tlsSchema.optional(),
    basicAuth: z.strictObject({ username: z.string().min(1), password: secretSchema }).optional(),
    bearerToken: secretSchema.optional(),
  })
  .superRefine((job, context) => {
    if (job.interval === 0) context.addIssue({ code: 'custom', path: ['interval'], message: 'must be longer than 0s' })
    if (job.timeout === 0) context.addIssue({ code: 'custom', path: ['timeout'], message: 'must be longer than 0s' })
    if (job.timeout !== undefined && job.timeout > job.interval) {
      context.addIssue({ code: 'custom', path: ['timeout'], message: 'must not be longer than the interval' })
    }
    if (job.basicAuth !== undefined && job.bearerToken !== undefined) {
      context.addIssue({ code: 'custom', path: ['bearerToken'], message: 'cannot be combined with basicAuth' })
    }
    if ((job.tls?.certFile === undefined) !== (job.tls?.keyFile === undefined)) {
      context.addIssue({ code: 'custom', path: ['tls'], message: 'certFile and keyFile must come together' })
    }
  })
  .transform((job) => ({ ...job, timeout: job.timeout ?? Math.min(LIKE_PROMETHEUS_TIMEOUT_MS, job.interval) }))

/** What to scrape and how; what a user writes in the fleet file, after Prometheus' `scrape_configs`. */
export const prometheusReceiverConfigSchema = z.strictObject({
  jobs: z.array(jobSchema).superRefine((jobs, context) => {
    const seen = new Set<string>()
    for (const [i, { job }] of jobs.entries()) {
      if (seen.has(job)) context.addIssue({ code: 'custom', path: [i, 'job'], message: `a second job ${job}` })
      seen.add(job)
    }
  }),
  /** Memory for scrapes that the pipeline refused for the moment. Over it, the oldest are dropped and counted. */
  pendingLimit: byteSizeSchema.prefault('16MiB'),
})

export type PrometheusReceiverConfig = z.infer<typeof prometheusReceiverConfigSchema>
export type ScrapeJob = PrometheusReceiverConfig['jobs'][number]
