import { parentPort, workerData } from 'node:worker_threads'
import { createSpanMetrics } from '../components/connectors/span-metrics/index.ts'
import { AppError, createLogger, createMetrics, systemClock } from '../core/index.ts'
import type { Batch } from '../model/index.ts'
import { openCursor, openLogReader } from '../queue/index.ts'
import {
  type FromSpanMetricsWorker,
  SPAN_METRICS_CURSOR,
  type SpanMetricsWorkerData,
  type ToSpanMetricsWorker,
} from './span-metrics-messages.ts'

if (parentPort === null) throw new AppError('internal', 'BUG: the worker of span metrics is no program of its own')
const port = parentPort
const tell = (message: FromSpanMetricsWorker): void => port.postMessage(message)

// The hub and this file are built together; nobody else starts it.
const { settings, logDir, durable } = workerData as SpanMetricsWorkerData
const log = createLogger('span-metrics')
const metrics = createMetrics()
const mark = new BigInt64Array(durable)
const durableEnd = (): number => Number(Atomics.load(mark, 0))
const cursor = await openCursor({ dir: logDir, name: SPAN_METRICS_CURSOR, log })
const reader = await openLogReader({ dir: logDir, durable, from: cursor.position, log, recycles: true })

let nextId = 1
const waiting = new Map<number, (error: string | undefined) => void>()
const connector = createSpanMetrics({
  settings,
  reader,
  cursor,
  durableEnd,
  deliver: (batches) => deliver(batches),
  onOverflow: (identity, observations) => tell({ type: 'overflow', identity, observations }),
  onPosition: (position) => tell({ type: 'position', position }),
  clock: systemClock,
  log,
  metrics,
})

port.on('message', (message: ToSpanMetricsWorker) => {
  switch (message.type) {
    case 'delivered':
      waiting.get(message.id)?.(message.error)
      return
    case 'drop':
      connector.drop(message.below)
      return
    case 'metrics':
      void sendMetrics(message.id)
      return
    case 'stop':
      void stop()
  }
})
await connector.start(new AbortController().signal)

/** The hub's main thread is the one that appends. It always answers. */
function deliver(batches: readonly Batch[]): Promise<void> {
  const id = nextId++
  return new Promise((resolve, reject) => {
    waiting.set(id, (error) => {
      waiting.delete(id)
      if (error === undefined) resolve()
      else reject(new AppError('unavailable', error))
    })
    tell({ type: 'deliver', id, batches })
  })
}

async function sendMetrics(id: number): Promise<void> {
  const { body } = await metrics.render()
  tell({ type: 'metrics', id, body })
}

async function stop(): Promise<void> {
  await connector.shutdown(AbortSignal.timeout(2_000))
  await reader.close()
  port.close()
}
