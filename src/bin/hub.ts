import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { createAccess } from '../access/index.ts'
import { createDashboardStore, createHttpApi, createQueryRunner } from '../api/index.ts'
import { createLogger, createMetrics, type Metrics, systemClock } from '../core/index.ts'
import { createFleetStatus, type Fleet, parseFleetFile } from '../fleet/index.ts'
import { DEAD_LETTERS_DIR, DeadLetterBox } from '../pipeline/dead-letters/index.ts'
import { createLogSink, openSourceWindows } from '../pipeline/index.ts'
import { HubLedger } from '../pipeline/ledger/index.ts'
import { openLog } from '../queue/index.ts'
import { createHubDeadLetters } from './hub-dead-letters.ts'
import { createHubDestinations } from './hub-destinations.ts'
import { createHubIngest, createTokenWrites } from './hub-ingest.ts'
import { clusterLedgers, countRejected, type LedgerParts, readLedgerAnswer } from './hub-ledger.ts'
import { createHubReceivers } from './hub-receivers.ts'
import { createHubUpkeep } from './hub-upkeep.ts'
import { createHubSpanMetrics, type HubSpanMetrics, isDerived } from './hub-span-metrics.ts'
import { createStore, type HubStore } from './hub-store.ts'
import { readConfigFile } from './read-config-file.ts'
import { runComponents } from './run.ts'
import { packageDir, version } from './version.ts'

const USAGE = `usage: fleetglass hub --fleet fleet.yaml --state DIR --tls DIR

  --fleet FILE  the fleet file
  --state DIR   where the hub keeps its log and, if embedded, the engine its data
  --tls DIR     ca.crt, hub.crt and hub.key; they are read again when they change
`

const OPTIONS = {
  fleet: { type: 'string' },
  state: { type: 'string' },
  tls: { type: 'string' },
  help: { type: 'boolean' },
} as const

/** The hub: OTLP over mutual TLS → durable log → store; and the APIs and the console. */
export async function runHub(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS })
  if (values.fleet === undefined || values.state === undefined || values.tls === undefined) {
    process.stdout.write(USAGE)
    process.exitCode = values.help === true ? 0 : 2
    return
  }
  const fleet = parseFleetFile(readConfigFile(values.fleet), values.fleet, process.env)
  await run(fleet, path.resolve(values.state), path.resolve(values.tls))
}

async function run(fleet: Fleet, stateDir: string, tlsDir: string): Promise<void> {
  const log = createLogger('hub')
  const metrics = createMetrics({ processMetrics: true })
  mkdirSync(stateDir, { recursive: true, mode: 0o700 })

  const durableLog = await openLog({
    dir: path.join(stateDir, 'log'),
    maxBytes: fleet.hub.log.maxBytes,
    onFull: 'refuse',
    log,
    metrics,
  })
  const windows = await openSourceWindows({ dir: path.join(stateDir, 'windows'), durableLog, log, metrics })
  const destinations = await createHubDestinations({ fleet, stateDir, durableLog, windows, log, metrics })
  const ledger = new HubLedger({ books: windows.books, log, metrics })
  const status = countRejected(
    createFleetStatus({
      fleet,
      clock: systemClock,
      metrics,
      version,
      engine: describeEngine(fleet),
      destinations: () => destinations.snapshot(),
      sends: (cluster) => destinations.sends(cluster),
    }),
    windows.books,
  )
  const sink = createLogSink({
    log: durableLog,
    windows,
    metrics,
    onAccepted: ({ envelope, payload }) => {
      if (!isDerived(envelope)) status.accepted(envelope.identity, envelope.signal, envelope.items, payload.length)
    },
  })
  const deadLetterDir = path.join(stateDir, DEAD_LETTERS_DIR)
  const box = new DeadLetterBox(deadLetterDir)
  const deadLetters = createHubDeadLetters({ box, windows, sink, log, metrics })
  const { storePosition } = destinations
  const store = await createStore({
    fleet,
    stateDir,
    durableLog,
    windows,
    storePosition,
    ledger,
    status,
    deadLetterDir,
    log,
    metrics,
  })
  const spanMetrics: HubSpanMetrics | undefined = await createHubSpanMetrics({
    fleet,
    durableLog,
    sink,
    books: windows.books,
    keepLogFor: destinations.keepFor,
    log,
  })
  const upkeep = createHubUpkeep(fleet, store, log)
  const workers = [spanMetrics, upkeep].filter((worker) => worker !== undefined)
  const { dailyTotals: daily } = store
  const books: LedgerParts = { ledger, windows, fleet, status, deadLettersOf: deadLetters.countOf, daily }
  status.useLedger(() => clusterLedgers(books))
  const ingest = createHubIngest({ fleet, status, durableLog, metrics })
  const receivers = await createHubReceivers({ fleet, status, tlsDir, stateDir, sink, ingest, log, metrics })
  const runner = createQueryRunner({
    workerUrl: new URL('./query-worker.js', import.meta.url),
    workerData: store.queryWorkerData,
    log,
    metrics,
  })
  const api = createHttpApi({
    listen: fleet.hub.listen.http,
    runner,
    access: await createAccess({
      teams: fleet.teams,
      ...(fleet.anonymous === undefined ? {} : { anonymous: fleet.anonymous }),
      hostNames: fleet.hub.names,
    }),
    fleet: () => status.snapshot(),
    silences: () => status.silences(),
    ledger: (scope) => readLedgerAnswer(books, scope),
    deadLetters,
    dashboards: createDashboardStore(path.join(stateDir, 'dashboards')),
    metrics: withWorkers(metrics, [store, ...workers]),
    consoleDir: path.join(packageDir, 'console/dist'),
    readiness: store.notReady,
    writes: await createTokenWrites(ingest, { fleet, status, routes: receivers.routes, log }),
    log,
  })
  const settling = new AbortController()
  await runComponents(
    [
      { name: 'durable log', start: () => Promise.resolve(), shutdown: () => durableLog.close() },
      windows,
      ...destinations.components,
      ...store.components,
      ...workers,
      deadLetters,
      ...receivers.components,
      { name: 'queries', start: () => Promise.resolve(), shutdown: () => runner.close() },
      api,
    ],
    log,
    () => {
      void status.run(settling.signal)
      log.info({ fleet: fleet.name, listen: fleet.hub.listen }, 'hub is ready')
    },
  )
}

/** The hub's own metrics and those of workers, which have registries of their own, in one exposition. */
function withWorkers(metrics: Metrics, workers: readonly Pick<HubStore, 'renderMetrics'>[]): Metrics {
  return {
    ...metrics,
    render: async () => {
      const [own, ...others] = await Promise.all([
        metrics.render(),
        ...workers.map(async (worker) => ({ body: await worker.renderMetrics() })),
      ])
      return { ...own, body: [own, ...others].map(({ body }) => body).join('') }
    },
  }
}

function describeEngine({ hub }: Fleet): string {
  return hub.engine.kind === 'embedded' ? 'embedded ClickHouse' : `ClickHouse at ${hub.engine.url}`
}
