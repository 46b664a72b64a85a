import path from 'node:path'
import {
  createFilelogMeters,
  createFilelogReceiver,
  filelogConfigSchema,
} from '../components/receivers/filelog/index.ts'
import { createHostReceiver, hostConfigSchema } from '../components/receivers/host/index.ts'
import { createEdgeOtlpReceiver, edgeOtlpConfigSchema } from '../components/receivers/otlp/index.ts'
import { createPrometheusReceiver, prometheusReceiverConfigSchema } from '../components/receivers/prometheus/index.ts'
import { validateConfig } from '../config/index.ts'
import { type Component, type Logger, type Metrics, systemClock } from '../core/index.ts'
import type { EdgeFile } from '../fleet/index.ts'
import type { Checkpoint } from '../model/index.ts'
import type { Consumer } from '../pipeline/index.ts'
import { version } from './version.ts'

export interface ReceiverParts {
  readonly edge: EdgeFile
  /** The edge file's name and text, for messages about what is wrong in it. */
  readonly file: string
  readonly yamlText: string
  /** Where batches go: the stamp and the durable log. */
  readonly next: Consumer
  /** Receiver → how far it had come by the durable log's own word. */
  readonly checkpoints: ReadonlyMap<string, Checkpoint>
  readonly log: Logger
  readonly metrics: Metrics
}

/** The receivers that the edge file asks for. Throws ConfigError with the place in the file. */
export function createReceivers(parts: ReceiverParts): readonly Component[] {
  const { receivers } = parts.edge
  return [
    ...(receivers.otlp === undefined ? [] : [createOtlp(parts, receivers.otlp)]),
    ...(receivers.host === undefined ? [] : [createHost(parts, receivers.host)]),
    ...(receivers.prometheus === undefined ? [] : [createPrometheus(parts, receivers.prometheus)]),
    ...createFilelogs(parts, receivers.filelog ?? []),
  ]
}

function createOtlp(parts: ReceiverParts, value: unknown): Component {
  const { edge, next, log, metrics } = parts
  return createEdgeOtlpReceiver({
    config: validateConfig(edgeOtlpConfigSchema, value, placeOf(parts, 'otlp')),
    listen: { grpc: edge.listen.otlpGrpc, http: edge.listen.otlpHttp },
    identity: edge.identity,
    next,
    clock: systemClock,
    log,
    metrics,
  })
}

function createHost(parts: ReceiverParts, value: unknown): Component {
  const { edge, next, log, metrics } = parts
  const config = validateConfig(hostConfigSchema, value, placeOf(parts, 'host'))
  return createHostReceiver({ config, identity: edge.identity, next, clock: systemClock, log, metrics })
}

function createPrometheus(parts: ReceiverParts, value: unknown): Component {
  const { edge, next, log, metrics } = parts
  const config = validateConfig(prometheusReceiverConfigSchema, value, placeOf(parts, 'prometheus'))
  return createPrometheusReceiver({ config, identity: edge.identity, next, clock: systemClock, log, metrics, version })
}

function createFilelogs(parts: ReceiverParts, values: readonly unknown[]): readonly Component[] {
  const { edge, next, log, metrics, checkpoints } = parts
  if (values.length === 0) return []
  const meters = createFilelogMeters(metrics)
  return values.map((value, index) => {
    const name = `filelog-${index}`
    return createFilelogReceiver({
      name,
      config: validateConfig(filelogConfigSchema, value, placeOf(parts, 'filelog', index)),
      stateDir: path.join(edge.stateDir, 'checkpoints'),
      identity: edge.identity,
      next,
      newestCheckpoint: () => Promise.resolve(checkpoints.get(name)),
      clock: systemClock,
      log,
      meters,
    })
  })
}

function placeOf(
  { file, yamlText }: ReceiverParts,
  ...where: readonly PropertyKey[]
): Parameters<typeof validateConfig>[2] {
  return { file, yamlText, prefix: ['receivers', ...where] }
}
