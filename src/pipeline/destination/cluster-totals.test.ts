import { describe, expect, it } from 'vitest'
import type { Batch } from '../../model/index.ts'
import { ClusterTotals } from './cluster-totals.ts'

const NOW = 1_700_000_000_000

function batchOf(cluster: string, items: number, receivedAtMs = NOW): Batch {
  const identity = { cluster, environment: 'dev', region: 'r', clusterType: 'workload', tenant: 'dev' }
  return {
    envelope: { identity, signal: 'logs', format: 'otlp', items, receivedAtMs, collectedAtMs: receivedAtMs },
    payload: new Uint8Array(0),
  }
}

describe('totals by cluster', () => {
  it('tells what waits and since when, and what arrived', () => {
    const totals = new ClusterTotals()
    const batches = [batchOf('a', 3, NOW - 500), batchOf('b', 4), batchOf('a', 5)]
    batches.forEach((batch, sequence) => totals.begin(batch, sequence))
    totals.filtered('b', 2)
    totals.lost('b', 1)
    expect(totals.read(NOW)).toMatchObject([
      { cluster: 'a', waiting: 8, oldestAtMs: NOW - 500, delivered: 0 },
      { cluster: 'b', waiting: 4, oldestAtMs: NOW, filtered: 2, lost: 1 },
    ])
    totals.end(batches.slice(0, 2), [0, 1], 7, NOW)
    expect(totals.read(NOW + 1_000)).toEqual([
      { cluster: 'a', delivered: 3, filtered: 0, lost: 0, perSecond: 3 / 30, waiting: 5, oldestAtMs: NOW },
      { cluster: 'b', delivered: 4, filtered: 2, lost: 1, perSecond: 4 / 30, waiting: 0 },
    ])
  })

  it('shares what a vendor left out of a mixed request by the items, and loses none by rounding', () => {
    const totals = new ClusterTotals()
    const batches = [batchOf('a', 1), batchOf('b', 1), batchOf('c', 1), batchOf('d', 7)]
    batches.forEach((batch, sequence) => totals.begin(batch, sequence))
    totals.end(batches, [0, 1, 2, 3], 5, NOW)
    const read = totals.read(NOW)
    expect(read.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(5)
    expect(read.reduce((sum, { lost }) => sum + lost, 0)).toBe(5)
    expect(read.every(({ waiting }) => waiting === 0)).toBe(true)
  })

  it('is bounded', () => {
    const totals = new ClusterTotals()
    for (let i = 0; i < 1_200; i++) totals.lost(`c${String(i)}`, 1)
    const read = totals.read(NOW)
    expect(read).toHaveLength(1_001)
    expect(read.at(-1)).toMatchObject({ cluster: 'other clusters', lost: 200 })
  })
})
