import { z } from 'zod'
import { byteSizeSchema, durationSchema } from '../../config/index.ts'
import { authSchema, commonKeys, headersSchema, orgIdSchema, urlSchema } from './common-keys.ts'

/** What Loki makes labels of by default when it is sent OTLP. The last three say again what canonical labels say. */
const INDEX_ATTRIBUTES = [
  'service.name',
  'service.namespace',
  'k8s.namespace.name',
  'k8s.deployment.name',
  'k8s.statefulset.name',
  'k8s.daemonset.name',
  'k8s.cronjob.name',
  'k8s.job.name',
  'k8s.container.name',
  'container.name',
  'k8s.pod.name',
  'service.instance.id',
  'k8s.replicaset.name',
  'cloud.availability_zone',
  'deployment.environment',
  'deployment.environment.name',
  'cloud.region',
  'k8s.cluster.name',
]

export const lokiDestinationSchema = z.strictObject({
  type: z.literal('loki'),
  ...commonKeys({ signals: ['logs'], items: 5_000, bytes: '2MiB' }),
  url: urlSchema.describe('Such as https://loki.example.com; /loki/api/v1/push is put behind it.'),
  headers: headersSchema.optional(),
  auth: authSchema.optional(),
  orgId: orgIdSchema.optional(),
  labels: z
    .array(z.string().min(1))
    .default(INDEX_ATTRIBUTES)
    .describe('Resource attributes that become labels, the important ones first. All others are structured metadata.'),
  limits: z
    .strictObject({
      labels: z.int().min(6).max(100).default(15).describe("Loki's max_label_names_per_series."),
      lineBytes: byteSizeSchema.prefault('256KiB').describe("Loki's max_line_size. Longer lines are cut."),
      metadataBytes: byteSizeSchema.prefault('64KiB').describe("Loki's max_structured_metadata_size."),
      metadataEntries: z.int().min(1).default(128).describe("Loki's max_structured_metadata_entries_count."),
      maxAge: durationSchema.prefault('1w').describe("Loki's reject_old_samples_max_age."),
      ahead: durationSchema.prefault('10m').describe("Loki's creation_grace_period."),
    })
    .prefault({})
    .describe('What the Loki takes; by default as it is shipped.'),
})
