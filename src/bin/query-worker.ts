import { parentPort, workerData } from 'node:worker_threads'
import { serveQueries } from '../api/handlers/index.ts'
import { AppError, createLogger, systemClock } from '../core/index.ts'
import type { PromqlFeature } from '../model/index.ts'
import { ResultsCache } from '../query/index.ts'
import {
  createCardinalitySource,
  createExemplarSource,
  createLateSamples,
  createLogSource,
  createMetricSource,
  createServiceSource,
  createStoreClient,
  createTraceSource,
  DEFAULT_ROLLUP_USE,
  StoreChanges,
  type StoreConnection,
} from '../storage/index.ts'

/** What the hub gives a query worker. */
export interface QueryWorkerData {
  readonly store: StoreConnection
  /** Counts what is written into the store; absent where others write, too. */
  readonly changes: SharedArrayBuffer | undefined
  readonly features: readonly PromqlFeature[]
  /** For answers of range queries; 0 keeps none. */
  readonly cacheBytes: number
  /** Whether long ranges are read from rollups. */
  readonly rollups: boolean
}

if (parentPort === null) throw new AppError('internal', 'BUG: the query worker is no program of its own')

// The hub and this file are built together; nobody else starts it.
const { store, changes, features, cacheBytes, rollups } = workerData as QueryWorkerData
const client = createStoreClient(store)
const late = createLateSamples(client)
const logs = createLogSource(client)

serveQueries(parentPort, {
  sources: {
    metrics: createMetricSource(
      client,
      undefined,
      rollups ? DEFAULT_ROLLUP_USE : undefined,
      changes && new StoreChanges(changes),
    ),
    exemplars: createExemplarSource(client),
    cardinality: createCardinalitySource(client),
    logs,
    logVolumes: logs,
    traces: createTraceSource(client),
    services: createServiceSource(client),
  },
  features: new Set(features),
  ...(cacheBytes > 0 ? { cache: new ResultsCache({ maxBytes: cacheBytes, clock: systemClock, late }) } : {}),
  clock: systemClock,
  log: createLogger('query-worker'),
  onStop: () => client.close(),
})
