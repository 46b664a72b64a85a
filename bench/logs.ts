import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createMetrics, silentLogger, systemClock } from '../src/core/index.ts'
import {
  createEngineSupervisor,
  createLogSource,
  createStoreClient,
  migrate,
  type StoreClient,
} from '../src/storage/index.ts'
import { queryJson } from '../src/storage/query-json.ts'
import { sql } from '../src/storage/sql.ts'
import { fill } from './logs/fill.ts'
import { startIngest } from './logs/ingest.ts'
import { SPAN_MS, START_MS } from './logs/lines.ts'
import { QUESTIONS, type Question } from './logs/questions.ts'
import { cpuSeconds } from './machine/process-usage.ts'

export const name = 'logs'

interface Result {
  readonly what: string
  readonly value: number
  readonly unit: string
}

interface Options {
  /** Lines that are stored; 10 million if not given. */
  readonly lines?: number
  /** Questions that have this in their name. */
  readonly only?: string
  /** Where the store is kept: it is filled further if it has fewer lines, so a large one can be made in several runs. */
  readonly dir?: string
}

const DEFAULT_LINES = 10_000_000
const RUNS = 5

/** Fills a store with a day of lines and asks it as the API does, in quiet and while lines come in at the target load. */
export async function run({ lines = DEFAULT_LINES, only, dir }: Options): Promise<readonly Result[]> {
  const directory = dir ?? (await mkdtemp(path.join(tmpdir(), 'fleetglass-bench-')))
  await mkdir(directory, { recursive: true })
  const log = silentLogger()
  const program = path.resolve('dist/bin/engine.js')
  const engine = createEngineSupervisor({ dir: directory, log, metrics: createMetrics(), clock: systemClock, program })
  await engine.start(AbortSignal.timeout(60_000))
  const client = createStoreClient(engine.connection)
  const engineSeconds = (): number => cpuSeconds(engine.pid ?? 0)
  try {
    await migrate(client, log)
    const before = engineSeconds()
    const made = await fill(client, lines)
    const results: Result[] = [
      {
        what: 'lines made, CPU of the engine for a million',
        value: ((engineSeconds() - before) / made) * 1e6,
        unit: 's',
      },
      ...(await sizes(client)),
    ]
    const questions = QUESTIONS.filter(({ what }) => only === undefined || what.includes(only))
    const ask = async (question: Question, nowMs: () => number, when: string): Promise<void> => {
      results.push(...(await time(question, { client, engineSeconds, nowMs }, when)))
    }
    for (const question of questions) await ask(question, () => START_MS + SPAN_MS, '')
    const ingest = startIngest(client)
    try {
      for (const question of questions) await ask(question, ingest.nowMs, ', during ingest')
    } finally {
      results.push({ what: 'lines stored meanwhile', value: await ingest.stop(), unit: 'lines/s' })
    }
    return results
  } finally {
    await client.close()
    await engine.shutdown(AbortSignal.timeout(60_000))
    if (dir === undefined) await rm(directory, { recursive: true, force: true })
  }
}

interface Asked {
  readonly client: StoreClient
  readonly engineSeconds: () => number
  readonly nowMs: () => number
}

async function time({ what, ask }: Question, asked: Asked, when: string): Promise<readonly Result[]> {
  const { client, engineSeconds, nowMs } = asked
  const source = createLogSource(client)
  const times: number[] = []
  const cpu = process.cpuUsage()
  const engineBefore = engineSeconds()
  for (let i = 0; i <= RUNS; i++) {
    const from = performance.now()
    await ask(source, nowMs())
    times.push(performance.now() - from)
  }
  const { user, system } = process.cpuUsage(cpu)
  const seconds = engineSeconds() - engineBefore + (user + system) / 1e6
  const [first = NaN, ...others] = times
  const median = others.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? NaN
  return [
    { what: `${what}${when}`, value: median, unit: 'ms' },
    ...(when === '' ? [{ what: `${what}, at first`, value: first, unit: 'ms' }] : []),
    ...(when === '' ? [{ what: `${what}, CPU`, value: (seconds / times.length) * 1000, unit: 'ms' }] : []),
  ]
}

async function sizes(client: StoreClient): Promise<readonly Result[]> {
  const [row] = await queryJson<Record<'rows' | 'disk' | 'indexes' | 'columns' | 'parts', number>>(
    client,
    sql`SELECT toFloat64(sum(rows)) AS rows, sum(bytes_on_disk) / rows AS disk, toFloat64(count()) AS parts,
      sum(secondary_indices_compressed_bytes) / rows AS indexes, sum(data_uncompressed_bytes) / rows AS columns
      FROM system.parts WHERE active AND table = 'logs' AND database = currentDatabase()`,
  )
  const [text] = await queryJson<{ bytes: number }>(
    client,
    sql`SELECT avg(length(body)) AS bytes FROM (SELECT body FROM logs LIMIT 100000)`,
  )
  return [
    { what: 'lines', value: row?.rows ?? NaN, unit: 'lines' },
    { what: 'parts', value: row?.parts ?? NaN, unit: 'parts' },
    { what: 'text of a line', value: text?.bytes ?? NaN, unit: 'bytes' },
    { what: 'all columns of a line', value: row?.columns ?? NaN, unit: 'bytes' },
    { what: 'a line on disk', value: row?.disk ?? NaN, unit: 'bytes' },
    { what: 'of that, indexes', value: row?.indexes ?? NaN, unit: 'bytes' },
  ]
}
