import { z } from 'zod'
import { overlay } from './overlay.ts'

/** Options that the receiver's own schema checks, in the edge that runs it. */
const passedThrough = z.record(z.string(), z.unknown())

const scrapeJobSchema = z
  .looseObject({ job: z.string().min(1), targets: z.array(z.unknown()).optional() })
  .describe('A job of the prometheus receiver; further keys are its own.')

const globsSchema = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)])

const filesSchema = z
  .looseObject({ include: globsSchema, exclude: globsSchema.optional() })
  .describe(
    'A set of files for the filelog receiver; further keys are its own. Relative paths start at the state directory.',
  )

/** What an edge collects. A key that is absent falls back to `defaults.collect`, then to what is built in. */
export const collectSchema = z.strictObject({
  otlp: z.boolean().optional().describe('Take OTLP from programs of the cluster. Built in: true.'),
  host: z
    .union([z.boolean(), passedThrough])
    .optional()
    .describe('Metrics of the machine: true, false or options of the host receiver. Built in: true.'),
  scrape: z.array(scrapeJobSchema).optional().describe('Prometheus targets.'),
  files: z.array(filesSchema).optional().describe('Log files.'),
})

type CollectInput = z.output<typeof collectSchema>

export type ScrapeJob = z.output<typeof scrapeJobSchema>
export type LogFiles = z.output<typeof filesSchema>

/** What an edge collects, with nothing left open. */
export interface Collect {
  readonly otlp: boolean
  readonly host: boolean | Readonly<Record<string, unknown>>
  readonly scrape: readonly ScrapeJob[]
  readonly files: readonly LogFiles[]
}

const BUILT_IN: Collect = { otlp: true, host: true, scrape: [], files: [] }

/** Key by key: a list of the cluster replaces the list of the defaults. */
export function resolveCollect(cluster: CollectInput | undefined, defaults: CollectInput | undefined): Collect {
  return overlay(BUILT_IN, defaults, cluster)
}
