import { z } from 'zod'
import { datadogDestinationSchema } from './datadog.ts'
import { elasticsearchDestinationSchema } from './elasticsearch.ts'
import { lokiDestinationSchema } from './loki.ts'
import { otlpDestinationSchema } from './otlp.ts'
import { prometheusDestinationSchema } from './prometheus.ts'
import { splunkHecDestinationSchema } from './splunk-hec.ts'

/** Every kind of destination, told apart by `type`. */
export const destinationSchema = z.discriminatedUnion('type', [
  otlpDestinationSchema,
  prometheusDestinationSchema,
  splunkHecDestinationSchema,
  datadogDestinationSchema,
  lokiDestinationSchema,
  elasticsearchDestinationSchema,
])

/** A destination as the fleet file describes it, with its defaults filled in. Secrets are still references. */
export type DestinationSettings = z.output<typeof destinationSchema>
export type DestinationType = DestinationSettings['type']
export type DestinationOfType<T extends DestinationType> = Extract<DestinationSettings, { readonly type: T }>
