import { describe, expect, it } from 'vitest'
import {
  describeInterval,
  describeRange,
  moveRange,
  parseInstant,
  parseRangeText,
  parseSpan,
  resolveRange,
} from './time-range.ts'

const now = Date.parse('2026-11-20T03:12:20Z')
const at = (text: string): number => Date.parse(text)

describe('an end of a range', () => {
  it.each([
    ['now', now],
    ['now-1h30m', now - 5_400_000],
    ['now/d', at('2026-11-20T00:00:00Z')],
    ['now-1d/d', at('2026-11-19T00:00:00Z')],
    ['now/w', at('2026-11-16T00:00:00Z')],
    ['now-1M/M', at('2026-10-01T00:00:00Z')],
    ['now/y', at('2026-01-01T00:00:00Z')],
    ['now/Q', at('2026-10-01T00:00:00Z')],
    ['now/d+8h', at('2026-11-20T08:00:00Z')],
    ['now-2y', at('2024-11-20T03:12:20Z')],
    ['now/h', at('2026-11-20T03:00:00Z')],
    ['1795144340000', 1_795_144_340_000],
    ['02:12', at('2026-11-20T02:12:00Z')],
    ['2026-11-19 02:12:30.5', at('2026-11-19T02:12:30.5Z')],
    ['2026-11-19', at('2026-11-19T00:00:00Z')],
    ['2026-11-19T02:12:30+04:00', at('2026-11-18T22:12:30Z')],
  ])('%s', (text, expected) => expect(parseInstant(text, now, 'utc')).toBe(expected))

  it.each(['', 'then', 'now-', 'now-5', '25:00', '2026-13-01', '12', '<b>'])('%s is none', (text) => {
    expect(parseInstant(text, now, 'utc')).toBeUndefined()
  })
})

describe('the end of a range', () => {
  const end = { edge: 'to' } as const
  it('goes to the end of what it is rounded to', () => {
    expect(parseInstant('now/d', now, 'utc', end)).toBe(at('2026-11-21T00:00:00Z') - 1)
    expect(parseInstant('now-1w/w', now, 'utc', end)).toBe(at('2026-11-16T00:00:00Z') - 1)
    expect(resolveRange({ from: 'now-1d/d', to: 'now-1d/d' }, now, 'utc')).toEqual({
      fromMs: at('2026-11-19T00:00:00Z'),
      toMs: at('2026-11-20T00:00:00Z') - 1,
    })
  })

  it('follows the calendar of the dashboard', () => {
    expect(parseInstant('now/w', now, 'utc', { weekStart: 0 })).toBe(at('2026-11-15T00:00:00Z'))
    expect(parseInstant('now/w', now, 'utc', { weekStart: 6 })).toBe(at('2026-11-14T00:00:00Z'))
    expect(parseInstant('now/fy', now, 'utc', { fiscalStart: 3 })).toBe(at('2026-04-01T00:00:00Z'))
    expect(parseInstant('now/fQ', now, 'utc', { fiscalStart: 1 })).toBe(at('2026-11-01T00:00:00Z'))
    expect(parseInstant('now-1M', at('2026-03-31T10:00:00Z'), 'utc')).toBe(at('2026-02-28T10:00:00Z'))
  })
})

it('reads spans', () => {
  expect(parseSpan('90m')).toBe(5_400_000)
  expect(parseSpan('1h 30m')).toBe(5_400_000)
  expect(parseSpan('15 min')).toBe(900_000)
  expect(parseSpan('5')).toBeUndefined()
})

it.each([
  ['last 90m', { from: 'now-90m', to: 'now' }],
  ['7d', { from: 'now-7d', to: 'now' }],
  ['Today', { from: 'now/d', to: 'now' }],
  ['02:30 to 03:10', { from: String(at('2026-11-20T02:30Z')), to: String(at('2026-11-20T03:10Z')) }],
  ['2026-11-19 02:30 to now', { from: String(at('2026-11-19T02:30Z')), to: 'now' }],
  ['03:10 to 02:30', undefined],
  ['soon', undefined],
])('reads what is typed: %s', (text, expected) => expect(parseRangeText(text, now, 'utc')).toEqual(expected))

it('falls back to the last hour when the address holds nonsense', () => {
  expect(resolveRange({ from: 'x', to: 'now' }, now, 'utc')).toEqual({ fromMs: now - 3_600_000, toMs: now })
  expect(resolveRange({ from: 'now', to: 'now-1h' }, now, 'utc')).toEqual({ fromMs: now - 3_600_000, toMs: now })
})

it('says what the range is, and where it lies', () => {
  const hour = { fromMs: now - 3_600_000, toMs: now }
  expect(describeRange({ from: 'now-1h', to: 'now' }, hour)).toBe('Last 1 h')
  expect(describeRange({ from: 'now-90m', to: 'now' }, { fromMs: now - 5_400_000, toMs: now })).toBe(
    'Last 1 h 30\u00a0min',
  )
  expect(describeRange({ from: '1', to: '2' }, hour)).toBe('1\u00a0h')
  expect(describeInterval(hour, now, 'utc')).toBe('02:12 to 03:12')
  expect(describeInterval({ fromMs: now - 86_400_000, toMs: now }, now, 'utc')).toBe(
    '2026-11-19 03:12 to 2026-11-20 03:12',
  )
})

it('moves and zooms by halves', () => {
  const range = { fromMs: 1_000_000, toMs: 1_100_000 }
  expect(moveRange(range, 'back')).toEqual({ from: '950000', to: '1050000' })
  expect(moveRange(range, 'in')).toEqual({ from: '1025000', to: '1075000' })
  expect(moveRange(range, 'out')).toEqual({ from: '950000', to: '1150000' })
})
