import { z } from 'zod'
import './no-eval.ts'

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
  tz: z.enum(['local']).optional().catch(undefined),
  refresh: z.enum(['off', '2s', '5s', '10s', '30s', '1m', '5m']).optional().catch(undefined),
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
  off: { words: 'Off', ms: 0 },
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
