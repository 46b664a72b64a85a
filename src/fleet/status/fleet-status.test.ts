import { X509Certificate } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { type ClusterSnapshot, fleetSnapshotSchema } from '../../contract/index.ts'
import { type Clock, createMetrics } from '../../core/index.ts'
import type { EdgeReport, Identity } from '../../model/index.ts'
import { type Authority, createAuthority, issueCertificate } from '../../pki/index.ts'
import { parseFleetFile } from '../index.ts'
import { createFleetStatus, type FleetStatus } from './fleet-status.ts'

const START = Date.UTC(2026, 10, 20, 3, 0, 0)
const HOUR_MS = 3_600_000
const FLEET = `
fleet: test
hub: { cluster: ops }
clusters:
  dev: { environment: dev, region: r }
  prd: { environment: prd, region: r }
`
const LAG = { p50Ms: 100, p99Ms: 200 }

interface Rig {
  readonly status: FleetStatus
  readonly dev: Identity
  /** Lets time pass, second by second as the hub's loop sees it. */
  readonly pass: (ms: number, eachSecond?: () => void) => void
  readonly cluster: (name?: string) => ClusterSnapshot
  readonly events: () => string[]
  readonly report: (change?: Partial<EdgeReport>) => void
  readonly scrape: () => Promise<string>
  readonly setClock: (ms: number) => void
}

function createRig(): Rig {
  let nowMs = START
  const clock: Clock = { now: () => nowMs, sleep: () => Promise.resolve() }
  const fleet = parseFleetFile(FLEET, 'fleet.yaml')
  const metrics = createMetrics()
  const status = createFleetStatus({ fleet, clock, metrics, version: '0.0.0', engine: 'none' })
  const dev = fleet.cluster('dev')
  if (dev === undefined) throw new Error('the fleet has a cluster dev')
  return {
    status,
    dev,
    pass: (ms, eachSecond) => {
      const end = nowMs + ms
      while (nowMs < end) {
        nowMs = Math.min(end, nowMs + 1_000)
        eachSecond?.()
        status.snapshot()
      }
    },
    cluster: (name = 'dev') => {
      const found = status.snapshot().clusters.find(({ cluster }) => cluster === name)
      if (found === undefined) throw new Error(`no cluster ${name} in the snapshot`)
      return found
    },
    events: () => status.snapshot().events.map(({ cluster, kind, message }) => `${cluster} ${kind} ${message}`),
    report: (change) => {
      status.report(dev, {
        edge: 'dev/0',
        version: '1',
        startedAtMs: START,
        sentAtMs: nowMs,
        queue: { bytes: 0, limitBytes: 1_000, records: 0 },
        dropped: {},
        ...change,
      })
    },
    scrape: async () => (await metrics.render()).body,
    setClock: (ms) => {
      nowMs = ms
    },
  }
}

let authority: Authority
beforeAll(async () => {
  authority = await createAuthority({ trustDomain: 'test', clock: clockAt(START - 400 * 24 * HOUR_MS) })
})

/** A certificate that lives for so long and has so much of it left. */
async function present(rig: Rig, leftMs: number, lifeMs: number): Promise<void> {
  const spec = { spiffeId: 'spiffe://test/cluster/dev', days: lifeMs / (24 * HOUR_MS) }
  const { certificatePem } = await issueCertificate(authority, spec, clockAt(START + leftMs - lifeMs))
  const { raw, serialNumber } = new X509Certificate(certificatePem)
  rig.status.presented(rig.dev, { der: raw, serial: serialNumber })
}

function clockAt(nowMs: number): Clock {
  return { now: () => nowMs, sleep: () => Promise.resolve() }
}

