import { z } from 'zod'
import { secretSchema } from '../../config/index.ts'
import { authSchema, commonKeys, headersSchema, urlSchema } from './common-keys.ts'
import { placeSchema } from './place.ts'

export const elasticsearchDestinationSchema = z
  .strictObject({
    type: z.literal('elasticsearch'),
    ...commonKeys({ signals: ['logs', 'traces', 'metrics'], items: 2_000, bytes: '4MiB' }),
    url: urlSchema.describe('Such as https://elastic.example.com:9200.'),
    headers: headersSchema.optional(),
    auth: authSchema.optional(),
    apiKey: secretSchema.optional().describe('An API key in its encoded form, instead of auth.'),
    dataset: placeSchema
      .prefault({ attribute: 'data_stream.dataset', otherwise: 'generic' })
      .describe('The middle part of the data streams <type>-<dataset>-<namespace>.'),
    namespace: placeSchema
      .optional()
      .describe('The last part of the data streams. By default data_stream.namespace, or the environment.'),
  })
  .superRefine(({ auth, apiKey }, context) => {
    if (auth === undefined || apiKey === undefined) return
    context.addIssue({ code: 'custom', path: ['apiKey'], message: 'either auth or apiKey, not both' })
  })
