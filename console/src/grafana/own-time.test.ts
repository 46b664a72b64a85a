import { describe, expect, it } from 'vitest'
import { readDashboard } from './dashboard.ts'
import { foreignZoneOf, ownTimeOf } from './own-time.ts'

const own = (json: Readonly<Record<string, unknown>>): ReturnType<typeof ownTimeOf> =>
  ownTimeOf(readDashboard({ title: 'x', ...json }))

describe("a dashboard's own time", () => {
  it('is what it says, else what Grafana takes', () => {
    expect(own({})).toEqual({
      range: { from: 'now-6h', to: 'now' },
      refresh: 'off',
      zone: 'utc',
      calendar: { fiscalStart: 0 },
      delayMs: 0,
    })
    expect(
      own({
        time: { from: 'now-1M/M', to: 'now/M' },
        refresh: '5s',
        timezone: 'browser',
        weekStart: 'sunday',
        fiscalYearStartMonth: 3,
        timepicker: { nowDelay: '1m30s' },
      }),
    ).toEqual({
      range: { from: 'now-1M/M', to: 'now/M' },
      refresh: '5s',
      zone: 'local',
      calendar: { fiscalStart: 3, weekStart: 0 },
      delayMs: 90_000,
    })
  })

  it.each([
    ['45s', '1m'],
    ['1s', '2s'],
    ['3h', '1d'],
    ['auto', '30s'],
    [false, 'off'],
    ['', 'off'],
  ])('refreshes %s every %s', (refresh, expected) => {
    expect(own({ refresh }).refresh).toBe(expected)
  })

  it('says which zone is not had', () => {
    const zoneOf = (timezone: string): string | undefined => foreignZoneOf(readDashboard({ title: 'x', timezone }))
    expect(zoneOf('utc')).toBeUndefined()
    expect(zoneOf('browser')).toBeUndefined()
    expect(zoneOf('Pacific/Kiritimati')).toBe('Pacific/Kiritimati')
  })
})
