const DASH = 0x2d
const PLUS = 0x2b
const COLON = 0x3a
const DOT = 0x2e
const COMMA = 0x2c
const ZERO = 0x30

/** What `parseRfc3339Nano` found; one object serves many calls. */
export interface ParsedTime {
  unixNano: bigint
  /** The first byte after the time. */
  end: number
}

/**
 * Reads an RFC 3339 time of up to nanosecond precision at `start`, without making strings. Further digits of the
 * fraction are cut off. False when there is no such time; `into` is then undefined in content.
 */
export function parseRfc3339Nano(bytes: Uint8Array, start: number, limit: number, into: ParsedTime): boolean {
  if (limit - start < 20 || !hasSeparators(bytes, start)) return false
  const year = digits(bytes, start, 4)
  const month = digits(bytes, start + 5, 2)
  const day = digits(bytes, start + 8, 2)
  const hour = digits(bytes, start + 11, 2)
  const minute = digits(bytes, start + 14, 2)
  const second = digits(bytes, start + 17, 2)
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return false
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return false

  let pos = start + 19
  let nanos = 0
  if (bytes[pos] === DOT || bytes[pos] === COMMA) {
    let weight = 100_000_000
    const first = ++pos
    for (; pos < limit; pos++) {
      const digit = (bytes[pos] ?? 0) - ZERO
      if (digit < 0 || digit > 9) break
      nanos += digit * weight
      weight = weight >= 10 ? weight / 10 : 0
    }
    if (pos === first) return false
  }
  const zone = zoneMinutes(bytes, pos, limit)
  if (zone === undefined) return false
  into.end = isUtc(bytes[pos]) ? pos + 1 : pos + 6
  const ms = Date.UTC(year, month - 1, day, hour, minute - zone, second)
  into.unixNano = BigInt(ms) * 1_000_000n + BigInt(nanos)
  return true
}

function hasSeparators(bytes: Uint8Array, at: number): boolean {
  const middle = bytes[at + 10]
  return (
    bytes[at + 4] === DASH &&
    bytes[at + 7] === DASH &&
    (middle === 0x54 || middle === 0x74) &&
    bytes[at + 13] === COLON &&
    bytes[at + 16] === COLON
  )
}

/** The number of `count` digits, or -1. */
function digits(bytes: Uint8Array, at: number, count: number): number {
  let value = 0
  for (let i = at; i < at + count; i++) {
    const digit = (bytes[i] ?? 0) - ZERO
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

function isUtc(byte: number | undefined): boolean {
  return byte === 0x5a || byte === 0x7a
}

/** How far local time is ahead of UTC, in minutes; undefined when no zone stands there. */
function zoneMinutes(bytes: Uint8Array, at: number, limit: number): number | undefined {
  if (at >= limit) return undefined
  const sign = bytes[at]
  if (isUtc(sign)) return 0
  if ((sign !== PLUS && sign !== DASH) || limit - at < 6 || bytes[at + 3] !== COLON) return undefined
  const hours = digits(bytes, at + 1, 2)
  const minutes = digits(bytes, at + 4, 2)
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return undefined
  return (sign === PLUS ? 1 : -1) * (hours * 60 + minutes)
}
