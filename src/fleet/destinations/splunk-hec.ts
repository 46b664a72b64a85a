import { z } from 'zod'
import { durationSchema, secretSchema } from '../../config/index.ts'
import { commonKeys, urlSchema } from './common-keys.ts'
import { placeSchema } from './place.ts'

/** Splunk's HTTP Event Collector. */
export const splunkHecDestinationSchema = z.strictObject({
  type: z.literal('splunk-hec'),
  ...commonKeys({ signals: ['metrics', 'logs', 'traces'], items: 1_000, bytes: '1MiB' }),
  url: urlSchema.describe('Such as https://splunk.example.com:8088.'),
  token: secretSchema,
  host: placeSchema.optional().describe('By default host.name, k8s.node.name or the cluster.'),
  source: placeSchema.optional().describe('By default com.splunk.source or service.name.'),
  sourcetype: placeSchema.optional().describe('By default com.splunk.sourcetype, or what the token says.'),
  index: placeSchema.optional().describe('Of logs. By default com.splunk.index, or what the token says.'),
  metricsIndex: z.string().min(1).optional().describe('Of metrics: an index of the type metrics.'),
  tracesIndex: z.string().min(1).optional().describe('Of spans, which are sent as events.'),
  ack: z
    .strictObject({
      poll: durationSchema.prefault('2s').describe('How often Splunk is asked what it has indexed.'),
      timeout: durationSchema.prefault('5m').describe('After so long without an answer the events are sent again.'),
    })
    .optional()
    .describe(
      'Wait until the indexers have acknowledged. The token must have acknowledgement enabled; Splunk Cloud has none for HEC.',
    ),
})
