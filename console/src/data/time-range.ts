import { toDuration, toText } from '../format/quantity.ts'
import { type Calendar, moveInstant, SPAN_MS } from './date-math.ts'
import { instantOf, partsOf, toDay, toTimeOfDay, type Zone } from '../format/zone.ts'

/** A range as it stands in the address: `now-1h` to `now`, or ms since the epoch. */
export interface TimeRange {
  readonly from: string
  readonly to: string
}

/** ms since the epoch. */
export interface Interval {
  readonly fromMs: number
  readonly toMs: number
}

export const DEFAULT_RANGE: TimeRange = { from: 'now-1h', to: 'now' }

export const RANGE_PRESETS: readonly { readonly words: string; readonly range: TimeRange }[] = [
  { words: 'Last 5 min', range: { from: 'now-5m', to: 'now' } },
  { words: 'Last 15 min', range: { from: 'now-15m', to: 'now' } },
  { words: 'Last 1 h', range: DEFAULT_RANGE },
  { words: 'Last 3 h', range: { from: 'now-3h', to: 'now' } },
  { words: 'Last 6 h', range: { from: 'now-6h', to: 'now' } },
  { words: 'Last 24 h', range: { from: 'now-24h', to: 'now' } },
  { words: 'Last 7 d', range: { from: 'now-7d', to: 'now' } },
  { words: 'Last 30 d', range: { from: 'now-30d', to: 'now' } },
  { words: 'Today', range: { from: 'now/d', to: 'now' } },
]

/** The shortest range that makes sense, and how far a zoom goes. */
const SHORTEST_MS = 1_000

/** ms of `90m`, `1h30m`, `7d`; undefined for anything else. */
export function parseSpan(text: string): number | undefined {
  const compact = text.replaceAll(/\s+/g, '')
  if (!/^(\d+(s|min|m|h|d|w))+$/.test(compact)) return undefined
  let total = 0
  for (const [, count, unit] of compact.matchAll(/(\d+)(s|min|m|h|d|w)/g))
    total += Number(count) * (SPAN_MS[unit ?? ''] ?? 0)
  return total
}

/**
 * An end of a range: `now`, `now-90m`, `now/d` (the start of the day, or its end for the end of a range), `now-1M/M`, ms since
 * the epoch, `2026-11-20 02:12[:30]` or `02:12` (of today) in the zone, or RFC 3339 with its own zone.
 */
export function parseInstant(text: string, nowMs: number, zone: Zone, calendar?: Calendar): number | undefined {
  const trimmed = text.trim()
  if (trimmed.startsWith('now')) return moveInstant(trimmed.slice(3), nowMs, zone, calendar)
  if (/^\d{12,14}$/.test(trimmed)) return Number(trimmed)
  return parseClock(trimmed, nowMs, zone)
}

function parseClock(text: string, nowMs: number, zone: Zone): number | undefined {
  if (/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text)) {
    const at = Date.parse(text)
    return Number.isNaN(at) ? undefined : at
  }
  const match =
    /^(?:(?<day>\d{4}-\d\d-\d\d)(?:[T ]+|$))?(?:(?<hour>\d\d?):(?<minute>\d\d)(?::(?<second>\d\d)(?:\.(?<ms>\d{1,3}))?)?)?$/.exec(
      text,
    )?.groups
  if (match === undefined || (match['day'] === undefined && match['hour'] === undefined)) return undefined
  const today = partsOf(nowMs, zone)
  const [year, month, day] = (match['day'] ?? '').split('-').map(Number)
  const parts = {
    year: match['day'] === undefined ? today.year : (year ?? 0),
    month: match['day'] === undefined ? today.month : (month ?? 0),
    day: match['day'] === undefined ? today.day : (day ?? 0),
    hour: Number(match['hour'] ?? 0),
    minute: Number(match['minute'] ?? 0),
    second: Number(match['second'] ?? 0),
    ms: Number((match['ms'] ?? '0').padEnd(3, '0')),
  }
  const isReal =
    parts.month >= 1 &&
    parts.month <= 12 &&
    parts.day >= 1 &&
    parts.day <= 31 &&
    parts.hour < 24 &&
    parts.minute < 60 &&
    parts.second < 60
  return isReal ? instantOf(parts, zone) : undefined
}

