/** A number as it is shown: digits and unit apart, because the unit is set smaller. */
export interface Quantity {
  readonly digits: string
  readonly unit: string
}

const DECIMAL = ['', 'k', 'M', 'G', 'T'] as const
const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** At most three significant digits; a true minus; zero is `0`. */
export function toDigits(value: number): string {
  if (value === 0) return '0'
  const magnitude = Math.abs(value)
  const text =
    magnitude >= 100 ? magnitude.toFixed(0) : magnitude >= 10 ? magnitude.toFixed(1) : magnitude.toPrecision(3)
  const digits = Number(text) >= 100 ? text : trimZeros(text)
  return value < 0 ? `−${digits}` : digits
}

/** Items per second with SI prefixes. */
export function toRate(perSecond: number): Quantity {
  if (perSecond > 0 && perSecond < 0.05) return { digits: '< 0.1', unit: '/s' }
  const [scaled, prefix] = scale(perSecond, 1_000, DECIMAL)
  return { digits: toDigits(perSecond < 10 ? Math.round(scaled * 10) / 10 : scaled), unit: `${prefix}/s` }
}

/** Bytes of queues and memory, in powers of 1024. */
export function toBytes(bytes: number): Quantity {
  const [scaled, prefix] = scale(bytes, 1_024, BINARY)
  return { digits: toDigits(scaled), unit: prefix }
}

/** `38 ms`, `1.84 s`, `6 min 12 s`, `2 h 29 min`, `19 d`. */
export function toDuration(ms: number): Quantity {
  if (ms < 1_000) return { digits: ms.toFixed(0), unit: 'ms' }
  if (ms < 60_000) return { digits: toDigits(ms / 1_000), unit: 's' }
  const seconds = Math.floor(ms / 1_000)
  if (seconds < 3_600) return twoParts(seconds, 60, 'min', 's')
  const minutes = Math.floor(seconds / 60)
  if (minutes < 48 * 60) return twoParts(minutes, 60, 'h', 'min')
  return { digits: String(Math.floor(minutes / 1_440)), unit: 'd' }
}

/** Exact, grouped by narrow no-break spaces: for numbers that must add up. */
export function toCount(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, '\u202f')
}

export function toText({ digits, unit }: Quantity): string {
  return unit === '' ? digits : `${digits} ${unit}`
}

function twoParts(value: number, base: number, large: string, small: string): Quantity {
  const rest = value % base
  const whole = String(Math.floor(value / base))
  return rest === 0 ? { digits: whole, unit: large } : { digits: `${whole} ${large} ${rest}`, unit: small }
}

function scale(value: number, base: number, units: readonly string[]): [number, string] {
  let scaled = value
  let step = 0
  while (Math.abs(scaled) >= base && step < units.length - 1) {
    scaled /= base
    step += 1
  }
  return [scaled, units[step] ?? '']
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}
