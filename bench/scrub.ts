import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { createScrub, createScrubMeters, type Scrub } from '../src/components/processors/scrub/index.ts'
import { createStamp } from '../src/components/processors/stamp/index.ts'
import { validateConfig } from '../src/config/index.ts'
import { createMetrics, silentLogger } from '../src/core/index.ts'
import { clusterScrubSchema, DETECTORS } from '../src/fleet/index.ts'
import type { Batch } from '../src/model/index.ts'
import { createLogSink } from '../src/pipeline/index.ts'
import { openLog, openLogReader } from '../src/queue/index.ts'
import { countItems, countRemoteWrite2 } from '../src/wire/index.ts'
import { type ScrubWorkload, scrubWorkloads } from './scrub/workloads.ts'

export const name = 'scrub'

interface Row {
  readonly what: string
  readonly value: number
  readonly unit: string
}

const MEASURE_MS = 1_500

const DEFAULT_RULES = ['email', 'us-ssn', 'credit-card', 'phone']

/** Such as people write them: some with fixed text in them, some without any. */
const OWN = [
  'EMP-[0-9]{6}',
  '(?i)passport[ :#]+(?P<scrub>[A-Z0-9]{6,9})',
  '\\b[A-Z]{2}[0-9]{7}\\b',
  'customer_id=([0-9]+)',
  'MRN[0-9]{8}',
]

const ALL_RULES = [...DETECTORS, ...OWN.map((expression, i) => ({ detect: { name: `own-${String(i)}`, expression } }))]

/**
 * Scrubbing alone: bytes and items per second of processor time, by rules and by payload. Then the edge's own way of a batch
 * (count, scrub, stamp, append to the durable log with fdatasync, read it back, compress it as for sending) in processor
 * time with and without scrubbing: what is left of the throughput is to be two thirds at least. gRPC and TLS are not in
 * it; `bench edge` measures whole edges.
 */
export async function run(options: { readonly only?: string } = {}): Promise<readonly Row[]> {
  const workloads = scrubWorkloads().filter(({ what }) => what.includes(options.only ?? ''))
  const rows: Row[] = []
  for (const workload of workloads) {
    rows.push(...measureScrub(workload, 'default rules', scrubBy(DEFAULT_RULES)))
    rows.push(...measureScrub(workload, 'all rules and five expressions', scrubBy(ALL_RULES)))
  }
  for (const workload of workloads) rows.push(...(await measurePath(workload)))
  return rows
}

function scrubBy(rules: readonly unknown[]): Scrub {
  const settings = validateConfig(clusterScrubSchema, rules, { file: 'bench', prefix: [] })
  return createScrub(settings, { meters: createScrubMeters(createMetrics()) })
}

function measureScrub({ what, batches }: ScrubWorkload, rules: string, scrub: Scrub): readonly Row[] {
  const round = (): { bytes: number; items: number } => {
    let bytes = 0
    let items = 0
    for (const batch of batches) {
      scrub(batch)
      bytes += batch.payload.length
      items += batch.envelope.items
    }
    return { bytes, items }
  }
  round()
  let bytes = 0
  let items = 0
  const startedAt = performance.now()
  const before = process.cpuUsage()
  while (performance.now() - startedAt < MEASURE_MS) {
    const done = round()
    bytes += done.bytes
    items += done.items
  }
  const { user, system } = process.cpuUsage(before)
  const seconds = (user + system) / 1e6
  return [
    { what: `${what}, ${rules}`, value: bytes / 1e6 / seconds, unit: 'MB per CPU second' },
    { what: `${what}, ${rules}`, value: items / seconds, unit: 'items per CPU second' },
  ]
}

async function measurePath({ what, batches }: ScrubWorkload): Promise<readonly Row[]> {
  const without = await measureBatches(batches, (batch) => batch)
  const byDefault = await measureBatches(batches, scrubBy(DEFAULT_RULES))
  const byAll = await measureBatches(batches, scrubBy(ALL_RULES))
  return [
    { what: `edge's way of ${what}, not scrubbed`, value: without, unit: 'MB per CPU second' },
    { what: `edge's way of ${what}, default rules`, value: byDefault, unit: 'MB per CPU second' },
    {
      what: `edge's way of ${what}, default rules: left of the throughput`,
      value: (100 * byDefault) / without,
      unit: '%',
    },
    { what: `edge's way of ${what}, all rules and five expressions: left`, value: (100 * byAll) / without, unit: '%' },
  ]
}

const IN_FLIGHT = 8
const compress = promisify(gzip)

async function measureBatches(batches: readonly Batch[], scrub: Scrub): Promise<number> {
  const dir = await mkdtemp(path.join(tmpdir(), 'fleetglass-bench-scrub-'))
  const log = await openLog({ dir, log: silentLogger(), maxBytes: 8e9, onFull: 'refuse' })
  const reader = await openLogReader({ dir, durable: log.durable, from: 0 })
  const stamp = createStamp({ metrics: createMetrics(), next: createLogSink({ log }) })
  const { signal } = new AbortController()
  try {
    let bytes = 0
    let next = 0
    const take = async (): Promise<void> => {
      const { envelope, payload } = batches[next++ % batches.length] as Batch
      const items = envelope.format === 'otlp' ? countItems(envelope.signal, payload) : countRemoteWrite2(payload)
      const left = scrub({ envelope: { ...envelope, items }, payload })
      if (left !== undefined) await stamp(left)
      bytes += payload.length
    }
    const work = async (forMs: number): Promise<void> => {
      const startedAt = performance.now()
      while (performance.now() - startedAt < forMs) {
        await Promise.all(Array.from({ length: IN_FLIGHT }, take))
        const records = await reader.next({ maxRecords: IN_FLIGHT, maxBytes: 16e6, waitMs: 0, signal })
        await Promise.all(records.map((record) => compress(record.bytes)))
      }
    }
    await work(MEASURE_MS / 3)
    bytes = 0
    const before = process.cpuUsage()
    await work(MEASURE_MS)
    const { user, system } = process.cpuUsage(before)
    return bytes / (user + system)
  } finally {
    await reader.close()
    await log.close()
    await rm(dir, { recursive: true })
  }
}
