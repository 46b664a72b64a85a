import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import {
  createFilelogMeters,
  createFilelogReceiver,
  filelogConfigSchema,
} from '../components/receivers/filelog/index.ts'
import { createHostReceiver, hostConfigSchema } from '../components/receivers/host/index.ts'
import { createEdgeOtlpReceiver, edgeOtlpConfigSchema } from '../components/receivers/otlp/index.ts'
import { createPrometheusReceiver, prometheusReceiverConfigSchema } from '../components/receivers/prometheus/index.ts'
import { validateConfig } from '../config/index.ts'
import {
  AppError,
  type Component,
  createLogger,
  createMetrics,
  createOperationsServer,
  type Logger,
  type Metrics,
  systemClock,
  systemCode,
} from '../core/index.ts'
import { type EdgeFile, parseEdgeFile } from '../fleet/index.ts'
import type { Checkpoint } from '../model/index.ts'
import { type Consumer, createDropCounter, createLogSink, readNewestCheckpoints } from '../pipeline/index.ts'
import { type DurableLog, openLog } from '../queue/index.ts'
import { runComponents } from './run.ts'
import { version } from './version.ts'

const USAGE = `usage: fleetglass edge --config edge.yaml

Collects in one cluster and sends to the hub. The file is rendered from the fleet file.
`

/** The edge of one cluster: receivers → stamp → durable log → OTLP exporter. */
export async function runEdge(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { config: { type: 'string' }, help: { type: 'boolean' } } })
  if (values.help === true || values.config === undefined) {
    process.stdout.write(USAGE)
    process.exitCode = values.help === true ? 0 : 2
    return
  }
  const file = values.config
  const text = readFile(file)
  const edge = parseEdgeFile(text, file)
  const log = createLogger('edge').child({ cluster: edge.identity.cluster })
  const metrics = createMetrics({ processMetrics: true })
}
