import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createMetrics, silentLogger, systemClock } from '../src/core/index.ts'
import { evaluateTraceMetrics, parseTraceql, searchTraces, type TraceSource } from '../src/query/index.ts'
import {
  createEngineSupervisor,
  createStoreClient,
  createTraceSource,
  migrate,
  type StoreClient,
} from '../src/storage/index.ts'
import { queryJson } from '../src/storage/query-json.ts'
import { sql, u64 } from '../src/storage/sql.ts'
import { cpuSeconds } from './machine/process-usage.ts'

export const name = 'traces'

interface Result {
  readonly what: string
  readonly value: number
  readonly unit: string
}

const MOST_SPANS = 20_000_000
const SPANS_AT_ONCE = 500_000
const SPANS_OF_A_TRACE = 10
const TWO_DAYS_MS = 172_800_000
const DEFAULT_SECONDS = 240
const REPEATS = 5
const SCOPE = { tenants: 'all' } as const

/**
 * TraceQL over two days of spans, as many as are made in the given seconds but not more than 20 million. The engine makes
 * them by itself: 20 services, traces of ten spans, ten attributes a span.
 */
export async function run({ seconds = String(DEFAULT_SECONDS) } = {}): Promise<readonly Result[]> {
  const directory = await mkdtemp(path.join(tmpdir(), 'fleetglass-bench-'))
  const log = silentLogger()
  const program = path.resolve('dist/bin/engine.js')
  const engine = createEngineSupervisor({ dir: directory, log, metrics: createMetrics(), clock: systemClock, program })
  await engine.start(AbortSignal.timeout(60_000))
  const client = createStoreClient(engine.connection)
  try {
    await migrate(client, log)
    const before = cpuSeconds(engine.pid ?? 0)
    const spans = await load(client, Number(seconds) * 1_000)
    const loaded: Result[] = [
      { what: 'spans', value: spans, unit: 'spans' },
      { what: 'made by the engine', value: spans / (cpuSeconds(engine.pid ?? 0) - before), unit: 'spans/CPU s' },
    ]
    return [...loaded, ...(await sizes(client)), ...(await queries(client, spans))]
  } finally {
    await client.close()
    await engine.shutdown(AbortSignal.timeout(20_000))
    await rm(directory, { recursive: true, force: true })
  }
}

async function load(client: StoreClient, mostMs: number): Promise<number> {
  const started = performance.now()
  let spans = 0
  for (; spans < MOST_SPANS && (spans === 0 || performance.now() - started < mostMs); spans += SPANS_AT_ONCE) {
    await client.command(sql`INSERT INTO spans ${SPANS(spans)}`, { max_partitions_per_insert_block: 0 })
    await client.command(sql`INSERT INTO traces ${TRACES(spans)}`, { max_partitions_per_insert_block: 0 })
  }
  return spans
}

const FIRST_MS = Date.UTC(2026, 0, 1)
/** Of the trace of span `number`: anywhere in the two days. */
const START_NS = sql.raw(
  `(${String(FIRST_MS)} + sipHash64(intDiv(number, ${String(SPANS_OF_A_TRACE)})) % ${String(TWO_DAYS_MS)}) * 1000000`,
)
const TRACE_ID = sql.raw(`sipHash128(intDiv(number, ${String(SPANS_OF_A_TRACE)}))`)

const SPANS = (from: number): ReturnType<typeof sql> => sql`(tenant_id, cluster, environment, region, cluster_type,
    service_name, name, kind, trace_id, span_id, parent_span_id, time, duration, hub_received_at, status_code,
    resource_attributes, attributes)
  SELECT 'dev', concat('cluster-', toString(number % 3)), 'dev', 'here', 'workload',
    concat('service-', toString(sipHash64(number, 1) % 20)) AS service,
    concat('GET /api/', toString(sipHash64(number, 2) % 50)), toUInt8(sipHash64(number, 3) % 6),
    ${TRACE_ID}, reinterpretAsFixedString(sipHash64(number, 4)),
    if(number % ${u64(SPANS_OF_A_TRACE)} = 0, toFixedString('', 8),
      reinterpretAsFixedString(sipHash64(number - 1 - sipHash64(number, 5) % (number % ${u64(SPANS_OF_A_TRACE)}), 4))),
    fromUnixTimestamp64Nano(toInt64(${START_NS} + (number % ${u64(SPANS_OF_A_TRACE)}) * 3000000)),
    exp2(10 + sipHash64(number, 6) % 20), now64(3), if(sipHash64(number, 7) % 50 = 0, 2, 0),
    map('service.name', service, 'k8s.pod.name', concat(service, '-', toString(sipHash64(number, 8) % 30)),
      'k8s.namespace.name', concat('ns-', toString(sipHash64(service) % 8))),
    map('http.request.method', ['GET', 'POST', 'PUT'][1 + sipHash64(number, 9) % 3],
      'http.response.status_code', concat(char(1), toString([200, 204, 404, 500][1 + sipHash64(number, 10) % 4])),
      'url.path', concat('/api/v1/things/', toString(sipHash64(number, 11) % 100000)),
      'user.id', concat('user-', toString(sipHash64(number, 12) % 1000000)),
      'server.address', concat('10.0.', toString(sipHash64(number, 13) % 256), '.1'),
      'retry', concat(char(3), 'false'), 'ratio', concat(char(2), toString(sipHash64(number, 14) % 100 / 100)))
  FROM numbers(${u64(from)}, ${u64(SPANS_AT_ONCE)})`

