import type { Clock } from '../../../core/index.ts'
import type { Scope, TimeRange } from '../../../model/index.ts'
import type { ServiceLink } from '../../../query/index.ts'
import type { StoreClient, StoreSettings } from '../../client.ts'
import { sql, type Sql, timeMs, u64 } from '../../sql.ts'
import { numberOf, queryBlocks, textOf } from '../rows.ts'
import { inScope } from '../scope.ts'

/** How many spans are joined at most. Past it, every n-th trace is, and counted n times. */
const MAX_JOINED = 3_000_000
const MAX_LINKS = 20_000
/** How long before its child a parent is looked for, and, because clocks differ, after. */
const PARENT_BEFORE_MS = 3_600_000
const PARENT_AFTER_MS = 300_000

/** Pages ask again and again up to now; of long ranges the answer of a moment ago will do. */
const REMEMBERED_MS = 15_000
const REMEMBERED_ANSWERS = 100
const LONG_RANGE_MS = 3_600_000

interface Remembered {
  readonly atMs: number
  readonly links: readonly ServiceLink[]
}

export type LinkReader = (scope: Scope, range: TimeRange, signal: AbortSignal) => Promise<readonly ServiceLink[]>

export function createLinkReader(client: StoreClient, clock: Clock): LinkReader {
  const remembered = new Map<string, Remembered>()
  return async (scope, exactRange, signal) => {
    const range = widened(exactRange)
    const key = JSON.stringify([scope, range])
    const nowMs = clock.now()
    const known = remembered.get(key)
    if (known !== undefined && nowMs - known.atMs < REMEMBERED_MS) return known.links
    const links = await join(client, scope, range, signal)
    remembered.delete(key)
    remembered.set(key, { atMs: nowMs, links })
    for (const oldest of remembered.keys()) {
      if (remembered.size <= REMEMBERED_ANSWERS) break
      remembered.delete(oldest)
    }
    return links
  }
}

/** To whole periods, so that requests that follow each other ask for the same. */
function widened({ startMs, endMs }: TimeRange): TimeRange {
  if (endMs - startMs < LONG_RANGE_MS) return { startMs, endMs }
  return {
    startMs: Math.floor(startMs / REMEMBERED_MS) * REMEMBERED_MS,
    endMs: Math.ceil(endMs / REMEMBERED_MS) * REMEMBERED_MS,
  }
}

const SETTINGS: StoreSettings = { max_execution_time: 30 }

async function join(
  client: StoreClient,
  scope: Scope,
  { startMs, endMs }: TimeRange,
  signal: AbortSignal,
): Promise<readonly ServiceLink[]> {
  const started = (fromMs: number, toMs: number): Sql =>
    sql`${inScope(scope)} AND time >= ${timeMs(fromMs)} AND time <= ${timeMs(toMs)}`
  const parents = started(startMs - PARENT_BEFORE_MS, endMs + PARENT_AFTER_MS)
  const [counted] = await queryBlocks(client, sql`SELECT count() AS n FROM spans WHERE ${parents}`, signal, SETTINGS)
  const count = counted === undefined ? 0 : numberOf(counted, 'n')(0)
  const every = Math.max(1, Math.ceil(count / MAX_JOINED))
  const chosen = every === 1 ? sql.raw('true') : sql`cityHash64(trace_id) % ${u64(every)} = 0`
  // ANY LEFT keeps every child once; where there is no parent its service is ''.
  const blocks = await queryBlocks(
    client,
    sql`SELECT p.service_name AS parent, c.service_name AS child, count() AS calls
      FROM (
        SELECT trace_id, parent_span_id, service_name FROM spans
        WHERE ${started(startMs, endMs)} AND parent_span_id != toFixedString('', 8) AND ${chosen}
      ) AS c ANY LEFT JOIN (
        SELECT trace_id, span_id, service_name FROM spans WHERE ${parents} AND ${chosen}
      ) AS p ON c.trace_id = p.trace_id AND c.parent_span_id = p.span_id
      WHERE p.service_name != '' AND p.service_name != c.service_name
      GROUP BY parent, child ORDER BY parent, child LIMIT ${u64(MAX_LINKS)}`,
    signal,
    SETTINGS,
  )
  return blocks.flatMap((block) => {
    const parent = textOf(block, 'parent')
    const child = textOf(block, 'child')
    const calls = numberOf(block, 'calls')
    return Array.from({ length: block.rows }, (_, row) => ({
      parent: parent(row),
      child: child(row),
      calls: calls(row) * every,
    }))
  })
}
