import { describe, expect, it } from 'vitest'
import { type CumulativePoint, CumulativeState, type Increase } from './cumulative-state.ts'

const MINUTE = 60_000

function point(timeMs: number, value: number, startMs = 0): CumulativePoint {
  return { timeMs, startMs, values: new Map([['', value]]), growing: new Set(['']) }
}

function valueOf(increase: Increase): number | string | undefined {
  return increase.t === 'increase' ? increase.values.get('') : increase.t
}

function feed(state: CumulativeState, ...points: readonly CumulativePoint[]): (number | string | undefined)[] {
  return points.map((one) => valueOf(state.add('a', one)))
}

describe('CumulativeState', () => {
  it('tells what was added, and nothing of the first point', () => {
    expect(feed(new CumulativeState(10), point(1, 100), point(2, 103), point(3, 103))).toEqual(['baseline', 3, 0])
  })

  it('takes the whole value after the series has begun anew', () => {
    const state = new CumulativeState(10)
    expect(feed(state, point(10, 100), point(20, 5), point(30, 8))).toEqual(['baseline', 5, 3])
    // It has grown over the old value already, but says that it is new.
    expect(feed(state, point(50, 200, 40), point(60, 210, 40))).toEqual([200, 10])
  })

  it('tells since when', () => {
    const state = new CumulativeState(10)
    feed(state, point(10, 1))
    expect(state.add('a', point(40, 3))).toMatchObject({ sinceMs: 10 })
    expect(state.add('a', point(90, 2, 80))).toMatchObject({ sinceMs: 80 })
  })

  it('takes no point that is not later', () => {
    expect(feed(new CumulativeState(10), point(10, 1), point(10, 2), point(5, 9), point(11, 4))).toEqual([
      'baseline',
      'out_of_order',
      'out_of_order',
      3,
    ])
  })

  it('knows that a series has no past when it began after the first batch', () => {
    const state = new CumulativeState(10)
    state.seeBatch(10 * MINUTE)
    state.seeBatch(1 * MINUTE)
    expect(valueOf(state.add('old', point(12 * MINUTE, 7, 9 * MINUTE)))).toBe('baseline')
    expect(valueOf(state.add('nearly', point(12 * MINUTE, 7, 10.5 * MINUTE)))).toBe('baseline')
    expect(valueOf(state.add('new', point(13 * MINUTE, 7, 12 * MINUTE)))).toBe(7)
  })

  it('is bounded, and what was forgotten is never taken for new', () => {
    const state = new CumulativeState(2)
    state.seeBatch(0)
    expect(valueOf(state.add('a', point(3 * MINUTE, 7, 2 * MINUTE)))).toBe(7)
    state.add('b', point(3 * MINUTE, 1))
    state.add('c', point(3 * MINUTE, 1))
    expect(state.size).toBe(2)
    expect(valueOf(state.add('a', point(4 * MINUTE, 9, 2 * MINUTE)))).toBe('baseline')
  })

  it('lets a sum fall that may', () => {
    const state = new CumulativeState(10)
    const both = (timeMs: number, count: number, sum: number): CumulativePoint => ({
      timeMs,
      startMs: 0,
      values: new Map([
        ['count', count],
        ['sum', sum],
      ]),
      growing: new Set(['count']),
    })
    state.add('a', both(1, 2, 10))
    const increase = state.add('a', both(2, 3, 4))
    expect(increase.t === 'increase' && [...increase.values]).toEqual([
      ['count', 1],
      ['sum', -6],
    ])
  })
})
