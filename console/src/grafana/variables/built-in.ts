import type { Interval } from '../../data/time-range.ts'
import type { Variable } from './interpolate.ts'

/** How often a target is scraped, as far as nobody says otherwise. */
const SCRAPE_MS = 15_000

const ROUND_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 20_000, 30_000, 60_000, 120_000, 300_000,
  600_000, 900_000, 1_200_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000, 86_400_000,
  604_800_000, 2_592_000_000, 31_536_000_000,
] as const

/** A step that cuts the range into about `points` parts, rounded as Grafana rounds it, and not below `leastMs`. */
export function intervalFor({ fromMs, toMs }: Interval, points: number, leastMs: number): number {
  const wanted = (toMs - fromMs) / Math.max(1, points)
  // Nearest by the middle between two.
  const at = ROUND_MS.findIndex((round, index) => wanted <= (round + (ROUND_MS[index + 1] ?? Infinity)) / 2)
  return Math.max(leastMs, ROUND_MS[at] ?? ROUND_MS.at(-1) ?? 1)
}

/** `90s` stays whole: `1m30s` is not known everywhere. */
export function writeInterval(ms: number): string {
  const units: readonly (readonly [string, number])[] = [
    ['w', 604_800_000],
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
  ]
  for (const [unit, size] of units) if (ms >= size && ms % size === 0) return `${ms / size}${unit}`
  return `${Math.round(ms)}ms`
}

export interface QueryTime {
  readonly range: Interval
  readonly stepMs: number
  readonly dashboard: string
  readonly uid?: string
  /** How often the query's targets are scraped, where it says so: its own least step. */
  readonly scrapeMs?: number | undefined
}

/** The variables that every query has: `$__interval`, `$__rate_interval`, `$__range`, `$__from`, … */
export function builtIns(time: QueryTime): ReadonlyMap<string, Variable> {
  const { range, stepMs, dashboard, uid = '', scrapeMs = SCRAPE_MS } = time
  const rangeMs = range.toMs - range.fromMs
  const rateMs = Math.max(stepMs + scrapeMs, 4 * scrapeMs)
  const texts: Readonly<Record<string, string>> = {
    __interval: writeInterval(stepMs),
    __interval_ms: String(stepMs),
    // Loki's name for it.
    __auto: writeInterval(stepMs),
    __rate_interval: writeInterval(Math.ceil(rateMs / 1_000) * 1_000),
    __rate_interval_ms: String(rateMs),
    __range: `${Math.round(rangeMs / 1_000)}s`,
    __range_s: String(Math.round(rangeMs / 1_000)),
    __range_ms: String(rangeMs),
    __from: String(range.fromMs),
    __to: String(range.toMs),
    __dashboard: dashboard,
    __name: '',
    __org: '1',
    __user: '1',
    __timezone: 'utc',
    timeFilter: `time >= ${range.fromMs}ms and time <= ${range.toMs}ms`,
  }
  const fields: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    __dashboard: { uid, name: dashboard, title: dashboard },
    __org: { id: '1', name: 'Fleetglass' },
    __user: { id: '1', login: 'fleetglass', email: '' },
  }
  return new Map(
    Object.entries(texts).map(([name, text]) => [
      name,
      {
        name,
        values: [text],
        texts: [text],
        multi: false,
        ...(fields[name] === undefined ? {} : { fields: fields[name] }),
      },
    ]),
  )
}
