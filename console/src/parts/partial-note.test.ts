import { expect, it } from 'vitest'
import { makeCluster } from '../pages/fleet/testing/make-cluster.ts'
import { missingClusters } from './partial-note.tsx'

it('names the clusters of the scope from which nothing comes within the range', () => {
  const clusters = [
    makeCluster('a', { environment: 'prd', status: 'healthy' }),
    makeCluster('b', { environment: 'prd', status: 'silent', heardAtMs: 1_000 }),
    makeCluster('c', { environment: 'stg', status: 'cut-off' }),
    makeCluster('d', { environment: 'stg', status: 'degraded' }),
  ]
  const names = (scope: Parameters<typeof missingClusters>[1], toMs: number): readonly string[] =>
    missingClusters(clusters, scope, toMs).map(({ cluster }) => cluster)
  const all = { environments: [], clusters: [] }
  expect(names(all, 10_000_000_000_000)).toEqual(['b', 'c'])
  expect(names({ ...all, environments: ['stg'] }, 10_000_000_000_000)).toEqual(['c'])
  // A range that ends before it fell silent lacks nothing of it.
  expect(names({ ...all, clusters: ['b'] }, 500)).toEqual([])
})
