import { parentPort, workerData } from 'node:worker_threads'
import { AppError, createLogger, createMetrics, systemClock } from '../core/index.ts'
import { createStoreClient, RollupJob } from '../storage/index.ts'
import type { FromRollupWorker, RollupWorkerData, ToRollupWorker } from './rollup-messages.ts'

if (parentPort === null) throw new AppError('internal', 'BUG: the worker of rollups is no program of its own')
const port = parentPort

// The hub and this file are built together; nobody else starts it.
const { store } = workerData as RollupWorkerData
const log = createLogger('rollups')
const metrics = createMetrics()
const client = createStoreClient(store)
const job = new RollupJob({ client, clock: systemClock, log, metrics })

port.on('message', (message: ToRollupWorker) => {
  void (message.type === 'metrics' ? sendMetrics(message.id) : stop())
})
await job.start()

async function sendMetrics(id: number): Promise<void> {
  const { body } = await metrics.render()
  port.postMessage({ type: 'metrics', id, body } satisfies FromRollupWorker)
}

async function stop(): Promise<void> {
  await job.shutdown()
  await client.close()
  port.close()
}