describe('the status of a cluster', () => {
  it('is unknown until it is heard, and silent a minute after the hub began', () => {
    const { cluster, pass } = createRig()
    expect(cluster()).toMatchObject({ status: 'unknown', sinceMs: START })
    expect(cluster().reason).toBeUndefined()
    pass(59_000)
    expect(cluster().status).toBe('unknown')
    pass(1_000)
    expect(cluster()).toMatchObject({
      status: 'silent',
      sinceMs: START + 60_000,
      reason: 'Not heard since the hub started at 03:00:00. Start its edge, or take it out of the fleet file.',
    })
  })

  it('is healthy while it speaks, silent a minute after its last word, and healthy again at the next', () => {
    const { cluster, pass, report, events } = createRig()
    pass(10_000)
    report()
    expect(cluster().status).toBe('healthy')
    pass(59_000)
    expect(cluster().status).toBe('healthy')
    pass(1_000)
    expect(cluster()).toMatchObject({
      status: 'silent',
      reason: 'Not heard since 03:00:10. Look whether its edge runs and reaches the hub.',
    })
    report()
    expect(cluster()).toMatchObject({ status: 'healthy', sinceMs: START + 70_000 })
    expect(events().filter((event) => event.startsWith('dev status'))).toEqual([
      'dev status healthy',
      'dev status silent: Not heard since 03:00:10. Look whether its edge runs and reaches the hub.',
      'dev status healthy',
    ])
  })

  it('is cut off while the hub refuses it, and says why', async () => {
    const rig = createRig()
    const { status, cluster, pass, report, events } = rig
    const refuse = (): void => {
      status.refused({ reason: 'expired', detail: 'its certificate has ended', remote: '10.0.0.1:5', cluster: 'dev' })
    }
    await present(rig, 30_000, HOUR_MS)
    report()
    pass(31_000, refuse)
    expect(cluster()).toMatchObject({
      status: 'cut-off',
      reason:
        'Its certificate ended at 03:00:30; the hub refuses its connections, the edge keeps its data. Issue a certificate.',
    })
    expect(events().filter((event) => event.includes('refused'))).toEqual([
      'dev refused refused: its certificate has ended',
    ])
    report()
    expect(cluster().status).not.toBe('cut-off')
    pass(20_000, refuse)
    pass(6 * 60_000)
    expect(cluster().status).toBe('silent')
  })

  it('stays healthy when one of its edges is refused while another speaks', () => {
    const { status, cluster, pass, report } = createRig()
    pass(60_000, () => {
      report()
      status.refused({ reason: 'expired', detail: 'ended', remote: '10.0.0.1:5', cluster: 'dev' })
    })
    expect(cluster().status).toBe('healthy')
  })

  it('does not put a refusal to a cluster that nobody proved to be', () => {
    const { status, cluster, pass } = createRig()
    status.refused({ reason: 'unknown-authority', detail: 'who knows', remote: '10.0.0.1:5' })
    pass(1_000)
    expect(cluster().status).toBe('unknown')
    expect(status.snapshot().refusals).toEqual({
      total: { 'unknown-authority': 1 },
      recent: [{ atMs: START, reason: 'unknown-authority', detail: 'who knows', remote: '10.0.0.1:5' }],
    })
  })

  type Trouble = readonly [what: string, cause: (rig: Rig) => void | Promise<void>, reason: string]
  const troubles: readonly Trouble[] = [
    [
      'a lag',
      ({ status }) => {
        status.stored('dev', 'logs', 10, { p50Ms: 1_000, p99Ms: 42_000 })
      },
      'Lag p99 above 30 s since 03:00:01: 42 s from collected to stored.',
    ],
    [
      'a queue',
      ({ report }) => {
        report({ queue: { bytes: 620, limitBytes: 1_000, records: 2_100 } })
      },
      'The log of its edge is 62 % full, 2\u202f100 records wait; when it is full, the oldest go.',
    ],
    [
      'rejected items',
      ({ status, dev }) => {
        status.rejected(dev, 'too_old', 7)
      },
      '7 items rejected in the last minute.',
    ],
    [
      'items that the store refused',
      ({ status }) => {
        status.discarded('dev', 'invalid', 3)
      },
      '3 items rejected in the last minute.',
    ],
    [
      'a certificate that was not renewed',
      (rig) => present(rig, 4 * HOUR_MS, 24 * HOUR_MS),
      'Its certificate ends in 3 h 59 min. Issue a certificate.',
    ],
    [
      'an edge with an error',
      ({ report }) => {
        report({ sentAtMs: 5_000, lastError: { atMs: 1_000, message: 'cannot\nread' } })
      },
      'Its edge reports: cannot read',
    ],
    [
      'an edge that dropped data',
      ({ report }) => {
        report({ dropped: { queue_full: 1_200 } })
      },
      'Its edge dropped 1\u202f200 items in the last minute.',
    ],
  ]
  it.each(troubles)('is degraded by %s, says so, and recovers', async (_what, cause, reason) => {
    const rig = createRig()
    rig.report()
    rig.pass(1_000)
    await cause(rig)
    expect(rig.cluster()).toMatchObject({ status: 'degraded', reason })
    await present(rig, 24 * HOUR_MS, 24 * HOUR_MS)
    rig.pass(125_000, () => {
      rig.report({ dropped: { queue_full: 1_200 } })
    })
    expect(rig.cluster().status).toBe('healthy')
  })

  it('keeps the time at which a trouble began while its numbers change', () => {
    const { status, cluster, pass, report } = createRig()
    let lagMs = 31_000
    pass(20_000, () => {
      report()
      status.stored('dev', 'logs', 1, { p50Ms: 1, p99Ms: (lagMs += 1_000) })
    })
    expect(cluster().reason).toBe('Lag p99 above 30 s since 03:00:01: 51 s from collected to stored.')
  })

  it('names every trouble at once', () => {
    const { status, dev, cluster, report } = createRig()
    report({ queue: { bytes: 900, limitBytes: 1_000, records: 1 } })
    status.rejected(dev, 'too_old', 1)
    expect(cluster().reason).toMatch(/^1 item rejected.* The log of its edge is 90 % full/)
  })

  it('takes a certificate of a year for healthy with more than a fifth left, and one of an hour likewise', async () => {
    const rig = createRig()
    const { cluster, report } = rig
    report()
    await present(rig, 80 * 24 * HOUR_MS, 365 * 24 * HOUR_MS)
    expect(cluster().status).toBe('healthy')
    await present(rig, 0.25 * HOUR_MS, HOUR_MS)
    expect(cluster().status).toBe('healthy')
  })
})

