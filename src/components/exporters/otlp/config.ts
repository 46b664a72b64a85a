import { z } from 'zod'
import { byteSizeSchema, durationSchema } from '../../../config/index.ts'

/** How an edge sends to the hub. The defaults are meant to stay. */
export const otlpExporterConfigSchema = z.strictObject({
  /** Neighbouring records are merged into one request up to this size; a record alone may be larger. */
  maxRequestSize: byteSizeSchema.prefault('1MiB'),
  maxRequestRecords: z.int().min(1).max(10_000).default(200),
  /** Requests under way at once. */
  window: z.int().min(1).max(64).default(8),
  /**
   * When the oldest record that waits is older than this, what is new is sent beside what is old, and before it.
   */
  liveAfter: durationSchema.prefault('30s'),
  timeout: durationSchema.prefault('30s'),
  /** The wait after a first failure and the longest one; each is random within (0, limit]. */
  retryInitial: durationSchema.prefault('200ms'),
  retryMax: durationSchema.prefault('30s'),
  /** How often the cursor is saved. What was sent since would be sent again after a crash, and refused as known. */
  commitInterval: durationSchema.prefault('200ms'),
  reportInterval: durationSchema.prefault('5s'),
  /** How much may be kept of what the hub refuses for good; what comes after is counted only. */
  deadLetterSize: byteSizeSchema.prefault('64MiB'),
})

export type OtlpExporterConfig = z.output<typeof otlpExporterConfigSchema>