const TRACES = (from: number): ReturnType<typeof sql> => sql`(tenant_id, trace_id, start, end)
  SELECT 'dev', ${TRACE_ID}, fromUnixTimestamp64Nano(toInt64(${START_NS})),
    fromUnixTimestamp64Nano(toInt64(${START_NS}) + 2000000000)
  FROM numbers(${u64(from)}, ${u64(SPANS_AT_ONCE)}) WHERE number % ${u64(SPANS_OF_A_TRACE)} = 0`

async function sizes(client: StoreClient): Promise<readonly Result[]> {
  const [row] = await queryJson<{ disk: number; raw: number; indexes: number }>(
    client,
    sql`SELECT toFloat64(sum(bytes_on_disk)) / sum(rows) AS disk, toFloat64(sum(data_uncompressed_bytes)) / sum(rows) AS raw,
        toFloat64(sum(secondary_indices_compressed_bytes)) / sum(rows) AS indexes
      FROM system.parts WHERE active AND database = currentDatabase() AND table = 'spans'`,
  )
  return [
    { what: 'on disk', value: row?.disk ?? NaN, unit: 'bytes/span' },
    { what: 'of that, indexes', value: row?.indexes ?? NaN, unit: 'bytes/span' },
    { what: 'uncompressed', value: row?.raw ?? NaN, unit: 'bytes/span' },
  ]
}

const SEARCHES: readonly (readonly [string, string])[] = [
  ['search, nothing has the value, two days', '{ span.user.id = "nobody" }'],
  ['search, nothing has the name, two days', '{ span.nowhere != nil }'],
  ['search, a rare value, two days', '{ span.user.id = "user-4711" }'],
  ['search, errors of a service, newest 20', '{ resource.service.name = "service-3" && status = error }'],
  ['search, structure that is there', '{ resource.service.name = "service-1" } >> { status = error }'],
  ['search, structure that is nowhere, two days', '{ span.user.id = "user-4711" } >> { span.user.id = "nobody" }'],
  ['search, roots that last, newest 20', '{ nestedSetParent < 0 && duration > 500ms }'],
]

async function queries(client: StoreClient, spans: number): Promise<readonly Result[]> {
  const source = createTraceSource(client)
  const results: Result[] = [await byId(client, source, spans)]
  const range = { startMs: FIRST_MS, endMs: FIRST_MS + TWO_DAYS_MS, limit: 20, spansPerSpanset: 3 }
  for (const [what, text] of SEARCHES) {
    const options = (): Parameters<typeof searchTraces>[2] => ({
      source,
      scope: SCOPE,
      signal: AbortSignal.timeout(60_000),
    })
    results.push(await median(what, () => searchTraces(parseTraceql(text), range, options())))
  }
  const grid = {
    startNs: BigInt(FIRST_MS) * 1_000_000n,
    endNs: BigInt(range.endMs) * 1_000_000n,
    stepNs: 900_000_000_000n,
  }
  for (const text of [
    '{} | rate() by (resource.service.name)',
    '{ status = error } | quantile_over_time(duration, .9)',
  ]) {
    const evaluate = (): Promise<unknown> =>
      evaluateTraceMetrics(parseTraceql(text), grid, { source, scope: SCOPE, signal: AbortSignal.timeout(60_000) })
    results.push(await median(`metrics, two days: ${text}`, evaluate))
  }
  return results
}

async function byId(client: StoreClient, source: TraceSource, spans: number): Promise<Result> {
  const rows = await queryJson<{ id: string }>(
    client,
    sql`SELECT lower(hex(sipHash128(number))) AS id FROM numbers(${u64(spans / SPANS_OF_A_TRACE)})
      WHERE sipHash64(number, 99) % ${u64(spans / SPANS_OF_A_TRACE)} < 20 LIMIT ${u64(REPEATS)}`,
  )
  let next = 0
  return await median('a trace by id', async () => {
    const found = await source.trace(SCOPE, rows[next++ % rows.length]?.id ?? '', {}, AbortSignal.timeout(60_000))
    if (found.length !== SPANS_OF_A_TRACE) throw new Error(`BUG: ${String(found.length)} spans`)
  })
}

async function median(what: string, work: () => Promise<unknown>): Promise<Result> {
  const times: number[] = []
  for (let i = 0; i < REPEATS; i++) {
    const started = performance.now()
    await work()
    times.push(performance.now() - started)
  }
  return { what, value: times.sort((a, b) => a - b)[REPEATS >> 1] ?? NaN, unit: 'ms' }
}
