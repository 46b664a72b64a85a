import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { AppError, createMetrics, silentLogger, systemClock } from '../src/core/index.ts'
import {
  createEngineSupervisor,
  createStoreClient,
  createTraceSource,
  migrate,
  type StoreClient,
} from '../src/storage/index.ts'
import { queryJson } from '../src/storage/query-json.ts'
import { sql } from '../src/storage/sql.ts'
import { cpuSeconds } from './machine/process-usage.ts'
import { fill, someTraces } from './traces/fill.ts'
import { startIngest } from './traces/ingest.ts'
import { type Question, questions } from './traces/questions.ts'
import { spanBatch, SPANS_OF_BATCH } from './traces/spans.ts'

export const name = 'traces'

interface Result {
  readonly what: string
  readonly value: number
  readonly unit: string
}

interface Options {
  /** Spans that are stored; 5 million if not given. */
  readonly spans?: number
  /** Questions that have this in their name. */
  readonly only?: string
  /** Where the store is kept: it is filled further if it has fewer spans, so a large one can be made in several runs. */
  readonly dir?: string
}

const DEFAULT_SPANS = 5_000_000
const RUNS = 5

/** Fills a store with two days of spans and asks it as the API does, in quiet and while spans come in at the target load. */
export async function run({ spans = DEFAULT_SPANS, only, dir }: Options): Promise<readonly Result[]> {
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
    const made = await fill(client, spans)
    const results: Result[] = [
      ...(made === 0
        ? []
        : [
            {
              what: 'spans made, CPU of the engine for a million',
              value: ((engineSeconds() - before) / made) * 1e6,
              unit: 's',
            },
          ]),
      ...(await sizes(client)),
    ]
    const asked = questions(await someTraces(client, spans, RUNS + 1)).filter(
      ({ what }) => only === undefined || what.includes(only),
    )
    const ask = async (question: Question, when: string): Promise<void> => {
      const times = await time(question, client, engineSeconds, when)
      // All of it takes minutes: what is known is shown.
      for (const { what, value, unit } of times) process.stderr.write(`${what}: ${value.toFixed(0)} ${unit}\n`)
      results.push(...times)
    }
    for (const question of asked) await ask(question, '')
    const ingest = startIngest(client)
    try {
      for (const question of asked) await ask(question, ', during ingest')
    } finally {
      results.push({ what: 'spans stored meanwhile', value: await ingest.stop(), unit: 'spans/s' })
    }
    return results
  } finally {
    await client.close()
    await engine.shutdown(AbortSignal.timeout(60_000))
    if (dir === undefined) await rm(directory, { recursive: true, force: true })
  }
}

async function time(
  { what, ask }: Question,
  client: StoreClient,
  engineSeconds: () => number,
  when: string,
): Promise<readonly Result[]> {
  const source = createTraceSource(client)
  const times: number[] = []
  const cpu = process.cpuUsage()
  const engineBefore = engineSeconds()
  for (let i = 0; i <= RUNS; i++) {
    const from = performance.now()
    const isAnswered = await ask(source).then(
      () => true,
      (reason: unknown) => {
        if (AppError.from(reason, 'internal').code !== 'timeout') throw reason
        return false
      },
    )
    times.push(performance.now() - from)
    if (!isAnswered) return [{ what: `${what}${when}, no answer within`, value: times.at(-1) ?? NaN, unit: 'ms' }]
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
      FROM system.parts WHERE active AND table = 'spans' AND database = currentDatabase()`,
  )
  const [traces] = await queryJson<{ disk: number }>(
    client,
    sql`SELECT toFloat64(sum(bytes_on_disk)) AS disk
      FROM system.parts WHERE active AND table = 'traces' AND database = currentDatabase()`,
  )
  return [
    { what: 'spans', value: row?.rows ?? NaN, unit: 'spans' },
    { what: 'parts', value: row?.parts ?? NaN, unit: 'parts' },
    { what: 'a span as OTLP', value: spanBatch(0, 0, 1000).payload.length / SPANS_OF_BATCH, unit: 'bytes' },
    { what: 'all columns of a span', value: row?.columns ?? NaN, unit: 'bytes' },
    { what: 'a span on disk', value: row?.disk ?? NaN, unit: 'bytes' },
    { what: 'of that, indexes', value: row?.indexes ?? NaN, unit: 'bytes' },
    { what: 'the table of traces, for a span', value: (traces?.disk ?? NaN) / (row?.rows ?? NaN), unit: 'bytes' },
  ]
}
