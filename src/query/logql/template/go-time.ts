/** A moment and the zone that it is told in. */
export interface GoTime {
  readonly kind: 'time'
  /** Nanoseconds since the epoch. */
  readonly ns: bigint
  /** Name of a zone of IANA, or `UTC`. */
  readonly zone: string
  /** Seconds east, where the text that was read told them instead of a zone. */
  readonly offset?: number
}

export function isGoTime(value: unknown): value is GoTime {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'time'
}

/** Go's time of which nothing is known: the first of January of the year 1. */
export const ZERO_TIME: GoTime = { kind: 'time', ns: -62_135_596_800_000_000_000n, zone: 'UTC' }

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November'],
  'December',
] as const
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const

/** The parts of a layout: the time `Mon Jan 2 15:04:05 MST 2006` written as others are to be. */
const LAYOUT = new RegExp(
  [
    ...['January', 'Jan', 'Monday', 'Mon', 'MST', '2006', '002', '01', '02', '03', '04', '05', '06', '15'],
    ...['-07:00:00', '-070000', '-07:00', '-0700', '-07', 'Z07:00:00', 'Z070000', 'Z07:00', 'Z0700', 'Z07'],
    ...['__2', '_2006', '_2', 'PM', 'pm', '[.,]0+(?![0-9])', '[.,]9+(?![0-9])', '1', '2', '3', '4', '5'],
  ].join('|'),
  'g',
)

interface Clock {
  readonly date: Date
  readonly nanosecond: number
  readonly offset: number
  readonly zone: string
}

function clockOf({ ns, zone, offset }: GoTime): Clock {
  const east = offset ?? offsetOf(zone, Number(ns / 1_000_000n))
  const local = ns + BigInt(east) * 1_000_000_000n
  const nanosecond = Number(((local % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n)
  const date = new Date(Number((local - BigInt(nanosecond)) / 1_000_000n))
  return { date, nanosecond, offset: east, zone }
}

/** The time in a layout of Go's. */
export function formatGoTime(time: GoTime, layout: string): string {
  const clock = clockOf(time)
  return layout.replace(LAYOUT, (part) => formatPart(part, clock, time))
}

function formatPart(part: string, clock: Clock, time: GoTime): string {
  const { date, nanosecond, offset } = clock
  const two = (value: number, fill = '0'): string => String(value).padStart(2, fill)
  const hour = date.getUTCHours()
  switch (part) {
    case '2006':
      return String(date.getUTCFullYear()).padStart(4, '0')
    case '_2006':
      return `_${String(date.getUTCFullYear()).padStart(4, '0')}`
    case '06':
      return two(date.getUTCFullYear() % 100)
    case 'January':
      return MONTHS[date.getUTCMonth()] ?? ''
    case 'Jan':
      return (MONTHS[date.getUTCMonth()] ?? '').slice(0, 3)
    case '01':
      return two(date.getUTCMonth() + 1)
    case '1':
      return String(date.getUTCMonth() + 1)
    case 'Monday':
      return DAYS[date.getUTCDay()] ?? ''
    case 'Mon':
      return (DAYS[date.getUTCDay()] ?? '').slice(0, 3)
    case '02':
      return two(date.getUTCDate())
    case '_2':
      return two(date.getUTCDate(), ' ')
    case '2':
      return String(date.getUTCDate())
    case '002':
      return String(dayOfYear(date)).padStart(3, '0')
    case '__2':
      return String(dayOfYear(date)).padStart(3, ' ')
    case '15':
      return two(hour)
    case '03':
      return two(hour % 12 === 0 ? 12 : hour % 12)
    case '3':
      return String(hour % 12 === 0 ? 12 : hour % 12)
    case '04':
      return two(date.getUTCMinutes())
    case '4':
      return String(date.getUTCMinutes())
    case '05':
      return two(date.getUTCSeconds())
    case '5':
      return String(date.getUTCSeconds())
    case 'PM':
      return hour >= 12 ? 'PM' : 'AM'
    case 'pm':
      return hour >= 12 ? 'pm' : 'am'
    case 'MST':
      return zoneName(time, offset)
    default:
      return part.startsWith('.') || part.startsWith(',') ? fraction(part, nanosecond) : formatOffset(part, offset)
  }
}

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1
}

function fraction(part: string, nanosecond: number): string {
  const digits = String(nanosecond)
    .padStart(9, '0')
    .slice(0, part.length - 1)
  const separator = part.slice(0, 1)
  if (part.includes('0')) return separator + digits
  const kept = digits.replace(/0+$/, '')
  return kept === '' ? '' : separator + kept
}

function formatOffset(part: string, offset: number): string {
  if (part.startsWith('Z') && offset === 0) return 'Z'
  const size = Math.abs(offset)
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0')
  const separator = part.includes(':') ? ':' : ''
  const pieces = [two(size / 3600)]
  if (part.replace(/[^0-9]/g, '').length >= 4) pieces.push(two((size % 3600) / 60))
  if (part.replace(/[^0-9]/g, '').length >= 6) pieces.push(two(size % 60))
  return (offset < 0 ? '-' : '+') + pieces.join(separator)
}

function zoneName({ zone, offset, ns }: GoTime, east: number): string {
  if (offset !== undefined)
    return offset === 0 && zone === 'UTC' ? 'UTC' : formatOffset('-0700', east).replace(/00$/, '')
  if (zone === 'UTC') return 'UTC'
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'short' }).formatToParts(
    Number(ns / 1_000_000n),
  )
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''
  return /^[A-Z]{3,5}$/.test(name) ? name : formatOffset('-0700', east).replace(/00$/, '')
}

