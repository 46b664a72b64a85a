import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createMetrics, silentLogger, systemClock } from '../src/core/index.ts'
import { evaluateRange, type MetricSource, NO_FEATURES, parsePromql, type QueryResult } from '../src/query/index.ts'
import {
  createEngineSupervisor,
  createMetricSource,
  createStoreClient,
  DEFAULT_ROLLUP_USE,
  migrate,
  createRollupFiller,
  type StoreClient,
} from '../src/storage/index.ts'
import { queryJson } from '../src/storage/query-json.ts'
import { sql, u64 } from '../src/storage/sql.ts'
import { cpuSeconds } from './machine/process-usage.ts'

export const name = 'rollups'

interface Row {
  readonly what: string
  readonly value: number
  readonly unit: string
}

const SERIES = 200
const DAYS = 30
const STEP_MS = 15_000
const HOUR_MS = 3_600_000
const RUNS = 3

const TABLES = ['samples', 'rollups_5m', 'rollups_1h']
const QUERIES = [
  'sum by (zone) (rate(bench_requests_total[1h]))',
  'sum by (zone) (rate(bench_requests_total[5m]))',
  'max_over_time(bench_requests_total{zone="3"}[1h])',
  'avg(avg_over_time(bench_requests_total[1h]))',
  'sum(bench_requests_total)',
  'max_over_time(bench_requests_total[1d])',
]

/**
 * Thirty days of samples each 15 s, asked by the hour: from the samples and from rollups, in the same process, one after
 * the other; the median of some runs, and what the first took. `--only` is part of a query.
 */
export async function run({ only = '' }: { readonly only?: string } = {}): Promise<readonly Row[]> {
  const dir = await mkdtemp(path.join(tmpdir(), 'fleetglass-bench-'))
  const log = silentLogger()
  const program = path.resolve('dist/bin/engine.js')
  const engine = createEngineSupervisor({ dir, log, metrics: createMetrics(), clock: systemClock, program })
  await engine.start(AbortSignal.timeout(60_000))
  const client = createStoreClient(engine.connection)
  const cpu = (): number =>
    cpuSeconds(engine.pid ?? 0) + process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6
  try {
    await migrate(client, log)
    const endMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS
    const samples = await fill(client, endMs)
    const rows: Row[] = []
    const before = cpu()
    await rollUp(client)
    rows.push({ what: 'rolling up, CPU for a million samples', value: ((cpu() - before) / samples) * 1e9, unit: 'ms' })
    for (const table of TABLES) await client.command(sql`OPTIMIZE TABLE ${sql.raw(table)} FINAL`)
    rows.push(...(await bytesOnDisk(client, samples)))
    const sources = [
      ['samples', createMetricSource(client)],
      ['rollups', createMetricSource(client, undefined, DEFAULT_ROLLUP_USE)],
    ] as const
    for (const query of QUERIES.filter((one) => one.includes(only))) {
      const range = { startMs: endMs - DAYS * 24 * HOUR_MS + 25 * HOUR_MS, endMs, stepMs: HOUR_MS }
      const answers: QueryResult[] = []
      for (const [origin, source] of sources) {
        const measured = await measure(query, range, source, cpu)
        answers.push(measured.answer)
        rows.push(
          { what: `${query}, first, ${origin}`, value: measured.firstMs, unit: 'ms' },
          { what: `${query}, ${origin}`, value: measured.medianMs, unit: 'ms' },
          { what: `${query}, processor, ${origin}`, value: measured.cpuMs, unit: 'CPU ms' },
        )
      }
      rows.push({ what: `${query}, largest difference`, value: largestDifference(answers), unit: 'of the value' })
      if ((answers[1]?.rollups.length ?? 0) === 0) rows.push({ what: `${query}: NOT FROM ROLLUPS`, value: 1, unit: '' })
    }
    return rows
  } finally {
    await client.close()
    await engine.shutdown(AbortSignal.timeout(30_000))
    await rm(dir, { recursive: true, force: true })
  }
}

