import { z } from 'zod'
import { durationSchema } from '../config/index.ts'

const HOUR_MS = 3_600_000

const keepSchema = durationSchema.refine((ms) => ms >= HOUR_MS, 'expected at least 1h')

/** Samples by buckets of five minutes and of an hour, which PromQL reads instead of them over long ranges. */
export const rollupsSchema = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Whether samples are rolled up, and rollups are read.'),
    retention: z
      .strictObject({ fiveMinutes: keepSchema.optional(), oneHour: keepSchema.optional() })
      .prefault({})
      .describe('How long rollups are kept, such as 400d; as long as metrics, if that is longer or nothing is said.'),
  })
  .prefault({})
