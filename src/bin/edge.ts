import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { createOtlpExporter, type OtlpExporter, otlpExporterConfigSchema } from '../components/exporters/otlp/index.ts'
import { createStamp } from '../components/processors/stamp/index.ts'
import {
  BufferPool,
  type Component,
  createLogger,
  createMetrics,
  createOperationsServer,
  type Logger,
  messageOf,
  type Metrics,
  systemClock,
} from '../core/index.ts'
import { type EdgeFile, parseEdgeFile } from '../fleet/index.ts'
import { DEAD_LETTERS_DIR } from '../pipeline/dead-letters/index.ts'
import {
  createDropCounter,
  createGapCounter,
  createLogSink,
  type DropCounter,
  EdgeLedger,
  readNewestCheckpoints,
} from '../pipeline/index.ts'
import { type Cursor, type DurableLog, type LogReader, openLog, openLogReader } from '../queue/index.ts'
import { createReceivers } from './edge-receivers.ts'
import { createEdgeScrub } from './edge-scrub.ts'
import { readConfigFile } from './read-config-file.ts'
import { runComponents } from './run.ts'
import { version } from './version.ts'

/** Memory of stamped requests that is kept though none uses it. */
const FREE_BYTES = 2 * 1024 * 1024

const USAGE = `usage: fleetglass edge --config edge.yaml

Collects in one cluster and sends to the hub. The file is rendered from the fleet file.
`

/** The edge of one cluster: receivers → scrub → stamp → durable log → OTLP exporter. */
export async function runEdge(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { config: { type: 'string' }, help: { type: 'boolean' } } })
  if (values.config === undefined) {
    process.stdout.write(USAGE)
    process.exitCode = values.help === true ? 0 : 2
    return
  }
  const yamlText = readConfigFile(values.config)
  await run(parseEdgeFile(yamlText, values.config), values.config, yamlText)
}

async function run(edge: EdgeFile, file: string, yamlText: string): Promise<void> {
  const log = createLogger('edge').child({ cluster: edge.identity.cluster })
  const metrics = createMetrics({ processMetrics: true })
  mkdirSync(edge.stateDir, { recursive: true, mode: 0o700 })

  const ledger = new EdgeLedger()
  const drops = createDropCounter(metrics, ledger)
  const dir = path.join(edge.stateDir, 'log')
  const durableLog = await openLog({
    dir,
    maxBytes: edge.buffer.maxBytes,
    onFull: 'drop-oldest',
    onDrop: drops.onDrop,
    log,
    metrics,
  })
  ledger.foundBelow = durableLog.nextSequence
  const sink = createLogSink({
    log: durableLog,
    metrics,
    onAccepted: ({ envelope }) => ledger.add('collected', envelope.signal, envelope.items),
  })
  const stamp = createStamp({ metrics, next: sink, buffers: new BufferPool(FREE_BYTES) })
  const { scrubbed, items } = await createEdgeScrub(edge, metrics, stamp)
  ledger.scrubbed = items
  const receivers = createReceivers({
    edge,
    file,
    yamlText,
    next: scrubbed,
    checkpoints: await readNewestCheckpoints({ dir, log: durableLog }),
    log,
    metrics,
  })
  const { exporter, components } = await createSending({ edge, durableLog, drops, ledger, log, metrics })
  const operations = createOperationsServer({
    ...edge.listen.http,
    metrics,
    // Without the hub the edge does its work all the same: it collects and keeps.
    notReady: () => [],
  })
  await runComponents(
    [
      { name: 'durable log', start: () => Promise.resolve(), shutdown: () => durableLog.close() },
      operations,
      ...components,
      ...receivers,
    ],
    log,
    () => log.info({ hub: edge.hub.otlpGrpc, connected: exporter.status().connected }, 'edge is ready'),
  )
}

interface SendingParts {
  readonly edge: EdgeFile
  readonly durableLog: DurableLog
  readonly drops: DropCounter
  readonly ledger: EdgeLedger
  readonly log: Logger
  readonly metrics: Metrics
}

/** The exporter behind its cursor, and the loop that gives back what the hub has. */
async function createSending({
  edge,
  durableLog,
  drops,
  ledger,
  log,
  metrics,
}: SendingParts): Promise<{ readonly exporter: OtlpExporter; readonly components: readonly Component[] }> {
  const cursor = await durableLog.cursor('hub')
  const onGap = createGapCounter(metrics)
  const openReader = (from: number): Promise<LogReader> =>
    openLogReader({ dir: durableLog.dir, durable: durableLog.durable, from, log, onGap })
  const reader = await openReader(cursor.position)
  const exporter = createOtlpExporter({
    config: otlpExporterConfigSchema.parse({}),
    target: edge.hub.otlpGrpc,
    serverName: edge.hub.serverName,
    tls: edge.tls,
    edge: `${edge.identity.cluster}/${edge.instance}`,
    version,
    reader,
    live: { durableEnd: () => durableLog.durableEnd, openReader },
    cursor,
    deadLetterDir: path.join(edge.stateDir, DEAD_LETTERS_DIR),
    ledger,
    queue: () => queueOf(durableLog, cursor),
    dropped: () => droppedBy(drops),
    clock: systemClock,
    log,
    metrics,
  })
  const closeReader: Component = {
    name: 'log reader',
    start: () => Promise.resolve(),
    shutdown: () => reader.close(),
  }
  return { exporter, components: [closeReader, releaseRegularly(durableLog, log), exporter] }
}

/** What waits for the hub. The log counts bytes by segment, so those of a part of it are in proportion. */
function queueOf(durableLog: DurableLog, cursor: Cursor): { bytes: number; limitBytes: number; records: number } {
  const { bytes, limitBytes, records } = durableLog.stats()
  const waiting = Math.max(0, durableLog.durableEnd - cursor.position)
  return {
    bytes: records === 0 ? 0 : Math.round((bytes * waiting) / Math.max(records, waiting)),
    limitBytes,
    records: waiting,
  }
}

function droppedBy(drops: DropCounter): Readonly<Record<string, number>> {
  const { metrics, logs, traces } = drops.items()
  return { buffer_full: metrics + logs + traces }
}

const RELEASE_MS = 2_000

/** Deletes the segments that the hub has. */
function releaseRegularly(durableLog: DurableLog, log: Logger): Component {
  const stop = new AbortController()
  let running: Promise<void> = Promise.resolve()
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await systemClock.sleep(RELEASE_MS, stop.signal)
      await durableLog.release().catch((reason: unknown) => {
        log.error({ error: messageOf(reason) }, 'old segments of the log cannot be released')
      })
    }
  }
  return {
    name: 'log release',
    start: () => {
      running = run()
      return Promise.resolve()
    },
    shutdown: async () => {
      stop.abort()
      await running
    },
  }
}