/** Counters with decimals, noise and a restart now and then; made in the engine. Returns how many samples. */
async function fill(client: StoreClient, endMs: number): Promise<number> {
  const perDay = (24 * HOUR_MS) / STEP_MS
  await client.command(sql`INSERT INTO series (tenant_id, name, id, cluster, labels, first_seen, last_seen)
    SELECT 'bench', 'bench_requests_total', cityHash64(number), 'c',
      map('tenant_id', 'bench', 'cluster', 'c', 'instance', toString(number), 'zone', toString(number % 10)),
      fromUnixTimestamp64Milli(${u64(endMs - DAYS * 24 * HOUR_MS)}), fromUnixTimestamp64Milli(${u64(endMs + HOUR_MS)})
    FROM numbers(${u64(SERIES)})`)
  for (let day = 0; day < DAYS; day++) {
    const firstMs = endMs - (DAYS - day) * 24 * HOUR_MS
    await client.command(sql`INSERT INTO samples (tenant_id, series, time, value, version, received)
      SELECT 'bench', cityHash64(intDiv(number, ${u64(perDay)}) AS s),
        fromUnixTimestamp64Milli(toInt64(${u64(firstMs)} + (number % ${u64(perDay)} AS t) * ${u64(STEP_MS)}
          + cityHash64(number) % 900 + 1)),
        ((t + s * 7) % 4999) * 10 + (cityHash64(s, t) % 90) / 10, 1, today()
      FROM numbers(${u64(perDay * SERIES)})`)
  }
  return perDay * SERIES * DAYS
}

async function rollUp(client: StoreClient): Promise<void> {
  const filler = createRollupFiller(client)
  const { signal } = new AbortController()
  while ((await filler.turn(signal)).did !== 'idle');
}

async function bytesOnDisk(client: StoreClient, samples: number): Promise<readonly Row[]> {
  const tables = await queryJson<{ name: string; bytes: number }>(
    client,
    sql`SELECT table AS name, toFloat64(sum(bytes_on_disk)) AS bytes FROM system.parts
    WHERE active AND database = currentDatabase() AND table IN ('samples', 'rollups_5m', 'rollups_1h')
    GROUP BY table ORDER BY table`,
  )
  return tables.flatMap(({ name: table, bytes }) => [
    { what: `${table}, on disk`, value: bytes / 1e6, unit: 'MB' },
    { what: `${table}, on disk for a sample`, value: bytes / samples, unit: 'bytes' },
  ])
}

async function measure(
  query: string,
  range: Parameters<typeof evaluateRange>[1],
  source: MetricSource,
  cpu: () => number,
): Promise<{ firstMs: number; medianMs: number; cpuMs: number; answer: QueryResult }> {
  const times: number[] = []
  const { signal } = new AbortController()
  const before = cpu()
  let answer: QueryResult | undefined
  for (let i = 0; i < RUNS; i++) {
    const started = performance.now()
    const options = { source, scope: { tenants: ['bench'] }, signal, query, maxSamples: 100_000_000 }
    answer = await evaluateRange(parsePromql(query, NO_FEATURES), range, options)
    times.push(performance.now() - started)
  }
  if (answer === undefined) throw new Error('asked at least once')
  const [firstMs = 0, ...others] = times
  const medianMs = others.sort((a, b) => a - b)[Math.floor(others.length / 2)] ?? firstMs
  return { firstMs, medianMs, cpuMs: ((cpu() - before) / RUNS) * 1_000, answer }
}

function largestDifference([a, b]: readonly QueryResult[]): number {
  if (a?.data.type !== 'matrix' || b?.data.type !== 'matrix') return Infinity
  const { series } = b.data
  let largest = 0
  a.data.series.forEach(({ values }, row) => {
    values.forEach((value, i) => {
      const other = series[row]?.values[i] ?? NaN
      const difference = value === other ? 0 : Math.abs(value - other) / Math.abs(value)
      largest = difference <= largest ? largest : difference
    })
  })
  return largest
}
