import { z } from 'zod'
import { byteSizeSchema, durationSchema } from '../../../config/index.ts'

const limits = {
  /** Of one request, after decompression. The specification wants a limit and suggests 64 MiB. */
  maxRequestSize: byteSizeSchema.prefault('20MiB'),
  /** Of one OTLP/JSON request: JSON costs the thread that takes everything in several times as much. */
  maxJsonRequestSize: byteSizeSchema.prefault('4MiB'),
  /** How long a sender may take to send a request whose place is kept. */
  receiveTimeout: durationSchema.prefault('30s'),
  maxConnections: z.int().min(1).default(512),
}

/** The receiver on an edge, on loopback: what a user may write in the fleet file. */
export const edgeOtlpConfigSchema = z.strictObject({
  ...limits,
  /** Of all requests that are being taken in together. */
  maxInFlight: byteSizeSchema.prefault('64MiB'),
  /** How many requests may wait for memory before the next one is turned away. */
  maxWaiting: z.int().min(0).default(256),
  /** How long one may wait for it. Senders give up after 10 s and more. */
  maxWait: durationSchema.prefault('5s'),
})

/** The receiver on the hub, behind mutual TLS; memory is bounded by the gate before all receivers. */
export const hubOtlpConfigSchema = z.strictObject({
  ...limits,
  maxConnectionsPerClient: z.int().min(1).default(64),
  /**
   * How long a connection lives. Whoever connects again shows a certificate again, so this bounds for how long a
   * certificate is taken that is no longer wanted.
   */
  maxConnectionAge: durationSchema.prefault('1m'),
})

export type EdgeOtlpConfig = z.output<typeof edgeOtlpConfigSchema>
export type HubOtlpConfig = z.output<typeof hubOtlpConfigSchema>

/** What both kinds of server need to know. */
export type OtlpLimitsConfig = Pick<EdgeOtlpConfig, keyof typeof limits>
