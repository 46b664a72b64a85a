import { randomFillSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '../src/core/index.ts'
import { type DurableLog, openLog, openLogReader } from '../src/queue/index.ts'

export const name = 'wal'

const RECORD_BYTES = 40 * 1024
const MEASURE_MS = 3000
const WRITERS = [1, 8, 32]

interface Measurement {
  readonly what: string
  readonly value: number
  readonly unit: string
}

/** The durable log on the disk of the temporary directory: appends with fdatasync, then reading everything back. */
export async function run(): Promise<readonly Measurement[]> {
  const dir = await mkdtemp(join(tmpdir(), 'fleetglass-bench-wal-'))
  const log = await openLog({ dir, log: silentLogger(), maxBytes: 8e9, onFull: 'refuse' })
  try {
    const results: Measurement[] = []
    for (const writers of WRITERS) results.push(...(await measureAppends(log, writers)))
    results.push(await measureReading(dir, log))
    return results
  } finally {
    await log.close()
    await rm(dir, { recursive: true })
  }
}

async function measureAppends(log: DurableLog, writers: number): Promise<readonly Measurement[]> {
  const payload = randomFillSync(Buffer.alloc(RECORD_BYTES))
  const latenciesMs: number[] = []
  const startedAt = performance.now()
  const write = async (): Promise<void> => {
    while (performance.now() - startedAt < MEASURE_MS) {
      const appendedAt = performance.now()
      await log.append([payload])
      latenciesMs.push(performance.now() - appendedAt)
    }
  }
  await Promise.all(Array.from({ length: writers }, write))
  const seconds = (performance.now() - startedAt) / 1000
  latenciesMs.sort((a, b) => a - b)
  const what = `${String(writers)} writers of 40 KiB, fdatasync`
  return [
    { what, value: latenciesMs.length / seconds, unit: 'appends/s' },
    { what: `${what}, p99`, value: latenciesMs[Math.floor(latenciesMs.length * 0.99)] ?? 0, unit: 'ms' },
  ]
}

async function measureReading(dir: string, log: DurableLog): Promise<Measurement> {
  const reader = await openLogReader({ dir, durable: log.durable, from: 0 })
  const { signal } = new AbortController()
  const startedAt = performance.now()
  let bytes = 0
  while (reader.position < log.durableEnd) {
    const records = await reader.next({ maxRecords: 1000, maxBytes: 8 * 1024 * 1024, waitMs: 0, signal })
    for (const record of records) bytes += record.bytes.length
  }
  const seconds = (performance.now() - startedAt) / 1000
  await reader.close()
  return { what: 'reading it all, checksums verified', value: bytes / 1e6 / seconds, unit: 'MB/s' }
}
