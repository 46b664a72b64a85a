import type { Clock } from '../../../core/index.ts'
import { systemClock } from '../../../core/index.ts'
import type { Scope } from '../../../model/index.ts'
import type { Operation, ServiceLink, ServiceSource } from '../../../query/index.ts'
import type { StoreClient, StoreSettings } from '../../client.ts'
import { sql, str, u64 } from '../../sql.ts'
import { DEFAULT_QUERY_LIMITS, type QueryLimits } from '../limits.ts'
import { numberOf, queryBlocks, textOf } from '../rows.ts'
import { inScope, isEmptyScope } from '../scope.ts'
import { createLinkReader } from './links.ts'
import { overviewsOf } from './overviews.ts'
import { findTraceIds } from './trace-search.ts'
import { readWholeTraces } from './whole-traces.ts'

const MAX_SERVICES = 10_000
const MAX_OPERATIONS = 10_000
/** Lists are for pickers: they show what they have found when their time is up. */
const LIST_SETTINGS: StoreSettings = { max_execution_time: 10, timeout_overflow_mode: 'break' }

/** Services and whole traces in ClickHouse. */
export function createServiceSource(
  client: StoreClient,
  { limits = DEFAULT_QUERY_LIMITS, clock = systemClock }: { limits?: QueryLimits; clock?: Clock } = {},
): ServiceSource {
  const readLinks = createLinkReader(client, clock)
  return {
    services: (scope, signal) => (isEmptyScope(scope) ? none() : services(client, scope, signal)),
    operations: (scope, service, signal) =>
      isEmptyScope(scope) ? none<Operation>() : operations(client, scope, service, signal),
    links: (scope, range, signal) => (isEmptyScope(scope) ? none<ServiceLink>() : readLinks(scope, range, signal)),
    findTraces: (scope, query, signal) => (isEmptyScope(scope) ? none() : findTraceIds(client, scope, query, signal)),
    overviews: (scope, ids, signal) => overviewsOf(client, limits, scope, ids, signal),
    spansOf: (scope, ids, range, signal) => readWholeTraces(client, limits, scope, ids, range, signal),
  }
}

function none<T = string>(): Promise<readonly T[]> {
  return Promise.resolve([])
}

async function services(client: StoreClient, scope: Scope, signal: AbortSignal): Promise<readonly string[]> {
  const blocks = await queryBlocks(
    client,
    sql`SELECT DISTINCT service_name FROM spans WHERE ${inScope(scope)}
      ORDER BY service_name LIMIT ${u64(MAX_SERVICES)}`,
    signal,
    LIST_SETTINGS,
  )
  return blocks.flatMap((block) => Array.from({ length: block.rows }, (_, row) => textOf(block, 'service_name')(row)))
}

async function operations(
  client: StoreClient,
  scope: Scope,
  service: string,
  signal: AbortSignal,
): Promise<readonly Operation[]> {
  const blocks = await queryBlocks(
    client,
    sql`SELECT DISTINCT name, kind FROM spans WHERE ${inScope(scope)} AND service_name = ${str(service)}
      ORDER BY name, kind LIMIT ${u64(MAX_OPERATIONS)}`,
    signal,
    LIST_SETTINGS,
  )
  return blocks.flatMap((block) => {
    const name = textOf(block, 'name')
    const kind = numberOf(block, 'kind')
    return Array.from({ length: block.rows }, (_, row) => ({ name: name(row), kind: kind(row) }))
  })
}
