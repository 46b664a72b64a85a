import { parentPort, workerData } from 'node:worker_threads'
import { serveQueries } from '../api/handlers/index.ts'
import { AppError, createLogger, systemClock } from '../core/index.ts'
import type { PromqlFeature } from '../model/index.ts'
import {
  createCardinalitySource,
  createExemplarSource,
  createLogSource,
  createMetricSource,
  createStoreClient,
  createTraceSource,
  type StoreConnection,
} from '../storage/index.ts'

/** What the hub gives a query worker. */
export interface QueryWorkerData {
  readonly store: StoreConnection
  readonly features: readonly PromqlFeature[]
}

if (parentPort === null) throw new AppError('internal', 'BUG: the query worker is no program of its own')

// The hub and this file are built together; nobody else starts it.
const { store, features } = workerData as QueryWorkerData
const client = createStoreClient(store)

serveQueries(parentPort, {
  sources: {
    metrics: createMetricSource(client),
    exemplars: createExemplarSource(client),
    cardinality: createCardinalitySource(client),
    logs: createLogSource(client),
    traces: createTraceSource(client),
  },
  features: new Set(features),
  clock: systemClock,
  log: createLogger('query-worker'),
  onStop: () => client.close(),
})
