import { z } from 'zod'
import { byteSizeSchema, loadConfig } from '../config/index.ts'
import { addressSchema, listenSchema } from './address.ts'
import { hostSchema, nameSchema } from './names.ts'
import { clusterScrubSchema } from './scrub-schema.ts'

/** Settings of a component, checked by the component's own schema at its place. */
const componentSchema = z.record(z.string(), z.unknown())

/** What one edge runs by. It is rendered from the fleet file; by hand one writes it only to try something. */
export const edgeSchema = z.strictObject({
  /** Who it is. It holds for what the edge says of itself; the hub believes the certificate. */
  identity: z.strictObject({
    cluster: nameSchema,
    environment: nameSchema,
    region: nameSchema,
    clusterType: nameSchema.default('workload'),
    tenant: nameSchema,
  }),
  instance: nameSchema.default('0').describe('Tells several edges of one cluster apart.'),
  hub: z.strictObject({
    otlpGrpc: addressSchema.describe('Where the hub takes OTLP over gRPC.'),
    serverName: hostSchema.optional().describe("The name in the hub's certificate, if it is not that of the address."),
  }),
  tls: z.strictObject({ ca: z.string().min(1), cert: z.string().min(1), key: z.string().min(1) }),
  listen: z
    .strictObject({
      otlpGrpc: listenSchema.prefault(4317),
      otlpHttp: listenSchema.prefault(4318),
      http: listenSchema.prefault(8080),
    })
    .prefault({}),
  stateDir: z.string().min(1),
  buffer: z.strictObject({ maxBytes: byteSizeSchema.prefault('2GiB') }).prefault({}),
  scrub: clusterScrubSchema.optional(),
  receivers: z
    .strictObject({
      otlp: componentSchema.optional(),
      host: componentSchema.optional(),
      prometheus: componentSchema.optional(),
      filelog: z.array(componentSchema).optional(),
    })
    .describe('A receiver runs when its key is here.'),
})

export type EdgeFile = z.output<typeof edgeSchema>

/** `file` is how messages call it. Throws ConfigError. The receivers' settings are as yet unchecked. */
export function parseEdgeFile(text: string, file: string): EdgeFile {
  return loadConfig(edgeSchema, text, { file })
}
