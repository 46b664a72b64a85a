import { z } from 'zod'
import { authSchema, commonKeys, headersSchema, urlSchema } from './common-keys.ts'

export const elasticsearchDestinationSchema = z.strictObject({
  type: z.literal('elasticsearch'),
  ...commonKeys({ signals: ['logs', 'traces'], items: 2_000, bytes: '4MiB' }),
  url: urlSchema.describe('Such as https://elastic.example.com:9200.'),
  headers: headersSchema.optional(),
  auth: authSchema.optional(),
})
