import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createMetrics, silentLogger, systemClock } from '../src/core/index.ts'
import { decodeRecord, encodeRecord } from '../src/pipeline/index.ts'
import { createEngineSupervisor, createStoreClient, migrate, StoreWriter } from '../src/storage/index.ts'
import { Transcoder } from '../src/storage/write/transcoder.ts'
import { cpuSeconds } from './machine/process-usage.ts'
import {
  histogramWorkload,
  logWorkload,
  metricWorkload,
  remoteWriteWorkload,
  spanWorkload,
  type Workload,
} from './store-write/payloads.ts'

export const name = 'store-write'

interface Result {
  readonly what: string
  readonly value: number
  readonly unit: string
}

interface Store {
  readonly writer: StoreWriter
  readonly engineSeconds: () => number
}

const FLUSH_BYTES = 8 * 1024 * 1024
const TRANSCODE_MS = 2_000
const INSERT_MS = 5_000

/** From wire bytes to columns on one thread, and on into an engine of its own process on the same machine. */
export async function run(): Promise<readonly Result[]> {
  const workloads: readonly (readonly [string, Workload])[] = [
    ['points', metricWorkload()],
    ['histograms of 17 series', histogramWorkload()],
    ['remote write samples', remoteWriteWorkload()],
    ['log records', logWorkload()],
    ['spans', spanWorkload()],
  ]
  const results: Result[] = []
  for (const [what, workload] of workloads) results.push(transcode(what, workload))
  const directory = await mkdtemp(path.join(tmpdir(), 'fleetglass-bench-'))
  const log = silentLogger()
  const program = path.resolve('dist/bin/engine.js')
  const engine = createEngineSupervisor({ dir: directory, log, metrics: createMetrics(), clock: systemClock, program })
  await engine.start(AbortSignal.timeout(30_000))
  const client = createStoreClient(engine.connection)
  try {
    await migrate(client, log)
    for (const [what, workload] of workloads) {
      const writer = new StoreWriter({
        client,
        decodeRecord,
        unstorable: { keep: () => Promise.reject(new Error('BUG: nothing may be refused')) },
        clock: systemClock,
        log,
        metrics: createMetrics(),
      })
      results.push(...(await insert(what, workload, { writer, engineSeconds: () => cpuSeconds(engine.pid ?? 0) })))
    }
  } finally {
    await client.close()
    await engine.shutdown(AbortSignal.timeout(10_000))
    await rm(directory, { recursive: true, force: true })
  }
  return results
}

function transcode(what: string, workload: Workload): Result {
  const transcoder = new Transcoder({})
  let sequence = 0
  const flush = (): number => {
    const records = workload.batches.map((batch) => ({ sequence: sequence++, batch }))
    const { outcomes } = transcoder.transcode(records)
    if (outcomes.some(({ rows }) => rows < workload.itemsPerBatch)) throw new Error('BUG: items were rejected')
    return outcomes.length * workload.itemsPerBatch
  }
  flush()
  const start = process.cpuUsage()
  let items = 0
  let microseconds = 0
  while (microseconds < TRANSCODE_MS * 1000) {
    items += flush()
    const { user, system } = process.cpuUsage(start)
    microseconds = user + system
  }
  return { what: `${what}, transcode`, value: items / (microseconds / 1e6), unit: 'items/s of CPU' }
}

/** As the exporter does it: one flush is transcoded while the one before is inserted. New series are made before. */
async function insert(what: string, workload: Workload, store: Store): Promise<readonly Result[]> {
  const encoded = workload.batches.map((batch) => Buffer.concat(encodeRecord(batch)))
  const epoch = what.replaceAll(' ', '_')
  let sequence = 0
  let items = 0
  const next = (): (() => Promise<void>) => {
    const first = sequence
    const records = []
    for (let bytes = 0; bytes < FLUSH_BYTES; sequence++) {
      const record = encoded[sequence % encoded.length] ?? Buffer.alloc(0)
      bytes += record.length
      records.push({ sequence, bytes: record })
    }
    const flush = store.writer.prepare(records)
    const plan = { range: { epoch, first, last: sequence - 1 }, refused: [], onRefused: () => Promise.resolve() }
    return async () => {
      const stored = await store.writer.store(flush, plan, AbortSignal.timeout(60_000))
      for (const batch of stored)
        items += [...batch.rejected.values()].reduce((left, count) => left - count, batch.items)
    }
  }
  while (sequence < encoded.length) await next()()
  items = 0
  const engineSeconds = store.engineSeconds()
  const start = performance.now()
  let storing = Promise.resolve()
  while (performance.now() - start < INSERT_MS) {
    const storeNext = next()
    await storing
    storing = storeNext()
  }
  await storing
  return [
    { what: `${what}, stored`, value: items / ((performance.now() - start) / 1000), unit: 'items/s' },
    { what: `${what}, engine`, value: items / (store.engineSeconds() - engineSeconds), unit: 'items/s of CPU' },
  ]
}