describe('the books', () => {
  const BOOKS = { accepted: 1_505, stored: 1_300, rejected: 65, queued: 140, deduplicated: 7, deadLetters: 2 }

  it('are shown as they are, beside what was rejected since the start', () => {
    const { status, dev, cluster } = createRig()
    status.useLedger(
      () =>
        new Map([
          ['dev', { ...BOOKS, difference: 0 }],
          ['gone', { ...BOOKS, difference: 1 }],
        ]),
    )
    status.rejected(dev, 'too_old', 5, { signal: 'metrics', source: 'remote-write', detail: 'http_requests_total' })
    status.rejected(dev, 'too_old', 2, { signal: 'metrics', source: 'remote-write' })
    status.discarded('dev', 'invalid', 10)
    const { ledger, rejected, deadLetters } = cluster()
    expect(ledger).toEqual({
      accepted: 1_505,
      stored: 1_300,
      forwardedOnly: 0,
      rejected: 65,
      queued: 140,
      deduplicated: 7,
      difference: 0,
      balanced: true,
    })
    expect(deadLetters).toBe(2)
    expect(rejected.total).toEqual({ too_old: 7, invalid: 10 })
    expect(rejected.recent).toMatchObject([
      { source: 'unknown', reason: 'invalid', items: 10, times: 1 },
      {
        source: 'remote-write',
        signal: 'metrics',
        reason: 'too_old',
        items: 7,
        times: 2,
        detail: 'http_requests_total',
      },
    ])
  })

  it('make a cluster degraded while they do not balance, and say so once', () => {
    const { status, cluster, report } = createRig()
    let difference = 0
    status.useLedger(() => new Map([['dev', { ...BOOKS, difference }]]))
    report()
    expect(cluster().status).toBe('healthy')
    difference = 12
    expect(cluster()).toMatchObject({ status: 'degraded', ledger: { balanced: false, difference: 12 } })
    expect(cluster().reason).toContain('12 items accepted and not accounted for')
    difference = 0
    expect(cluster().status).toBe('healthy')
    const events = status.snapshot().events.filter(({ kind }) => kind === 'ledger')
    expect(events.map(({ message }) => message)).toEqual([
      expect.stringContaining('does not balance'),
      'the ledger balances again',
    ])
  })

  it('keep the newest example of twenty kinds of rejection', () => {
    const { status, dev, cluster } = createRig()
    for (let n = 0; n < 25; n += 1) status.rejected(dev, `reason ${String(n)}`, 1)
    expect(cluster().rejected.recent.map(({ reason }) => reason)).toHaveLength(20)
    expect(cluster().rejected.recent[0]?.reason).toBe('reason 24')
  })

  it('ignore strangers', () => {
    const { status, dev } = createRig()
    const stranger = { ...dev, cluster: 'constructor' }
    status.accepted(stranger, 'logs', 1, 1)
    status.stored('__proto__', 'logs', 1, LAG)
    expect(status.snapshot().clusters).toHaveLength(2)
  })
})

