import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createMetrics, silentLogger, systemClock } from '../src/core/index.ts'
import { decodeRecord, encodeRecord } from '../src/pipeline/index.ts'
import { evaluateLogs, evaluateMetric, type LogSource, parseLogql } from '../src/query/index.ts'
import {
  createEngineSupervisor,
  createLogSource,
  createStoreClient,
  migrate,
  type StoreClient,
  StoreWriter,
} from '../src/storage/index.ts'
import { queryJson } from '../src/storage/query-json.ts'
import { sql } from '../src/storage/sql.ts'
import { LINES_OF_BATCH, logBatch, NEEDLE, SPAN_MS, START_MS } from './logs/lines.ts'

export const name = 'logs'

interface Result {
  readonly what: string
  readonly value: number
  readonly unit: string
}

interface Options {
  /** Lines that are stored; 20 million if not given. */
  readonly lines?: number
  /** A part by its name. */
  readonly only?: string
}

const DEFAULT_LINES = 20_000_000
const BATCHES_OF_FLUSH = 40
const RUNS = 5
const HOUR_MS = 3_600_000
const END_MS = START_MS + SPAN_MS
const SCOPE = { tenants: 'all' } as const

interface Part {
  readonly what: string
  readonly run: (source: LogSource) => Promise<number>
}

const PARTS: readonly Part[] = [
  { what: 'a needle in all lines', run: (source) => countLines(source, `{service_name=~".+"} |= "${NEEDLE}"`) },
  { what: 'a piece of a word in all lines', run: (source) => countLines(source, '{service_name=~".+"} |= "capaci"') },
  { what: 'any case, in all lines', run: (source) => countLines(source, '{service_name=~".+"} |~ "(?i)FLUX CAP"') },
  { what: 'what is in no line', run: (source) => countLines(source, '{service_name=~".+"} |= "never written"') },
  { what: 'last 100 lines of a namespace', run: (source) => countLines(source, '{k8s_namespace_name="ns-1"}') },
  {
    what: 'count by level of JSON, an hour of a service',
    run: (source) => countSteps(source, 'sum by (level) (count_over_time({service_name="svc-7"} | json [1m]))', 60_000),
  },
  {
    what: 'count by detected level, an hour of all',
    run: (source) => countSteps(source, 'sum by (detected_level) (count_over_time({service_name=~".+"}[1m]))', 60_000),
  },
]

/** Stores lines as the hub's writer does, and asks for them as the API does. */
export async function run({ lines = DEFAULT_LINES, only }: Options): Promise<readonly Result[]> {
  const directory = await mkdtemp(path.join(tmpdir(), 'fleetglass-bench-'))
  const log = silentLogger()
  const program = path.resolve('dist/bin/engine.js')
  const engine = createEngineSupervisor({ dir: directory, log, metrics: createMetrics(), clock: systemClock, program })
  await engine.start(AbortSignal.timeout(30_000))
  const client = createStoreClient(engine.connection)
  try {
    await migrate(client, log)
    const results = [...(await fill(client, lines))]
    const source = createLogSource(client)
    for (const { what, run: ask } of PARTS) {
      if (only !== undefined && !what.includes(only)) continue
      const times: number[] = []
      for (let i = 0; i <= RUNS; i++) {
        const from = performance.now()
        await ask(source)
        times.push(performance.now() - from)
      }
      const [first = NaN, ...others] = times
      const median = others.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? NaN
      results.push({ what: `${what}, at first`, value: first, unit: 'ms' }, { what, value: median, unit: 'ms' })
    }
    return results
  } finally {
    await client.close()
    await engine.shutdown(AbortSignal.timeout(30_000))
    await rm(directory, { recursive: true, force: true })
  }
}

async function fill(client: StoreClient, lines: number): Promise<readonly Result[]> {
  const writer = new StoreWriter({
    client,
    decodeRecord,
    unstorable: { keep: () => Promise.reject(new Error('BUG: nothing may be refused')) },
    clock: systemClock,
    log: silentLogger(),
    metrics: createMetrics(),
  })
  const count = Math.ceil(lines / LINES_OF_BATCH)
  const began = performance.now()
  let raw = 0
  let storing = Promise.resolve()
  for (let first = 0; first < count; first += BATCHES_OF_FLUSH) {
    const records = []
    for (let number = first; number < Math.min(count, first + BATCHES_OF_FLUSH); number++) {
      const { batch, bytes } = logBatch(number, count)
      raw += bytes
      records.push({ sequence: number, bytes: Buffer.concat(encodeRecord(batch)) })
    }
    const flush = writer.prepare(records)
    await storing
    const range = { epoch: 'bench', first, last: first + records.length - 1 }
    const plan = { range, refused: [], onRefused: () => Promise.resolve() }
    storing = writer.store(flush, plan, AbortSignal.timeout(120_000)).then(() => undefined)
  }
  await storing
  const seconds = (performance.now() - began) / 1000
  const [disk] = await queryJson<{ rows: string; bytes: string; index: string }>(
    client,
    sql`SELECT sum(rows) AS rows, sum(bytes_on_disk) AS bytes, sum(secondary_indices_compressed_bytes) AS index
      FROM system.parts WHERE active AND table = 'logs' AND database = currentDatabase()`,
  )
  const stored = Number(disk?.rows ?? NaN)
  return [
    { what: 'lines stored', value: stored, unit: 'lines' },
    { what: 'lines stored, made on the same machine', value: stored / seconds, unit: 'lines/s' },
    { what: 'text of a line', value: raw / (count * LINES_OF_BATCH), unit: 'bytes' },
    { what: 'a line on disk', value: Number(disk?.bytes ?? NaN) / stored, unit: 'bytes' },
    { what: 'of that, indexes', value: Number(disk?.index ?? NaN) / stored, unit: 'bytes' },
  ]
}

async function countLines(source: LogSource, query: string): Promise<number> {
  const expr = parseLogql(query)
  if (expr.kind !== 'logs') throw new Error('BUG: no log query')
  const range = { startNs: BigInt(START_MS) * 1_000_000n, endNs: BigInt(END_MS) * 1_000_000n }
  const request = { ...range, limit: 100, direction: 'backward' } as const
  const signal = AbortSignal.timeout(60_000)
  const { streams } = await evaluateLogs(expr, request, { source, scope: SCOPE, signal })
  return streams.reduce((sum, stream) => sum + stream.lines.length, 0)
}

async function countSteps(source: LogSource, query: string, stepMs: number): Promise<number> {
  const expr = parseLogql(query)
  if (expr.kind === 'logs') throw new Error('BUG: no metric query')
  const startMs = START_MS + SPAN_MS / 2
  const grid = { startMs, stepMs, count: HOUR_MS / stepMs }
  const signal = AbortSignal.timeout(60_000)
  const result = await evaluateMetric(expr, grid, { source, scope: SCOPE, signal })
  return result.type === 'scalar' ? 0 : result.series.length
}
