import { z } from 'zod'
import { authSchema, commonKeys, headersSchema, orgIdSchema, urlSchema } from './common-keys.ts'

/** Remote write: Prometheus, Mimir, Thanos, VictoriaMetrics and everything that takes the same. */
export const prometheusDestinationSchema = z.strictObject({
  type: z.literal('prometheus'),
  ...commonKeys({ signals: ['metrics'], items: 10_000, bytes: '4MiB', concurrency: 1 }),
  url: urlSchema.describe('Such as https://mimir.example.com/api/v1/push.'),
  version: z
    .enum(['auto', '1.0', '2.0'])
    .default('auto')
    .describe('Of remote write. With auto it is 2.0 where the server knows it, and 1.0 otherwise.'),
  headers: headersSchema.optional(),
  auth: authSchema.optional(),
  orgId: orgIdSchema.optional(),
  names: z
    .enum([
      'UnderscoreEscapingWithSuffixes',
      'UnderscoreEscapingWithoutSuffixes',
      'NoUTF8EscapingWithSuffixes',
      'NoTranslation',
    ])
    .default('UnderscoreEscapingWithSuffixes')
    .describe("How OTLP names become Prometheus names, in the words of Prometheus' otlp.translation_strategy."),
  promoteResourceAttributes: z
    .array(z.string().min(1))
    .optional()
    .describe("Resource attributes that become labels; by default those of Prometheus' documentation."),
  scopeLabels: z.boolean().default(false).describe('Whether instrumentation scopes become labels otel_scope_….'),
})