/** How far east of UTC the zone is at that moment, in seconds. */
function offsetOf(zone: string, timeMs: number): number {
  if (zone === 'UTC') return 0
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const found: Record<string, number> = {}
  for (const { type, value } of format.formatToParts(timeMs)) found[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = found
  return Math.round((Date.UTC(year, month - 1, day, hour, minute, second) - timeMs) / 1000)
}

/** The zone of that name; undefined when there is none. */
export function findZone(name: string): string | undefined {
  if (name === '' || name === 'UTC' || name === 'Local') return 'UTC'
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}

interface Read {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
  nanosecond: number
  afternoon: boolean | undefined
  offset: number | undefined
  dayOfYear: number | undefined
}

/** Reads a time in a layout of Go's; undefined where the text does not follow it. */
export function parseGoTime(layout: string, text: string, zone: string): GoTime | undefined {
  const read: Read = {
    ...{ year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0, nanosecond: 0 },
    ...{ afternoon: undefined, offset: undefined, dayOfYear: undefined },
  }
  let at = 0
  let last = 0
  for (const match of layout.matchAll(LAYOUT)) {
    const literal = layout.slice(last, match.index)
    last = match.index + match[0].length
    if (!text.startsWith(literal, at)) return undefined
    const taken = readPart(match[0], text.slice(at + literal.length), read)
    if (taken === undefined) return undefined
    at += literal.length + taken
    if (/^0?5$/.test(match[0]) && !/^[.,][09]/.test(layout.slice(last))) at += readFraction(text.slice(at), read)
  }
  if (text.slice(at) !== layout.slice(last)) return undefined
  return timeOf(read, zone)
}

const TEXT_PATTERNS: Readonly<Record<string, RegExp>> = {
  '2006': /^\d{4}/,
  _2006: /^_\d{4}/,
  '06': /^\d\d/,
  January: new RegExp(`^(?:${MONTHS.join('|')})`, 'i'),
  Jan: new RegExp(`^(?:${MONTHS.map((name) => name.slice(0, 3)).join('|')})`, 'i'),
  Monday: new RegExp(`^(?:${DAYS.join('|')})`, 'i'),
  Mon: new RegExp(`^(?:${DAYS.map((name) => name.slice(0, 3)).join('|')})`, 'i'),
  '01': /^\d\d/,
  '1': /^\d\d?/,
  '02': /^\d\d/,
  '2': /^\d\d?/,
  _2: /^ ?\d\d?/,
  '002': /^\d{3}/,
  __2: /^ {0,2}\d{1,3}/,
  '15': /^\d\d/,
  '03': /^\d\d/,
  '3': /^\d\d?/,
  '04': /^\d\d/,
  '4': /^\d\d?/,
  '05': /^\d\d/,
  '5': /^\d\d?/,
  PM: /^[AP]M/,
  pm: /^[ap]m/,
  MST: /^[A-Z]{3,5}|^[+-]\d{2}(?:\d{2})?/,
}

function readPart(part: string, text: string, read: Read): number | undefined {
  const pattern = TEXT_PATTERNS[part]
  if (pattern === undefined) return readFractionOrOffset(part, text, read)
  const found = pattern.exec(text)?.[0]
  if (found === undefined) return undefined
  const number = Number(found.replace('_', ''))
  const nameIndex = (names: readonly string[]): number =>
    names.findIndex((name) => name.toLowerCase().startsWith(found.toLowerCase().slice(0, 3)))
  if (part === '2006' || part === '_2006') read.year = number
  else if (part === '06') read.year = number >= 69 ? 1900 + number : 2000 + number
  else if (part === 'January' || part === 'Jan') read.month = nameIndex(MONTHS) + 1
  else if (part === '01' || part === '1') read.month = number
  else if (part === '02' || part === '2' || part === '_2') read.day = number
  else if (part === '002' || part === '__2') read.dayOfYear = number
  else if (part === '15' || part === '03' || part === '3') read.hour = number
  else if (part === '04' || part === '4') read.minute = number
  else if (part === '05' || part === '5') read.second = number
  else if (part === 'PM' || part === 'pm') read.afternoon = found.toLowerCase() === 'pm'
  else if (part === 'MST' && found === 'UTC') read.offset = 0
  return found.length
}

function readFractionOrOffset(part: string, text: string, read: Read): number | undefined {
  if (part.startsWith('.') || part.startsWith(',')) {
    if (part.includes('9')) return readFraction(text, read)
    const digits = new RegExp(`^[.,](\\d{${String(part.length - 1)}})`).exec(text)?.[1]
    if (digits === undefined) return undefined
    read.nanosecond = Number(digits.padEnd(9, '0'))
    return digits.length + 1
  }
  if (part.startsWith('Z') && text.startsWith('Z')) {
    read.offset = 0
    return 1
  }
  const digits = part.replace(/[^0-9]/g, '').length
  const separator = part.includes(':') ? ':' : ''
  const pieces = ['(\\d\\d)', ...(digits >= 4 ? ['(\\d\\d)'] : []), ...(digits >= 6 ? ['(\\d\\d)'] : [])]
  const match = new RegExp(`^([+-])${pieces.join(separator)}`).exec(text)
  if (match === null) return undefined
  const [whole, sign, hours = '0', minutes = '0', seconds = '0'] = match
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  read.offset = sign === '-' ? -size : size
  return whole.length
}

function readFraction(text: string, read: Read): number {
  const digits = /^[.,](\d+)/.exec(text)?.[1]
  if (digits === undefined) return 0
  read.nanosecond = Number(digits.slice(0, 9).padEnd(9, '0'))
  return digits.length + 1
}

function timeOf(read: Read, zone: string): GoTime | undefined {
  const { year, second, minute, nanosecond, afternoon, offset } = read
  let { month, day, hour } = read
  if (read.dayOfYear !== undefined) {
    const date = new Date(Date.UTC(2000, 0, read.dayOfYear))
    date.setUTCFullYear(year)
    month = date.getUTCMonth() + 1
    day = date.getUTCDate()
  }
  if (afternoon === true && hour < 12) hour += 12
  if (afternoon === false && hour === 12) hour = 0
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second)
  if (date.getUTCDate() !== day) return undefined
  const localMs = date.getTime()
  const guess = offset ?? offsetOf(zone, localMs)
  const east = offset ?? offsetOf(zone, localMs - guess * 1000)
  const ns = BigInt(localMs - east * 1000) * 1_000_000n + BigInt(nanosecond)
  if (offset === undefined) return { kind: 'time', ns, zone }
  return offset === 0 ? { kind: 'time', ns, zone: 'UTC' } : { kind: 'time', ns, zone, offset }
}
