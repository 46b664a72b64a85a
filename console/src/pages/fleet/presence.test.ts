import { describe, expect, it } from 'vitest'
import type { ClusterSnapshot } from '../../data/fleet-client.ts'
import { isAway, whyOf } from './presence.ts'
import { makeCluster } from './testing/make-cluster.ts'

describe('isAway', () => {
  it.each([
    ['healthy', false],
    ['degraded', false],
    ['silent', true],
    ['cut-off', true],
  ] as const)('%s: %s', (status, away) => expect(isAway(makeCluster('a', { status }))).toBe(away))

  it('holds for one that was never heard', () => {
    const { heardAtMs, ...never } = makeCluster('a', { status: 'unknown' })
    expect(heardAtMs).toBe(0)
    expect(isAway(never)).toBe(true)
  })
})

describe('whyOf', () => {
  const now = 10 * 3_600_000
  const error = (minutesAgo: number): ClusterSnapshot['lastError'] => ({
    atMs: now - minutesAgo * 60_000,
    message: 'refused',
  })

  it('says nothing of a cluster without a reason, though it once had an error', () => {
    expect(whyOf(makeCluster('a', { lastError: error(5) }), now)).toBeUndefined()
  })

  it('adds the last error of the last hour', () => {
    expect(whyOf(makeCluster('a', { reason: 'Not heard.', lastError: error(5) }), now)).toEqual({
      reason: 'Not heard.',
      lastError: error(5),
    })
    expect(whyOf(makeCluster('a', { reason: 'Not heard.', lastError: error(61) }), now)).toEqual({
      reason: 'Not heard.',
    })
  })

  it('does not say the same twice', () => {
    const reason = 'Its edge reports: refused'
    expect(whyOf(makeCluster('a', { reason, lastError: error(0) }), now)).toEqual({ reason })
  })
})