describe('rates and history', () => {
  it('counts per second over the last half minute, from the first seconds on', () => {
    const { status, dev, cluster, pass } = createRig()
    const send = (): void => {
      status.accepted(dev, 'metrics', 500, 1)
      status.accepted(dev, 'logs', 20, 1)
    }
    pass(5_000, send)
    expect(cluster().rates.metrics).toBe(400)
    pass(60_000, send)
    expect(cluster().rates).toEqual({ metrics: 500, logs: 20, traces: 0 })
    pass(16_000)
    expect(cluster().rates.metrics).toBe(250)
    pass(16_000)
    expect(cluster().rates).toEqual({ metrics: 0, logs: 0, traces: 0 })
  })

  it('knows nothing before the start, while nothing was heard, and of a step that has only begun', () => {
    const { status, dev, cluster, pass, report } = createRig()
    pass(90_000, () => {
      status.accepted(dev, 'metrics', 10, 1)
    })
    pass(120_000)
    pass(63_000, report)
    const { history } = cluster()
    expect(history.startMs + 119 * history.stepMs).toBe(START + 270_000)
    expect(history.metrics.slice(0, 110)).toEqual(Array(110).fill(null))
    // Three steps with data, the fourth with the last of it; three steps of silence, two of reports, one that began.
    expect(history.metrics.slice(110)).toEqual([290 / 30, 10, 10, 10 / 30, null, null, null, 0, 0, null])
    expect(history.logs.slice(110)).toEqual([0, 0, 0, 0, null, null, null, 0, 0, null])
  })

  it('holds an hour, and no more', () => {
    const { status, dev, cluster, pass } = createRig()
    pass(2 * HOUR_MS, () => {
      status.accepted(dev, 'traces', 3, 1)
    })
    expect(cluster().history.traces.slice(0, 119)).toEqual(Array(119).fill(3))
    expect(cluster().history.traces).toHaveLength(120)
  })

  it('weighs the lag of the last minute by items', () => {
    const { status, cluster, pass } = createRig()
    status.stored('dev', 'metrics', 1, { p50Ms: 9_000, p99Ms: 9_000 })
    pass(60_000, () => {
      status.stored('dev', 'metrics', 1_000, { p50Ms: 300, p99Ms: 900 })
    })
    expect(cluster().lag).toEqual({ p50Ms: 300, p99Ms: 900 })
    expect(cluster().history.lagP99Ms.filter((value) => value !== null)).toContain(900)
    expect(cluster().history.lagP50Ms[0]).toBeNull()
    pass(61_000)
    expect(cluster().lag).toBeUndefined()
  })

  it('survives a clock that is set back and forth', () => {
    const { status, dev, cluster, setClock, pass } = createRig()
    const send = (): void => {
      status.accepted(dev, 'metrics', 10, 1)
      status.stored('dev', 'metrics', 10, LAG)
    }
    pass(60_000, send)
    setClock(START - 90 * 60_000)
    pass(40_000, send)
    expect(cluster().status).toBe('healthy')
    expect(cluster().lag).toEqual(LAG)
    setClock(START + 90 * 60_000)
    pass(40_000, send)
    expect(cluster().rates.metrics).toBe(10)
  })
})

