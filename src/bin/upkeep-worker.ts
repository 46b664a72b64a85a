import { parentPort, workerData } from 'node:worker_threads'
import { AppError, createLogger, createMetrics, systemClock } from '../core/index.ts'
import { createPacker, createRollupFiller, createStoreClient, FillJob, StoreChanges } from '../storage/index.ts'
import type { FromUpkeepWorker, ToUpkeepWorker, UpkeepWorkerData } from './upkeep-messages.ts'

if (parentPort === null) throw new AppError('internal', 'BUG: the worker of stored samples is no program of its own')
const port = parentPort

// The hub and this file are built together; nobody else starts it.
const { store, changes: memory, rollups } = workerData as UpkeepWorkerData
const log = createLogger('upkeep')
const metrics = createMetrics()
const client = createStoreClient(store)
const changes = memory && new StoreChanges(memory)
const parts = { clock: systemClock, log, metrics }
const jobs = [
  new FillJob({
    ...parts,
    what: 'packing',
    filler: (rest) => createPacker(client, { rest }),
    done: () => changes?.wrote('slots'),
  }),
  ...(rollups
    ? [new FillJob({ ...parts, what: 'rollup', filler: (rest) => createRollupFiller(client, { rest }) })]
    : []),
]

port.on('message', (message: ToUpkeepWorker) => {
  void (message.type === 'metrics' ? sendMetrics(message.id) : stop())
})
for (const job of jobs) await job.start()

async function sendMetrics(id: number): Promise<void> {
  const { body } = await metrics.render()
  port.postMessage({ type: 'metrics', id, body } satisfies FromUpkeepWorker)
}

async function stop(): Promise<void> {
  await Promise.all(jobs.map((job) => job.shutdown()))
  await client.close()
  port.close()
}
