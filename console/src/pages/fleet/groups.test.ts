import { describe, expect, it } from 'vitest'
import { countByStatus, groupByEnvironment, sumHistory, sumRates, worstLag } from './groups.ts'
import { makeCluster } from './testing/make-cluster.ts'

describe('groupByEnvironment', () => {
  it('puts production first, unknown environments last by name, clusters by name', () => {
    const clusters = [
      makeCluster('b', { environment: 'dev' }),
      makeCluster('a', { environment: 'dev' }),
      makeCluster('c', { environment: 'zoo' }),
      makeCluster('d', { environment: 'prd' }),
      makeCluster('e', { environment: 'acc' }),
      makeCluster('f', { environment: 'ops' }),
      makeCluster('g', { environment: 'stg' }),
    ]
    const groups = groupByEnvironment(clusters)
    expect(groups.map(({ environment }) => environment)).toEqual(['prd', 'stg', 'dev', 'ops', 'acc', 'zoo'])
    expect(groups.map(({ name }) => name)).toEqual(['Production', 'Staging', 'Development', 'Operations', 'acc', 'zoo'])
    expect(groups[2]?.clusters.map(({ cluster }) => cluster)).toEqual(['a', 'b'])
  })

  it('keeps its order whatever the status', () => {
    const order = (status: 'healthy' | 'silent'): readonly string[] =>
      groupByEnvironment([makeCluster('a'), makeCluster('b', { status })]).flatMap((group) =>
        group.clusters.map(({ cluster }) => cluster),
      )
    expect(order('silent')).toEqual(order('healthy'))
  })
})

it('sums the rates of all signals', () => {
  const clusters = [
    makeCluster('a', {
      rates: { metrics: 1, logs: 2, traces: 3 },
      rejected: { perSecond: 0.5, total: {}, recent: [] },
    }),
    makeCluster('b', {
      rates: { metrics: 10, logs: 20, traces: 30 },
      rejected: { perSecond: 1, total: {}, recent: [] },
    }),
  ]
  expect(sumRates(clusters)).toEqual({ metrics: 11, logs: 22, traces: 33, rejectedPerSecond: 1.5 })
  expect(sumRates([])).toEqual({ metrics: 0, logs: 0, traces: 0, rejectedPerSecond: 0 })
})

it('counts every status, also those that nobody has', () => {
  const clusters = [makeCluster('a'), makeCluster('b', { status: 'cut-off' }), makeCluster('c', { status: 'cut-off' })]
  expect(countByStatus(clusters)).toEqual({ healthy: 1, degraded: 0, silent: 0, 'cut-off': 2, unknown: 0 })
})

describe('sumHistory', () => {
  const history = (metrics: (number | null)[]): Parameters<typeof makeCluster>[1] => ({
    history: { startMs: 0, stepMs: 30_000, metrics, logs: [], traces: [], lagP50Ms: [], lagP99Ms: [] },
  })

  it('adds what is known, and knows nothing only where no cluster does', () => {
    const clusters = [makeCluster('a', history([null, 1, 2])), makeCluster('b', history([null, null, 10]))]
    expect(sumHistory(clusters, 'metrics')).toEqual([null, 1, 12])
  })

  it('aligns histories of different length at now', () => {
    const clusters = [makeCluster('a', history([1, 2, 3])), makeCluster('b', history([10]))]
    expect(sumHistory(clusters, 'metrics')).toEqual([1, 2, 13])
  })

  it('is empty without clusters', () => expect(sumHistory([], 'logs')).toEqual([]))
})

describe('worstLag', () => {
  it('takes the longest of each', () => {
    const clusters = [
      makeCluster('a', { lag: { p50Ms: 5, p99Ms: 10 } }),
      makeCluster('b', { lag: { p50Ms: 1, p99Ms: 90 } }),
      makeCluster('c'),
    ]
    expect(worstLag(clusters)).toEqual({ p50Ms: 5, p99Ms: 90 })
  })

  it('is absent when nothing was stored', () => expect(worstLag([makeCluster('a')])).toBeUndefined())
})
