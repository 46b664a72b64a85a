import { z } from 'zod'

const MIB = 1024 * 1024

/** How the hub writes its durable log into the engine. */
export const storeExporterConfigSchema = z.strictObject({
  /**
   * Flushes are at least this far apart, unless there is more to store than one of them takes. ClickHouse merges what is
   * inserted in small parts again and again: twice the rows in an insert cost the engine a third less a row.
   */
  flushIntervalMs: z.int().min(10).max(10_000).default(1000),
  /** Of records, in a flush; a single record may be larger. */
  flushBytes: z
    .int()
    .min(64 * 1024)
    .max(256 * MIB)
    .default(32 * MIB),
  /** Resource attributes that become labels of metrics; default: what Prometheus' documentation recommends. */
  promotedAttributes: z.array(z.string().min(1)).optional(),
  /** Whether instrumentation scopes become labels `otel_scope_…` of metrics. */
  scopeLabels: z.boolean().default(false),
  /** Of records that can never be stored, on disk. */
  deadLetterBytes: z
    .int()
    .min(MIB)
    .default(256 * MIB),
})

export type StoreExporterConfig = z.infer<typeof storeExporterConfigSchema>
