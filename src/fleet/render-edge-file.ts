import path from 'node:path'
import { stringify } from 'yaml'
import type { z } from 'zod'
import { AppError } from '../core/index.ts'
import { type Address, renderAddress } from './address.ts'
import type { LogFiles } from './collect.ts'
import type { edgeSchema } from './edge-file.ts'
import type { Fleet } from './fleet.ts'

export interface RenderEdgeOptions {
  /** Where the edge reaches the hub's OTLP over gRPC. */
  readonly hubAddress: Address
  /** The name in the hub's certificate, if it is not the host of the address. */
  readonly serverName?: string
  /** The directory with `ca.crt`, `<cluster>.crt` and `<cluster>.key`. */
  readonly tlsDir: string
  /** The edge's own directory: durable log, checkpoints. */
  readonly stateDir: string
  /** Where relative paths of log files begin. By default the state directory. */
  readonly filesDir?: string
  readonly instance?: string
}

/** The file of one cluster's edge, as YAML text that `parseEdgeFile` reads. Throws `not_found`. */
export function renderEdgeFile(fleet: Fleet, cluster: string, options: RenderEdgeOptions): string {
  const identity = fleet.cluster(cluster)
  const edge = fleet.edge(cluster)
  const collect = fleet.collect(cluster)
  const scrub = fleet.scrub(cluster)
  if (identity === undefined || edge === undefined || collect === undefined) {
    throw new AppError('not_found', `the fleet ${fleet.name} has no cluster ${cluster}`)
  }
  const { hubAddress, serverName, tlsDir, stateDir, filesDir = stateDir, instance } = options
  const file: z.input<typeof edgeSchema> = {
    identity,
    ...(instance === undefined ? {} : { instance }),
    hub: { otlpGrpc: renderAddress(hubAddress), ...(serverName === undefined ? {} : { serverName }) },
    tls: {
      ca: path.join(tlsDir, 'ca.crt'),
      cert: path.join(tlsDir, `${cluster}.crt`),
      key: path.join(tlsDir, `${cluster}.key`),
    },
    listen: {
      otlpGrpc: renderAddress(edge.listen.otlpGrpc),
      otlpHttp: renderAddress(edge.listen.otlpHttp),
      http: renderAddress(edge.listen.http),
    },
    stateDir,
    buffer: { maxBytes: `${String(edge.buffer.maxBytes)}B` },
    ...(scrub === undefined ? {} : { scrub }),
    receivers: {
      ...(collect.otlp ? { otlp: {} } : {}),
      ...(collect.host === false ? {} : { host: collect.host === true ? {} : collect.host }),
      ...(collect.scrape.length === 0 ? {} : { prometheus: { jobs: collect.scrape } }),
      ...(collect.files.length === 0
        ? {}
        : { filelog: collect.files.map((files) => withAbsolutePaths(files, filesDir)) }),
    },
  }
  return `# Rendered from the fleet file of ${fleet.name}: change that file, not this one.\n${stringify(file)}`
}

function withAbsolutePaths(files: LogFiles, base: string): LogFiles {
  const resolve = (globs: string | string[]): string[] => [globs].flat().map((glob) => path.resolve(base, glob))
  const { include, exclude } = files
  return { ...files, include: resolve(include), ...(exclude === undefined ? {} : { exclude: resolve(exclude) }) }
}
