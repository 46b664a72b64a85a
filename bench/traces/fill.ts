import type { StoreClient } from '../../src/storage/index.ts'
import { queryJson } from '../../src/storage/query-json.ts'
import { sql, type Sql, u64 } from '../../src/storage/sql.ts'

/** When the spans begin: 2026-01-01T00:00:00Z, and how long they go on. */
export const START_MS = Date.UTC(2026, 0, 1)
export const SPAN_MS = 172_800_000
export const SPANS_OF_TRACE = 10
export const SERVICES = 20
export const USERS = 1_000_000

const SPANS_OF_CHUNK = 500_000

/**
 * Fills the store up to so many spans over two days, all made by the engine: traces of ten spans, 20 services in three
 * clusters, ten attributes a span. A store that has some already gets what is missing. Tells how many that were.
 */
export async function fill(client: StoreClient, spans: number): Promise<number> {
  const before = await spansIn(client)
  for (let from = before; from < spans; from += SPANS_OF_CHUNK) {
    const count = Math.min(SPANS_OF_CHUNK, spans - from)
    await client.command(sql`INSERT INTO spans ${madeSpans(from, count)}`, INSERT_SETTINGS)
    await client.command(sql`INSERT INTO traces ${madeTraces(from, count)}`, INSERT_SETTINGS)
  }
  return Math.max(0, spans - before)
}

const INSERT_SETTINGS = { max_partitions_per_insert_block: 0, max_insert_threads: 1, max_threads: 1 }

/** Those that were made; what is stored during questions lies behind them. */
async function spansIn(client: StoreClient): Promise<number> {
  const endMs = START_MS + SPAN_MS
  const [row] = await queryJson<{ spans: number }>(
    client,
    sql`SELECT toFloat64(count()) AS spans FROM spans WHERE time < fromUnixTimestamp64Milli(toInt64(${u64(endMs)}))`,
  )
  // The last spans of traces may lie behind the end of the two days.
  return Math.ceil((row?.spans ?? 0) / SPANS_OF_CHUNK) * SPANS_OF_CHUNK
}

/** Ids of some traces that were made, the same ones each time. */
export async function someTraces(client: StoreClient, spans: number, count: number): Promise<readonly string[]> {
  const traces = Math.floor(spans / SPANS_OF_TRACE)
  const every = Math.max(1, Math.floor(traces / count))
  const rows = await queryJson<{ id: string }>(
    client,
    sql`SELECT lower(hex(sipHash128(number * ${u64(every)}))) AS id FROM numbers(${u64(count)})`,
  )
  return rows.map(({ id }) => id)
}

/** Of span `number`, independent numbers. */
const hash = (salt: number): Sql => sql`sipHash64(number, ${u64(salt)})`
const TRACE = sql`intDiv(number, ${u64(SPANS_OF_TRACE)})`
/** Anywhere in the two days. */
const START_NS = sql`(${u64(START_MS)} + sipHash64(${TRACE}) % ${u64(SPAN_MS)}) * 1000000`
const NTH = sql`number % ${u64(SPANS_OF_TRACE)}`

function madeSpans(from: number, count: number): Sql {
  return sql`(tenant_id, cluster, environment, region, cluster_type,
      service_name, name, kind, trace_id, span_id, parent_span_id, time, duration, hub_received_at, status_code,
      resource_attributes, attributes)
    SELECT 'dev', concat('cluster-', toString(number % 3)), 'dev', 'here', 'workload',
      concat('service-', toString(${hash(1)} % ${u64(SERVICES)})) AS service,
      concat('GET /api/', toString(${hash(2)} % 50)), toUInt8(${hash(3)} % 6),
      sipHash128(${TRACE}), reinterpretAsFixedString(${hash(4)}),
      if(${NTH} = 0, toFixedString('', 8), reinterpretAsFixedString(sipHash64(number - 1 - ${hash(5)} % (${NTH}), ${u64(4)}))),
      fromUnixTimestamp64Nano(toInt64(${START_NS} + (${NTH}) * 3000000)) AS start,
      exp2(10 + ${hash(6)} % 20), toDateTime64(start, 3) + 1, if(${hash(7)} % 50 = 0, 2, 0),
      map('service.name', service, 'k8s.pod.name', concat(service, '-', toString(${hash(8)} % 30)),
        'k8s.namespace.name', concat('ns-', toString(sipHash64(service) % 8))),
      map('http.request.method', ['GET', 'POST', 'PUT'][1 + ${hash(9)} % 3],
        'http.response.status_code', concat(char(1), toString([200, 204, 404, 500][1 + ${hash(10)} % 4])),
        'url.path', concat('/api/v1/things/', toString(${hash(11)} % 100000)),
        'user.id', concat('user-', toString(${hash(12)} % ${u64(USERS)})),
        'server.address', concat('10.0.', toString(${hash(13)} % 256), '.1'),
        'retry', concat(char(3), 'false'), 'ratio', concat(char(2), toString(${hash(14)} % 100 / 100)))
    FROM numbers(${u64(from)}, ${u64(count)})`
}

function madeTraces(from: number, count: number): Sql {
  return sql`(tenant_id, trace_id, start, end)
    SELECT 'dev', sipHash128(${TRACE}), fromUnixTimestamp64Nano(toInt64(${START_NS})),
      fromUnixTimestamp64Nano(toInt64(${START_NS}) + 2000000000)
    FROM numbers(${u64(from)}, ${u64(count)}) WHERE ${NTH} = 0`
}
