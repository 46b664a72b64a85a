import { z } from 'zod'
import { byteSizeSchema, durationSchema, secretSchema } from '../../config/index.ts'
import type { Signal } from '../../model/index.ts'
import { whereSchema } from './where.ts'

/** What a kind of destination has as its defaults; sizes and durations as one writes them. */
export interface DestinationDefaults<S extends Signal> {
  /** The signals that it can take at all, and takes if the file does not choose. */
  readonly signals: readonly [S, ...S[]]
  readonly items: number
  readonly bytes: string
  readonly wait?: string
  /** Requests under way at once, of each signal. */
  readonly concurrency?: number
}

const tlsSchema = z
  .strictObject({
    ca: z.string().min(1).optional().describe('A file of authorities, instead of those that Node trusts.'),
    cert: z.string().min(1).optional(),
    key: z.string().min(1).optional(),
    serverName: z.string().min(1).optional().describe('The name in its certificate, if it is not the host of the URL.'),
  })
  .superRefine(({ cert, key }, context) => {
    if ((cert === undefined) === (key === undefined)) return
    const missing = cert === undefined ? 'cert' : 'key'
    context.addIssue({ code: 'custom', path: [missing], message: 'is missing: a certificate and its key go together' })
  })
  .describe('Files for TLS. They are read again when they change.')

/** When a request is made. */
export interface BatchLimits {
  readonly items: number
  readonly bytes: number
  readonly wait: number
}

/** What does not depend on the kind. */
const SHARED_KEYS = {
  where: whereSchema.prefault({}),
  scrub: z.array(z.string()).default([]).describe('Kinds of personal data that are taken out for this destination.'),
  timeout: durationSchema.prefault('30s').describe('Of one request.'),
  backlog: z
    .strictObject({
      maxBytes: byteSizeSchema.optional(),
      maxAge: durationSchema.optional(),
      onFull: z.enum(['drop-oldest', 'hold']).default('drop-oldest'),
    })
    .prefault({})
    .describe(
      'What may wait in the durable log while the destination is away; by default half of the log. Beyond it the oldest is dropped for this destination and counted; with hold the hub rather asks senders to wait.',
    ),
  backfill: durationSchema
    .prefault('0s')
    .describe('When the destination is new: how far back it begins, as far as the durable log still holds it.'),
  tls: tlsSchema.optional(),
}

export type CommonKeys<S extends Signal> = typeof SHARED_KEYS & {
  readonly signals: z.ZodType<S[], S[] | undefined>
  readonly batch: z.ZodType<BatchLimits>
  readonly concurrency: z.ZodType<number, number | undefined>
}

/** The keys that every kind has. Spread them into its `z.strictObject`, behind `type`. */
export function commonKeys<const S extends Signal>(defaults: DestinationDefaults<S>): CommonKeys<S> {
  const { signals, items, bytes, wait = '1s', concurrency = 4 } = defaults
  return {
    signals: z
      .array(z.enum(signals))
      .min(1)
      .default([...signals]),
    ...SHARED_KEYS,
    batch: z
      .strictObject({
        items: z.int().min(1).max(1_000_000).default(items),
        bytes: byteSizeSchema.prefault(bytes),
        wait: durationSchema.prefault(wait),
      })
      .prefault({})
      .describe('A request is made when one of the limits is reached. Bytes are those in the durable log.'),
    concurrency: z.int().min(1).max(64).default(concurrency).describe('Requests under way at once, of each signal.'),
  }
}

/** The address of an HTTP service. */
export const urlSchema = z
  .string()
  .regex(/^https?:\/\/[^\s@/?#]+[^\s@#]*$/, 'expected an http:// or https:// address without user and password')

const SECRET_HEADER = /auth|token|secret|password|cookie|api-?key/i

const headerNameSchema = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, 'expected the name of a header')
const headerValueSchema = z.string().regex(/^[\t\x20-\x7e]*$/, 'expected printable ASCII')

/** Headers of every request. What looks like a secret must be one. */
export const headersSchema = z
  .record(headerNameSchema, z.union([headerValueSchema, secretSchema]))
  .superRefine((headers, context) => {
    for (const [name, value] of Object.entries(headers)) {
      if (typeof value === 'string' && SECRET_HEADER.test(name)) {
        const message = 'a secret is never written into this file: write { env: NAME } or { file: PATH }'
        context.addIssue({ code: 'custom', path: [name], message })
      }
    }
  })
  .describe('Headers of every request. Values are texts or secrets.')

/** How HTTP requests are authorized, where a header would have to be put together. */
export const authSchema = z
  .union(
    [
      z.strictObject({ bearer: secretSchema }),
      z.strictObject({ basic: z.strictObject({ username: z.string().regex(/^[^:]+$/), password: secretSchema }) }),
    ],
    { error: 'expected { bearer: secret } or { basic: { username, password: secret } }' },
  )
  .describe('The Authorization header: a bearer token, or user and password.')

/** The header by which Mimir, Loki and Tempo tell tenants: always the same, or what the hub knows of the sender. */
export const orgIdSchema = z
  .union(
    [
      z.string().regex(/^[0-9A-Za-z!\-_.*'()]{1,150}$/, 'expected the id of a tenant'),
      z.strictObject({ from: z.enum(['tenant', 'cluster', 'environment']) }),
    ],
    { error: 'expected the id of a tenant, or { from: tenant }' },
  )
  .describe('The X-Scope-OrgID header: fixed, or from the tenant, cluster or environment of what is sent.')
