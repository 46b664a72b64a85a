import { parsePromDuration } from './duration.ts'

const GO_PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y
const UNIT_NS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}
const LARGEST_NS = 2n ** 63n

/** A duration in Go's form with its sign (`-1.5s`, `2h45m`), in nanoseconds; undefined when it is none. */
export function parseGoNanoseconds(text: string): number | undefined {
  if (text.charCodeAt(text.length - 1) < 0x41) return /^[+-]?0$/.test(text) ? 0 : undefined
  const negative = text.startsWith('-')
  let at = negative || text.startsWith('+') ? 1 : 0
  if (at === text.length) return undefined
  let sum = 0n
  while (at < text.length) {
    GO_PART.lastIndex = at
    const part = GO_PART.exec(text)
    if (part === null) return undefined
    at += part[0].length
    const unit = UNIT_NS[part[2] ?? ''] ?? 0n
    const [whole = '', fraction = ''] = (part[1] ?? '').split('.')
    sum += BigInt(whole === '' ? '0' : whole) * unit
    // The fraction is cut, not rounded; digits that no nanosecond shows are left out.
    const digits = fraction.slice(0, 18)
    if (digits !== '') sum += (BigInt(digits) * unit) / 10n ** BigInt(digits.length)
    if (sum > LARGEST_NS) return undefined
  }
  if (!negative && sum === LARGEST_NS) return undefined
  return negative ? -Number(sum) : Number(sum)
}

/** A duration of Prometheus (`1d`, `1h30m`) or else of Go (`1.5h`, `-5m`), in nanoseconds. */
export function parseNanoseconds(text: string): number | undefined {
  const ms = parsePromDuration(text)
  return typeof ms === 'number' ? ms * 1e6 : parseGoNanoseconds(text)
}

const SIZES: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  ki: 2 ** 10,
  kib: 2 ** 10,
  m: 1e6,
  mb: 1e6,
  mi: 2 ** 20,
  mib: 2 ** 20,
  g: 1e9,
  gb: 1e9,
  gi: 2 ** 30,
  gib: 2 ** 30,
  t: 1e12,
  tb: 1e12,
  ti: 2 ** 40,
  tib: 2 ** 40,
  p: 1e15,
  pb: 1e15,
  pi: 2 ** 50,
  pib: 2 ** 50,
  e: 1e18,
  eb: 1e18,
  ei: 2 ** 60,
  eib: 2 ** 60,
}

/** A number of bytes with a unit, as people write it (`1.5KiB`, `42 MB`, `1,024`); undefined when it is none. */
export function parseByteSize(text: string): number | undefined {
  const { 1: digits = '', 2: unit = '' } = /^([\d.,]*)(.*)$/s.exec(text) ?? []
  const number = digits.replaceAll(',', '')
  if (!/^(?:\d+\.?\d*|\.\d+)$/.test(number)) return undefined
  const name = unit.trim().toLowerCase()
  const factor = Object.hasOwn(SIZES, name) ? SIZES[name] : undefined
  if (factor === undefined) return undefined
  const bytes = Number(number) * factor
  return bytes >= 2 ** 64 ? undefined : Math.trunc(bytes)
}

/** The duration as Go prints it: `1h30m0s`, `1.5ms`, `0s`. */
export function formatGoDuration(ns: number): string {
  if (ns === 0) return '0s'
  const sign = ns < 0 ? '-' : ''
  const size = BigInt(Math.abs(ns))
  if (size < 1_000n) return `${sign}${String(size)}ns`
  if (size < 1_000_000n) return `${sign}${fixedPoint(size, 3)}µs`
  if (size < 1_000_000_000n) return `${sign}${fixedPoint(size, 6)}ms`
  const minutes = size / 60_000_000_000n
  const seconds = `${fixedPoint(size % 60_000_000_000n, 9)}s`
  if (minutes === 0n) return sign + seconds
  if (minutes < 60n) return `${sign}${String(minutes)}m${seconds}`
  return `${sign}${String(minutes / 60n)}h${String(minutes % 60n)}m${seconds}`
}

function fixedPoint(value: bigint, digits: number): string {
  const text = value.toString().padStart(digits + 1, '0')
  const fraction = text.slice(-digits).replace(/0+$/, '')
  return fraction === '' ? text.slice(0, -digits) : `${text.slice(0, -digits)}.${fraction}`
}

const SIZE_NAMES = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'] as const

/** The size in units of a thousand, with one decimal below ten: `1.5kB`, `12MB`. */
export function formatByteSize(bytes: number): string {
  if (bytes < 10) return `${String(bytes)}B`
  const power = Math.floor(Math.log(bytes) / Math.log(1000))
  const value = Math.floor((bytes / 1000 ** power) * 10 + 0.5) / 10
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)}${SIZE_NAMES[power] ?? 'B'}`
}
