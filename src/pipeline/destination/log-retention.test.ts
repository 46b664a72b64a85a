import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../core/index.ts'
import type { DropReason } from './lane.ts'
import { type BacklogLimits, LogRetention } from './log-retention.ts'

const HOUR = 3_600_000

/** A log of ten segments of 10 bytes and 10 records each, one an hour; the time is that of the last one and a half. */
class Rig {
  segments = Array.from({ length: 10 }, (_, i) => ({
    base: 10 * i,
    end: 10 * (i + 1),
    bytes: 10,
    createdAtMs: HOUR * (i + 1),
  }))
  nowMs = 10.5 * HOUR
  released = 0
  readonly drops: (readonly [string, number, DropReason])[] = []
  readonly retention: LogRetention

  constructor(limitBytes: number, keepMs = 0) {
    this.retention = new LogRetention({
      log: { segments: () => this.segments },
      limitBytes,
      keepMs,
      release: (positions) => {
        this.released = Math.min(...positions)
        return Promise.resolve()
      },
      clock: { now: () => this.nowMs, sleep: () => Promise.resolve() },
      logger: silentLogger(),
    })
    this.retention.add('store')
    this.retention.setPosition('store', 100)
  }

  add(name: string, position: number, limits: Partial<BacklogLimits> = {}): void {
    this.retention.add(name, {
      backlog: { maxBytes: 1_000, onFull: 'drop-oldest', ...limits },
      onDrop: (below, reason) => this.drops.push([name, below, reason]),
    })
    this.retention.setPosition(name, position)
  }
}

describe('LogRetention', () => {
  it('releases what everybody is done with, and nothing while somebody has not told', async () => {
    const rig = new Rig(1_000)
    rig.add('a', 35)
    rig.add('b', 70)
    await rig.retention.settle()
    expect(rig.released).toBe(35)
    rig.retention.add('c', { backlog: { maxBytes: 1_000, onFull: 'drop-oldest' }, onDrop: () => undefined })
    await rig.retention.settle()
    expect(rig.released).toBe(0)
    expect(rig.drops).toEqual([])
  })

  it('keeps the last hours for destinations to come, but not much of the log', async () => {
    const rig = new Rig(1_000, 2 * HOUR)
    await rig.retention.settle()
    // The segment of hour 8 ended at 9 and so did not last until 8.5.
    expect(rig.released).toBe(70)
    const small = new Rig(200, 9 * HOUR)
    await small.retention.settle()
    expect(small.released).toBe(50)
  })

  it('tells one that holds too much or too long to give up the oldest, and waits a while for it', async () => {
    const rig = new Rig(1_000)
    rig.add('large', 5, { maxBytes: 35 })
    rig.add('old', 5, { maxAgeMs: 4 * HOUR })
    rig.add('fine', 5)
    await rig.retention.settle()
    expect(rig.drops).toEqual([
      ['large', 70, 'backlog_full'],
      ['old', 50, 'backlog_old'],
    ])
    expect(rig.released).toBe(5)
    rig.retention.setPosition('fine', 100)
    await rig.retention.settle()
    expect(rig.drops).toHaveLength(2)
    rig.nowMs += 16_000
    await rig.retention.settle()
    expect(rig.released).toBe(50)
    rig.retention.setPosition('old', 80)
    rig.retention.setPosition('large', 72)
    await rig.retention.settle()
    expect(rig.released).toBe(72)
  })

  it('gives up what waits for destinations before the log is full, but nothing that the store needs', async () => {
    const rig = new Rig(110)
    rig.add('dead', 0)
    rig.add('held', 20, { onFull: 'hold' })
    await rig.retention.settle()
    expect(rig.drops).toEqual([['dead', 20, 'backlog_full']])
    rig.retention.setPosition('held', 100)
    rig.retention.setPosition('store', 25)
    await rig.retention.settle()
    // Down to 77 bytes would be 30.
    expect(rig.drops.at(-1)).toEqual(['dead', 25, 'backlog_full'])
  })

  it('knows how much lies behind a position', () => {
    const rig = new Rig(1_000)
    expect([0, 95, 100].map((position) => rig.retention.bytesBehind(position))).toEqual([100, 5, 0])
  })
})
