import { expect, it } from 'vitest'
import { toClock, toDate } from './time.ts'

const now = Date.parse('2026-11-20T03:12:20Z')

it('shows the time of day, with the day in front when it is another one', () => {
  expect(toClock(Date.parse('2026-11-20T02:33:07Z'), now)).toBe('02:33:07')
  expect(toClock(Date.parse('2026-11-20T02:33:07Z'), now, false)).toBe('02:33')
  expect(toClock(Date.parse('2026-11-19T23:59:59Z'), now)).toBe('2026-11-19 23:59:59')
})

it('shows a day far away to the minute', () => {
  expect(toDate(Date.parse('2027-06-20T03:12:20Z'))).toBe('2027-06-20 03:12')
})
