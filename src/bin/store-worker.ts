import { parentPort, workerData } from 'node:worker_threads'
import {
  createStoreExporter,
  STORE_CONSUMER,
  type StoreExporterConfig,
  type StoreProgress,
  toDeadLetters,
} from '../components/exporters/store/index.ts'
import { AppError, createLogger, createMetrics, systemClock } from '../core/index.ts'
import { createDeadLetterWriters } from '../pipeline/dead-letters/index.ts'
import { createGapCounter, decodeRecord } from '../pipeline/index.ts'
import { openCursor, openLogReader } from '../queue/index.ts'
import {
  createStoreClient,
  type LedgerTotal,
  readLedgerTotals,
  StoreChanges,
  type StoreConnection,
  StoreWriter,
} from '../storage/index.ts'

/** What the hub gives the store worker. */
export interface StoreWorkerData {
  readonly connection: StoreConnection
  /** Counts what is written, for those who remember; absent where others write, too. */
  readonly changes: SharedArrayBuffer | undefined
  readonly config: StoreExporterConfig
  readonly logDir: string
  /** How far the hub's log is durable. */
  readonly durable: SharedArrayBuffer
  readonly deadLetterDir: string
  /** The logs of this hub, whose rows in the ledger are its own. */
  readonly logEpochs: readonly string[]
}

export type ToStoreWorker = { readonly type: 'metrics'; readonly id: number } | { readonly type: 'stop' }

export type FromStoreWorker =
  /** It begins: the ledger in the engine, exact as of the position. */
  | { readonly type: 'ready'; readonly position: number; readonly totals: readonly LedgerTotal[] }
  | { readonly type: 'stored'; readonly progress: StoreProgress }
  | { readonly type: 'metrics'; readonly id: number; readonly body: string }

if (parentPort === null) throw new AppError('internal', 'BUG: the store worker is no program of its own')
const port = parentPort
const tell = (message: FromStoreWorker): void => port.postMessage(message)

// The hub and this file are built together; nobody else starts it.
const { connection, changes, config, logDir, durable, deadLetterDir, logEpochs } = workerData as StoreWorkerData
const log = createLogger('store-worker')
const metrics = createMetrics()
const client = createStoreClient(connection)
const cursor = await openCursor({ dir: logDir, name: STORE_CONSUMER, log })
const reader = await openLogReader({
  dir: logDir,
  durable,
  from: cursor.position,
  log,
  onGap: createGapCounter(metrics),
  recycles: true,
})
const deadLetters = createDeadLetterWriters({ directory: deadLetterDir, clock: systemClock, log, metrics })
const writer = new StoreWriter({
  client,
  decodeRecord,
  unstorable: toDeadLetters(deadLetters({ consumer: STORE_CONSUMER, limitBytes: config.deadLetterBytes }), systemClock),
  clock: systemClock,
  log,
  metrics,
  ...(changes === undefined ? {} : { changes: new StoreChanges(changes) }),
  transcoding: {
    scopeLabels: config.scopeLabels,
    ...(config.promotedAttributes === undefined ? {} : { promotedAttributes: config.promotedAttributes }),
  },
})
const exporter = createStoreExporter({
  config,
  reader,
  cursor,
  writer,
  clock: systemClock,
  log,
  onBegin: async (position, signal) => {
    tell({ type: 'ready', position, totals: await readLedgerTotals(client, logEpochs, signal) })
  },
  onStored: (progress) => tell({ type: 'stored', progress }),
})

port.on('message', (message: ToStoreWorker) => {
  void (message.type === 'metrics' ? sendMetrics(message.id) : stop())
})
await exporter.start(new AbortController().signal)

async function sendMetrics(id: number): Promise<void> {
  const { body } = await metrics.render()
  tell({ type: 'metrics', id, body })
}

async function stop(): Promise<void> {
  await exporter.shutdown(AbortSignal.timeout(2_000))
  await reader.close()
  await client.close()
  port.close()
}
