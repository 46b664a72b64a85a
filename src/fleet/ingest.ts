import { z } from 'zod'
import { byteSizeSchema } from '../config/index.ts'

const MIB = 1_048_576
const GIB = 1_024 * MIB

const rateSchema = byteSizeSchema.refine((bytes) => bytes >= 1_024, 'expected at least 1KiB')

/** What a cluster may send, in bytes per second after decompression. */
export const clusterRateSchema = rateSchema
  .optional()
  .describe('Bytes per second after decompression that the cluster may send; above it senders are asked to wait.')

/** Limits of what the hub takes in, of all receivers together. */
export const ingestSchema = z
  .strictObject({
    maxRequestSize: byteSizeSchema
      .refine((bytes) => bytes >= MIB && bytes <= 64 * MIB, 'expected 1MiB to 64MiB')
      .prefault('20MiB')
      .describe('Of one request after decompression; larger ones are refused for good.'),
    maxInFlight: byteSizeSchema
      .refine((bytes) => bytes >= 16 * MIB && bytes <= 8 * GIB, 'expected 16MiB to 8GiB')
      .prefault('256MiB')
      .describe('Memory of all requests that are being taken in; one cluster may hold half of it.'),
    maxMemory: byteSizeSchema
      .refine((bytes) => bytes >= 128 * MIB, 'expected at least 128MiB')
      .optional()
      .describe("Of the hub's process: near it senders are asked to wait. By default its container's limit, if any."),
    clusterRate: rateSchema
      .optional()
      .describe('Bytes per second after decompression that each cluster may send. By default there is no such limit.'),
  })
  .prefault({})

export type IngestSettings = z.output<typeof ingestSchema>
