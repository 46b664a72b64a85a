import { describe, expect, it } from 'vitest'
import { lastOf, ticksOf, windowOf } from './time-window.ts'

const MINUTE = 60_000

describe('windowOf', () => {
  it.each([
    [0, 5],
    [5, 5],
    [6, 10],
    [25, 30],
    [31, 60],
    [6_000, 60],
  ])('%d min after the start of the hub it is %d min', (minutes, expected) => {
    const { lengthMs } = windowOf({ nowMs: minutes * MINUTE, hub: { startedAtMs: 0 } })
    expect(lengthMs).toBe(expected * MINUTE)
  })
})

describe('ticksOf', () => {
  const clock = (ms: number): string => new Date(ms).toISOString().slice(11, 16)

  it('are round times inside the window', () => {
    const start = Date.parse('2026-11-20T02:12:20Z')
    expect(ticksOf(start, { lengthMs: 60 * MINUTE, tickMs: 10 * MINUTE }).map(clock)).toEqual([
      '02:20',
      '02:30',
      '02:40',
      '02:50',
      '03:00',
      '03:10',
    ])
  })

  it('keep away from the ends', () => {
    const start = Date.parse('2026-11-20T02:00:00Z')
    expect(ticksOf(start, { lengthMs: 5 * MINUTE, tickMs: MINUTE }).map(clock)).toEqual([
      '02:01',
      '02:02',
      '02:03',
      '02:04',
    ])
  })
})

it('cuts a history to the window', () => {
  const values = Array.from({ length: 120 }, (_, i) => i)
  const window = { lengthMs: 5 * MINUTE, tickMs: MINUTE }
  expect(lastOf(values, 30_000, window)).toEqual(values.slice(110))
  expect(lastOf([1, 2], 30_000, window)).toEqual([1, 2])
  expect(lastOf([1, 2], 60 * MINUTE, window)).toEqual([2])
})

it('takes a bucket that has only begun for no gap, but a gap for a gap', () => {
  const window = { lengthMs: 5 * MINUTE, tickMs: MINUTE }
  expect(lastOf([1, 2, null], 30_000, window)).toEqual([1, 2])
  expect(lastOf([1, null, null], 30_000, window)).toEqual([1, null, null])
  expect(lastOf([null], 30_000, window)).toEqual([null])
})