/** The range in ms; one that cannot be read, or that ends before it begins, is the default one. */
export function resolveRange(range: TimeRange, nowMs: number, zone: Zone, calendar: Calendar = {}): Interval {
  const fromMs = parseInstant(range.from, nowMs, zone, calendar)
  const toMs = parseInstant(range.to, nowMs, zone, { ...calendar, edge: 'to' })
  if (fromMs === undefined || toMs === undefined || toMs - fromMs < SHORTEST_MS)
    return { fromMs: nowMs - 3_600_000, toMs: nowMs }
  return { fromMs, toMs }
}

/** Whether it moves with the clock. */
export function isLive(range: TimeRange): boolean {
  return range.to.startsWith('now')
}

/** What somebody types: `last 90m`, `1h`, `02:30 to 03:10`, `2026-11-20 02:12 to now`, `today`. */
export function parseRangeText(text: string, nowMs: number, zone: Zone): TimeRange | undefined {
  const trimmed = text.trim().toLowerCase()
  if (trimmed === 'today') return { from: 'now/d', to: 'now' }
  const span = parseSpan(trimmed.replace(/^last\s*/, ''))
  if (span !== undefined && span >= SHORTEST_MS)
    return { from: `now-${trimmed.replace(/^last\s*/, '').replaceAll(/\s+/g, '')}`, to: 'now' }
  const [from, to, ...rest] = text.trim().split(/\s+(?:to|until)\s+|\s*–\s*/)
  if (from === undefined || to === undefined || rest.length > 0) return undefined
  const fromMs = parseInstant(from, nowMs, zone)
  const toMs = parseInstant(to, nowMs, zone, { edge: 'to' })
  if (fromMs === undefined || toMs === undefined || toMs - fromMs < SHORTEST_MS) return undefined
  const keep = (end: string, ms: number): string => (end.trim().startsWith('now') ? end.trim() : String(ms))
  return { from: keep(from, fromMs), to: keep(to, toMs) }
}

/** `Last 1 h`, or the length of an absolute one. */
export function describeRange(range: TimeRange, interval: Interval): string {
  const preset = RANGE_PRESETS.find((one) => one.range.from === range.from && one.range.to === range.to)
  if (preset !== undefined) return preset.words
  const length = toText(toDuration(interval.toMs - interval.fromMs))
  return range.to === 'now' && range.from.startsWith('now-') ? `Last ${length}` : length
}

/** `02:12 to 03:12`, with days where they differ from today. */
export function describeInterval({ fromMs, toMs }: Interval, nowMs: number, zone: Zone): string {
  const precision = toMs - fromMs < 120_000 ? 'second' : 'minute'
  const write = (ms: number, before?: number): string => {
    const day = toDay(ms, zone)
    const isSame = before === undefined ? day === toDay(nowMs, zone) : day === toDay(before, zone)
    return `${isSame ? '' : `${day} `}${toTimeOfDay(ms, zone, precision)}`
  }
  return `${write(fromMs)} to ${write(toMs, toDay(fromMs, zone) === toDay(nowMs, zone) ? undefined : fromMs)}`
}

/** The same length, moved by half of it, or twice and half as long around the middle; always absolute. */
export function moveRange({ fromMs, toMs }: Interval, move: 'back' | 'forward' | 'out' | 'in'): TimeRange {
  const half = (toMs - fromMs) / 2
  const quarter = half / 2
  const [from, to] = {
    back: [fromMs - half, toMs - half],
    forward: [fromMs + half, toMs + half],
    out: [fromMs - half, toMs + half],
    in: [fromMs + quarter, toMs - quarter],
  }[move] as [number, number]
  return absoluteRange({ fromMs: from, toMs: Math.max(to, from + SHORTEST_MS) })
}

export function absoluteRange({ fromMs, toMs }: Interval): TimeRange {
  return { from: String(Math.round(fromMs)), to: String(Math.round(Math.max(toMs, fromMs + SHORTEST_MS))) }
}
