import { type ClockParts, instantOf, partsOf, type Zone } from '../format/zone.ts'

const SECOND_MS = 1_000
export const SPAN_MS: Readonly<Record<string, number>> = {
  s: SECOND_MS,
  m: 60 * SECOND_MS,
  min: 60 * SECOND_MS,
  h: 3_600 * SECOND_MS,
  d: 86_400 * SECOND_MS,
  w: 604_800 * SECOND_MS,
}
/** Units that are longer at one time than at another. */
const MONTHS: Readonly<Record<string, number>> = { M: 1, Q: 3, y: 12 }

/** How a calendar cuts weeks and years, and which end of a range is meant: rounding goes outwards. */
export interface Calendar {
  readonly edge?: 'from' | 'to'
  /** 0 is Sunday; Monday without it. */
  readonly weekStart?: number
  /** 0 is January. */
  readonly fiscalStart?: number
}

const STEP = /([+-])((?:\d+(?:min|[smhdwMQy]))+)|\/(fQ|fy|[smhdwMQy])/y

/**
 * What stands behind `now`, one after the other: `-7d`, `-1h30m`, `-1M`, `/d` (the beginning of the day, or its end for the
 * end of a range), `/w`, `/M`, `/Q`, `/y`, `/fQ`, `/fy`. Undefined for anything else.
 */
export function moveInstant(text: string, nowMs: number, zone: Zone, calendar: Calendar = {}): number | undefined {
  const steps = text.replaceAll(/\s+/g, '')
  let at = nowMs
  STEP.lastIndex = 0
  while (STEP.lastIndex < steps.length) {
    const found = STEP.exec(steps)
    if (found === null) return undefined
    const [, sign, span = '', unit] = found
    at = unit === undefined ? addSpan(at, span, sign === '-' ? -1 : 1, zone) : roundTo(at, unit, zone, calendar)
  }
  return at
}

function addSpan(atMs: number, span: string, sign: 1 | -1, zone: Zone): number {
  let at = atMs
  for (const [, digits, unit = ''] of span.matchAll(/(\d+)(min|[smhdwMQy])/g)) {
    const count = sign * Number(digits)
    const months = MONTHS[unit]
    at = months === undefined ? at + count * (SPAN_MS[unit] ?? 0) : addMonths(at, count * months, zone)
  }
  return at
}

/** The same day of another month, or its last one. */
function addMonths(atMs: number, months: number, zone: Zone): number {
  const parts = partsOf(atMs, zone)
  const lastDay = new Date(Date.UTC(parts.year, parts.month + months, 0)).getUTCDate()
  return instantOf({ ...parts, month: parts.month + months, day: Math.min(parts.day, lastDay) }, zone)
}

function roundTo(atMs: number, unit: string, zone: Zone, calendar: Calendar): number {
  const start = startOf(partsOf(atMs, zone), unit, calendar)
  if (calendar.edge !== 'to') return instantOf(start, zone)
  return instantOf(nextAfter(start, unit), zone) - 1
}

const MIDNIGHT = { hour: 0, minute: 0, second: 0, ms: 0 } as const

function startOf(parts: ClockParts, unit: string, { weekStart = 1, fiscalStart = 0 }: Calendar): ClockParts {
  const { year, month, day } = parts
  switch (unit) {
    case 's':
      return { ...parts, ms: 0 }
    case 'm':
      return { ...parts, second: 0, ms: 0 }
    case 'h':
      return { ...parts, minute: 0, second: 0, ms: 0 }
    case 'w': {
      const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay()
      return { ...parts, ...MIDNIGHT, day: day - ((weekday - weekStart + 7) % 7) }
    }
    case 'M':
      return { ...parts, ...MIDNIGHT, day: 1 }
    case 'Q':
      return { ...parts, ...MIDNIGHT, day: 1, month: month - ((month - 1) % 3) }
    case 'fQ':
      return { ...parts, ...MIDNIGHT, day: 1, month: month - ((month - 1 - fiscalStart + 12) % 3) }
    case 'y':
      return { ...parts, ...MIDNIGHT, day: 1, month: 1 }
    case 'fy':
      return { ...parts, ...MIDNIGHT, day: 1, month: month - ((month - 1 - fiscalStart + 12) % 12) }
    default:
      return { ...parts, ...MIDNIGHT }
  }
}

function nextAfter(parts: ClockParts, unit: string): ClockParts {
  switch (unit) {
    case 's':
      return { ...parts, second: parts.second + 1 }
    case 'm':
      return { ...parts, minute: parts.minute + 1 }
    case 'h':
      return { ...parts, hour: parts.hour + 1 }
    case 'w':
      return { ...parts, day: parts.day + 7 }
    case 'M':
      return { ...parts, month: parts.month + 1 }
    case 'Q':
    case 'fQ':
      return { ...parts, month: parts.month + 3 }
    case 'y':
    case 'fy':
      return { ...parts, month: parts.month + 12 }
    default:
      return { ...parts, day: parts.day + 1 }
  }
}
