import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { loadConfig } from '../../config/index.ts'

/** The demo services that `up` starts beside the fleet: which program, in which clusters, with which environment. */
const demoSchema = z.strictObject({
  namespace: z.string().default('shop'),
  services: z.array(
    z.strictObject({
      name: z.string(),
      /** A built program, relative to the package. */
      program: z.string(),
      /** Cluster → the environment of its process there. */
      clusters: z.record(
        z.string(),
        z.strictObject({ port: z.int(), env: z.record(z.string(), z.string()).default({}) }),
      ),
    }),
  ),
})

export interface DemoService {
  readonly name: string
  readonly cluster: string
  readonly program: string
  readonly port: number
  readonly namespace: string
  readonly env: Readonly<Record<string, string>>
}

/** One entry per service and cluster. Throws ConfigError with every problem of the file. */
export function readDemoFile(file: string, packageDir: string): readonly DemoService[] {
  const demo = loadConfig(demoSchema, readFileSync(file, 'utf8'), { file, env: process.env })
  return demo.services.flatMap((service) =>
    Object.entries(service.clusters).map(([cluster, { port, env }]) => ({
      name: service.name,
      cluster,
      program: path.resolve(packageDir, service.program),
      port,
      namespace: demo.namespace,
      env,
    })),
  )
}
