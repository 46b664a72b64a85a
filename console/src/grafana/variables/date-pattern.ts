const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const

const two = (value: number): string => String(value).padStart(2, '0')

/** The parts of a pattern, longest first where one begins another. All are of UTC. */
const PARTS: Readonly<Record<string, (date: Date) => string>> = {
  YYYY: (date) => String(date.getUTCFullYear()),
  YY: (date) => two(date.getUTCFullYear() % 100),
  MMMM: (date) => MONTHS[date.getUTCMonth()] ?? '',
  MMM: (date) => (MONTHS[date.getUTCMonth()] ?? '').slice(0, 3),
  MM: (date) => two(date.getUTCMonth() + 1),
  M: (date) => String(date.getUTCMonth() + 1),
  Q: (date) => String(Math.floor(date.getUTCMonth() / 3) + 1),
  DDDD: (date) => String(dayOfYear(date)).padStart(3, '0'),
  DDD: (date) => String(dayOfYear(date)),
  DD: (date) => two(date.getUTCDate()),
  D: (date) => String(date.getUTCDate()),
  dddd: (date) => DAYS[date.getUTCDay()] ?? '',
  ddd: (date) => (DAYS[date.getUTCDay()] ?? '').slice(0, 3),
  d: (date) => String(date.getUTCDay()),
  E: (date) => String(date.getUTCDay() === 0 ? 7 : date.getUTCDay()),
  HH: (date) => two(date.getUTCHours()),
  H: (date) => String(date.getUTCHours()),
  hh: (date) => two(date.getUTCHours() % 12 === 0 ? 12 : date.getUTCHours() % 12),
  h: (date) => String(date.getUTCHours() % 12 === 0 ? 12 : date.getUTCHours() % 12),
  mm: (date) => two(date.getUTCMinutes()),
  m: (date) => String(date.getUTCMinutes()),
  ss: (date) => two(date.getUTCSeconds()),
  s: (date) => String(date.getUTCSeconds()),
  SSS: (date) => String(date.getUTCMilliseconds()).padStart(3, '0'),
  A: (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
  a: (date) => (date.getUTCHours() < 12 ? 'am' : 'pm'),
  X: (date) => String(Math.floor(date.getTime() / 1_000)),
  x: (date) => String(date.getTime()),
  ZZ: () => '+0000',
  Z: () => '+00:00',
}

const TOKENS = new RegExp(
  String.raw`\[([^\]]*)\]|${Object.keys(PARTS)
    .toSorted((a, b) => b.length - a.length)
    .join('|')}`,
  'g',
)

/** A time by a pattern of Moment's kind, in UTC: `YYYY-MM-DD HH:mm:ss`; what stands in brackets stays as it is. */
export function writePattern(date: Date, pattern: string): string {
  return pattern.replaceAll(TOKENS, (token: string, literal?: string) => literal ?? PARTS[token]?.(date) ?? token)
}

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1
}
