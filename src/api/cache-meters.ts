import type { Metrics } from '../core/index.ts'
import type { CacheCounts } from '../query/index.ts'

export const NO_CACHE: CacheCounts = { hits: 0, misses: 0, evicted: 0, invalidated: 0, bytes: 0, entries: 0 }

export interface CacheMeters {
  /** Adds what a worker's cache has come to since it told last. */
  count(before: CacheCounts, now: CacheCounts): void
}

/** The self-metrics of the query workers' caches. */
export function createCacheMeters(metrics: Metrics, present: () => readonly CacheCounts[]): CacheMeters {
  const asked = metrics.counter(
    'fleetglass_query_cache_requests_total',
    'Range queries that looked into the cache of results: hit (a part of the answer was there) or miss.',
    ['outcome'],
  )
  const gone = metrics.counter(
    'fleetglass_query_cache_removed_total',
    'Results that were dropped or cut: evicted (no room) or invalidated (samples came late).',
    ['reason'],
  )
  const bytes = metrics.gauge('fleetglass_query_cache_bytes', 'What the caches of results take.', [], () => {
    bytes.set(present().reduce((sum, one) => sum + one.bytes, 0))
  })
  return {
    count: (before, now) => {
      asked.inc({ outcome: 'hit' }, now.hits - before.hits)
      asked.inc({ outcome: 'miss' }, now.misses - before.misses)
      gone.inc({ reason: 'evicted' }, now.evicted - before.evicted)
      gone.inc({ reason: 'invalidated' }, now.invalidated - before.invalidated)
    },
  }
}