describe('edges, connections and limits', () => {
  it('tells of each edge what it collects, what waits on it, and how far its clock is off', () => {
    const { cluster, report, pass } = createRig()
    const one = { collected: 0, scrubbed: 0, sent: 0, rejected: 0, dropped: 0, deadLettered: 0, queued: 0 }
    const books = (collected: number): NonNullable<EdgeReport['books']> => ({
      metrics: { ...one, collected },
      logs: { ...one, collected: 5 },
      traces: one,
    })
    const queue = { bytes: 7, limitBytes: 1_000, records: 1, oldestAtMs: START - 2_000 }
    report({ sentAtMs: START + 800, books: books(10), queue: { ...queue, oldestAtMs: START - 1_200 } })
    expect(cluster().edges[0]).toEqual({
      edge: 'dev/0',
      version: '1',
      connected: true,
      heardAtMs: START,
      queue: { bytes: 7, limitBytes: 1_000, oldestMs: 2_000 },
      clockMs: 800,
    })
    pass(5_000)
    report({ sentAtMs: START + 5_800, books: books(60), queue })
    expect(cluster().edges[0]).toMatchObject({ perSecond: 10, clockMs: 800 })
  })

  it('shows edges as they last reported, and sums their queues', () => {
    const { cluster, report, pass } = createRig()
    report({ queue: { bytes: 100, limitBytes: 1_000, records: 1 } })
    report({ edge: 'dev/1', version: '2', queue: { bytes: 50, limitBytes: 1_000, records: 2 } })
    expect(cluster().queue).toEqual({ bytes: 150, limitBytes: 2_000, records: 3 })
    pass(20_000, () => {
      report()
    })
    expect(cluster().edges).toMatchObject([
      { edge: 'dev/0', version: '1', connected: true, heardAtMs: START + 20_000 },
      { edge: 'dev/1', version: '2', connected: false, heardAtMs: START },
    ])
    pass(11 * 60_000, () => {
      report()
    })
    expect(cluster().edges).toHaveLength(1)
  })

  it('does not count what an edge dropped before the hub knew it, nor twice', () => {
    const { cluster, report } = createRig()
    report({ dropped: { queue_full: 100 } })
    expect(cluster().status).toBe('healthy')
    report({ dropped: { queue_full: 105, damaged: 1 } })
    expect(cluster().reason).toBe('Its edge dropped 6 items in the last minute.')
    report({ startedAtMs: START + 5, dropped: { damaged: 2 } })
    expect(cluster().reason).toBe('Its edge dropped 8 items in the last minute.')
  })

  it('announces connections once, not each time that one is made anew', () => {
    const { status, dev, pass, events } = createRig()
    for (let i = 0; i < 5; i++) {
      status.connected(dev)
      pass(60_000)
      status.disconnected(dev)
      pass(2_000)
    }
    pass(20_000)
    expect(events().filter((event) => !event.includes('status'))).toEqual([
      'dev connected connected',
      'dev connected disconnected',
    ])
  })

  it('shows the certificate in use that ends first, and announces new ones', async () => {
    const rig = createRig()
    const endOf = (): number | undefined => rig.cluster().certificate?.notAfterMs
    await present(rig, 8 * HOUR_MS, 24 * HOUR_MS)
    await present(rig, 20 * HOUR_MS, 24 * HOUR_MS)
    expect(endOf()).toBe(START + 8 * HOUR_MS)
    rig.pass(100_000)
    await present(rig, 18 * HOUR_MS, 24 * HOUR_MS)
    rig.pass(30_000)
    expect(endOf()).toBe(START + 18 * HOUR_MS)
    rig.pass(HOUR_MS)
    expect(endOf()).toBe(START + 18 * HOUR_MS)
    expect(rig.events().filter((event) => event.includes('certificate '))).toEqual([
      'dev certificate presents a new certificate, which ends 23:00:00',
      'dev certificate presents a new certificate, which ends 21:00:00',
    ])
  })

  it('holds a bounded number of everything', () => {
    const { status, dev, cluster, pass, report } = createRig()
    for (let i = 0; i < 1_000; i++) {
      status.refused({ reason: `reason ${String(i)}`, detail: 'x'.repeat(10_000), remote: 'r' })
      status.rejected(dev, `reason ${String(i)}`, 1)
      report({ edge: `dev/${String(i)}` })
      status.connected(dev)
      status.disconnected(dev)
      pass(10_000)
    }
    const snapshot = status.snapshot()
    expect(snapshot.events).toHaveLength(200)
    expect(snapshot.refusals.recent).toHaveLength(50)
    expect(snapshot.refusals.recent[0]?.detail).toHaveLength(300)
    expect(Object.keys(snapshot.refusals.total)).toHaveLength(33)
    expect(Object.keys(cluster().rejected.total)).toHaveLength(33)
    expect(cluster().rejected.total['other']).toBe(968)
    expect(cluster().edges.length).toBeLessThanOrEqual(64)
    expect(fleetSnapshotSchema.parse(snapshot)).toEqual(snapshot)
  })
})

describe('own metrics', () => {
  it('tell of every cluster of the fleet, also of one that was never heard', async () => {
    const { status, dev, scrape, pass, report } = createRig()
    status.accepted(dev, 'logs', 5, 700)
    status.rejected(dev, 'too_old', 2)
    pass(60_000, report)
    const text = await scrape()
    for (const line of [
      'fleetglass_fleet_accepted_items_total{source_cluster="dev",signal="logs"} 5',
      'fleetglass_fleet_accepted_bytes_total{source_cluster="dev",signal="logs"} 700',
      'fleetglass_fleet_rejected_items_total{source_cluster="dev",reason="too_old"} 2',
      'fleetglass_fleet_cluster_status{source_cluster="prd",status="silent"} 1',
      'fleetglass_fleet_cluster_status{source_cluster="prd",status="healthy"} 0',
      `fleetglass_fleet_heard_timestamp_seconds{source_cluster="dev"} ${String(START / 1_000 + 60)}`,
    ]) {
      expect(text).toContain(line)
    }
  })
})
