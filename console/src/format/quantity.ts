/** A number as it is shown: digits and unit apart, because the unit is set smaller. */
export interface Quantity {
  readonly digits: string
  readonly unit: string
}

const DECIMAL = ['', 'k', 'M', 'G', 'T'] as const
const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** At most three significant digits, but no whole number is rounded to tens; a true minus; zero is `0`. */
export function toDigits(value: number): string {
  const text = toThree(Math.abs(value))
  const digits = text.includes('.') ? text.replace(/\.?0+$/, '') : text
  return value < 0 && digits !== '0' ? `−${digits}` : digits
}

/** Items per second with SI prefixes. Prefixed numbers have exactly three digits, so that columns of them line up. */
export function toRate(perSecond: number): Quantity {
  if (perSecond === 0) return { digits: '0', unit: '' }
  if (perSecond > 0 && perSecond < 0.05) return { digits: '< 0.1', unit: '/s' }
  if (perSecond < 100) return { digits: toDigits(Math.round(perSecond * 10) / 10), unit: '/s' }
  const [scaled, prefix] = scale(perSecond, 1_000, DECIMAL)
  return { digits: prefix === '' ? toDigits(scaled) : toThree(scaled), unit: `${prefix}/s` }
}

/** Bytes of queues and memory, in powers of 1024 as the fleet file gives them. */
export function toBytes(bytes: number): Quantity {
  if (bytes === 0) return { digits: '0', unit: '' }
  const [scaled, prefix] = scale(bytes, 1_024, BINARY)
  return { digits: toDigits(scaled), unit: prefix }
}

/** A measured time: `38 ms`, `1.84 s`, `6 min 12 s`, `2 h 29 min`, `19 d`. */
export function toDuration(ms: number): Quantity {
  if (Math.round(ms) < SECOND_MS) return { digits: ms.toFixed(0), unit: 'ms' }
  // What would be rounded up to 60 s is a minute.
  if (ms < MINUTE_MS - 50) return { digits: toDigits(ms / SECOND_MS), unit: 's' }
  const seconds = Math.floor((ms + 50) / SECOND_MS)
  if (seconds < 3_600) return twoParts(seconds, 60, 'min', 's')
  const minutes = Math.floor(seconds / 60)
  if (minutes < 48 * 60) return twoParts(minutes, 60, 'h', 'min')
  return { digits: String(Math.floor(minutes / 1_440)), unit: 'd' }
}

/** How long ago something was, in one unit: `0.4 s`, `38 s`, `6 min`, `2 h`, `19 d`. Never below zero: clocks differ. */
export function toAge(ms: number): Quantity {
  if (ms < 10 * SECOND_MS) return { digits: (Math.floor(Math.max(0, ms) / 100) / 10).toFixed(1), unit: 's' }
  if (ms < MINUTE_MS) return { digits: String(Math.floor(ms / SECOND_MS)), unit: 's' }
  if (ms < HOUR_MS) return { digits: String(Math.floor(ms / MINUTE_MS)), unit: 'min' }
  if (ms < 2 * DAY_MS) return { digits: String(Math.floor(ms / HOUR_MS)), unit: 'h' }
  return { digits: String(Math.floor(ms / DAY_MS)), unit: 'd' }
}

/** A share of one in percent; what is not nothing is never shown as nothing, what is not all never as all. */
export function toPercent(share: number): Quantity {
  if (share > 0 && share < 0.001) return { digits: '< 0.1', unit: '%' }
  if (share < 1 && share > 0.999) return { digits: '> 99.9', unit: '%' }
  return { digits: toDigits(Math.round(share * 1_000) / 10), unit: '%' }
}

/** Exact, grouped by narrow no-break spaces: for numbers that must add up. */
export function toCount(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, '\u202f')
}

/** Digits and unit with a no-break space between. */
export function toText({ digits, unit }: Quantity): string {
  return unit === '' ? digits : `${digits}\u00a0${unit}`
}

function twoParts(value: number, base: number, large: string, small: string): Quantity {
  const rest = value % base
  const whole = String(Math.floor(value / base))
  return rest === 0 ? { digits: whole, unit: large } : { digits: `${whole} ${large} ${rest}`, unit: small }
}

/** Divides until what is shown is below the base: 999.7 is 1.00 k, not 1000. */
function scale(value: number, base: number, units: readonly string[]): [number, string] {
  let scaled = value
  let step = 0
  while (Number(toThree(Math.abs(scaled))) >= base && step < units.length - 1) {
    scaled /= base
    step += 1
  }
  return [scaled, units[step] ?? '']
}

/** Three significant digits with their zeros; whole numbers above 999 stay whole. */
function toThree(magnitude: number): string {
  if (magnitude === 0) return '0'
  if (magnitude >= 99.95) return magnitude.toFixed(0)
  return magnitude >= 9.995 ? magnitude.toFixed(1) : magnitude.toPrecision(3)
}
