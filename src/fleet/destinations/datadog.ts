import { z } from 'zod'
import { secretSchema } from '../../config/index.ts'
import { commonKeys } from './common-keys.ts'

export const datadogDestinationSchema = z.strictObject({
  type: z.literal('datadog'),
  ...commonKeys({ signals: ['metrics', 'logs', 'traces'], items: 1_000, bytes: '2MiB' }),
  site: z
    .string()
    .regex(/^[a-z0-9.-]+$/, 'expected a site such as datadoghq.eu')
    .default('datadoghq.com'),
  apiKey: secretSchema,
})
