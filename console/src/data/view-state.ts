import { z } from 'zod'
import type { Zone } from '../format/zone.ts'
import type { Calendar } from './date-math.ts'
import './no-eval.ts'
import type { TimeRange } from './time-range.ts'

const INTERVALS = ['off', '2s', '5s', '10s', '30s', '1m', '5m', '15m', '30m', '1h', '2h', '1d'] as const

const text = z.string().optional().catch(undefined)

/** What travels along from page to page in the address. Absent is the default. */
export const viewSearchSchema = z.object({
  /** Ends of the time range, as `parseInstant` reads them. */
  from: text,
  to: text,
  /** Environments and clusters, with commas; none is all. */
  env: text,
  cluster: text,
  tenant: text,
  tz: z.enum(['local', 'utc']).optional().catch(undefined),
  refresh: z.enum(INTERVALS).optional().catch(undefined),
})
export type ViewSearch = z.infer<typeof viewSearchSchema>

export const VIEW_KEYS = ['from', 'to', 'env', 'cluster', 'tenant', 'tz', 'refresh'] as const

export type RefreshInterval = NonNullable<ViewSearch['refresh']>

export const REFRESH_INTERVALS: Readonly<Record<RefreshInterval, { readonly words: string; readonly ms: number }>> = {
  '2s': { words: '2 s', ms: 2_000 },
  '5s': { words: '5 s', ms: 5_000 },
  '10s': { words: '10 s', ms: 10_000 },
  '30s': { words: '30 s', ms: 30_000 },
  '1m': { words: '1 min', ms: 60_000 },
  '5m': { words: '5 min', ms: 300_000 },
  '15m': { words: '15 min', ms: 900_000 },
  '30m': { words: '30 min', ms: 1_800_000 },
  '1h': { words: '1 h', ms: 3_600_000 },
  '2h': { words: '2 h', ms: 7_200_000 },
  '1d': { words: '1 d', ms: 86_400_000 },
  off: { words: 'Off', ms: 0 },
}

/** What a page takes where the address says nothing: a dashboard has a time of its own. */
export interface ViewDefaults {
  readonly range: TimeRange
  readonly refresh: RefreshInterval
  readonly zone: Zone
  readonly calendar: Calendar
  /** By how much its `now` is behind the clock: until then data is not whole. */
  readonly delayMs: number
}

/** Which clusters a page looks at. Empty lists are all. */
export interface Scope {
  readonly environments: readonly string[]
  readonly clusters: readonly string[]
}

export function isInScope(scope: Scope, cluster: { readonly cluster: string; readonly environment: string }): boolean {
  return (
    (scope.environments.length === 0 || scope.environments.includes(cluster.environment)) &&
    (scope.clusters.length === 0 || scope.clusters.includes(cluster.cluster))
  )
}
