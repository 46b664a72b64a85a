import { z } from 'zod'
import { authSchema, commonKeys, headersSchema, orgIdSchema, urlSchema } from './common-keys.ts'

export const lokiDestinationSchema = z.strictObject({
  type: z.literal('loki'),
  ...commonKeys({ signals: ['logs'], items: 5_000, bytes: '2MiB' }),
  url: urlSchema.describe('Such as https://loki.example.com; /loki/api/v1/push is put behind it.'),
  headers: headersSchema.optional(),
  auth: authSchema.optional(),
  orgId: orgIdSchema.optional(),
})
