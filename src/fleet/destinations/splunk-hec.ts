import { z } from 'zod'
import { secretSchema } from '../../config/index.ts'
import { commonKeys, urlSchema } from './common-keys.ts'

/** Splunk's HTTP Event Collector. */
export const splunkHecDestinationSchema = z.strictObject({
  type: z.literal('splunk-hec'),
  ...commonKeys({ signals: ['metrics', 'logs', 'traces'], items: 1_000, bytes: '1MiB' }),
  url: urlSchema.describe('Such as https://splunk.example.com:8088.'),
  token: secretSchema,
})
