import { z } from 'zod'
import { authSchema, commonKeys, headersSchema, urlSchema } from './common-keys.ts'

/** Any OTLP server: the Collector, Tempo, a vendor's intake, another hub's door for SDKs. */
export const otlpDestinationSchema = z.strictObject({
  type: z.literal('otlp'),
  ...commonKeys({ signals: ['metrics', 'logs', 'traces'], items: 8_192, bytes: '2MiB' }),
  endpoint: urlSchema.describe(
    'Such as https://otlp.example.com:4317; with http, /v1/traces and so on are put behind it.',
  ),
  protocol: z.enum(['grpc', 'http']).default('grpc'),
  compression: z.enum(['gzip', 'none']).default('gzip'),
  headers: headersSchema.optional(),
  auth: authSchema.optional(),
})
