import { REFRESH_INTERVALS, type RefreshInterval, type ViewDefaults } from '../data/view-state.ts'
import type { Dashboard } from './dashboard.ts'
import { numberAt, objectAt, textAt } from './json.ts'

/** What the dashboard says of its time, for where the address says nothing. */
export function ownTimeOf({ json, from, to, refresh }: Dashboard): ViewDefaults {
  const weekStart = WEEK_STARTS[textAt(json, 'weekStart') ?? '']
  return {
    range: { from, to },
    refresh: nearestRefresh(refresh),
    // A zone by name is not had; the browser's own is the nearest to what the author meant.
    zone: ['', 'utc', 'UTC', 'Etc/UTC'].includes(timezoneOf(json)) ? 'utc' : 'local',
    calendar: {
      fiscalStart: numberAt(json, 'fiscalYearStartMonth') ?? 0,
      ...(weekStart === undefined ? {} : { weekStart }),
    },
    delayMs: spanOf(textAt(objectAt(json, 'timepicker'), 'nowDelay') ?? '') ?? 0,
  }
}

const WEEK_STARTS: Readonly<Record<string, number>> = { sunday: 0, monday: 1, saturday: 6 }

/** A zone that neither UTC nor the browser has, by name: the page says which it shows instead. */
export function foreignZoneOf({ json }: Dashboard): string | undefined {
  const zone = timezoneOf(json)
  if (['', 'utc', 'UTC', 'Etc/UTC', 'browser'].includes(zone)) return undefined
  return zone === Intl.DateTimeFormat().resolvedOptions().timeZone ? undefined : zone
}

const timezoneOf = (json: Dashboard['json']): string => textAt(json, 'timezone') ?? ''

/** The interval of ours that is nearest to it, and not below: `45s` refreshes every minute. */
function nearestRefresh(text: string): RefreshInterval {
  if (text === 'auto') return '30s'
  const ms = spanOf(text)
  if (ms === undefined || ms <= 0) return 'off'
  return ORDERED.find((name) => REFRESH_INTERVALS[name].ms >= ms) ?? '1d'
}

const ORDERED = ['2s', '5s', '10s', '30s', '1m', '5m', '15m', '30m', '1h', '2h', '1d'] as const

function spanOf(text: string): number | undefined {
  const found = [...text.matchAll(/(\d+)(ms|[smhdw])/g)]
  if (found.length === 0) return undefined
  return found.reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNITS_MS[unit] ?? 0), 0)
}

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}
