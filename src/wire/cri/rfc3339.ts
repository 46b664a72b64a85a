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
  const localMs = localTime(bytes, start)
  const fraction = start + 19
  const fractionEnd = endOfFraction(bytes, fraction, limit)
  const zone = zoneMinutes(bytes, fractionEnd, limit)
  if (localMs === undefined || zone === undefined || fractionEnd === fraction + 1) return false
  into.end = isUtc(bytes[fractionEnd]) ? fractionEnd + 1 : fractionEnd + 6
  into.unixNano = BigInt(localMs - zone * 60_000) * 1_000_000n + BigInt(nanosOf(bytes, fraction + 1, fractionEnd))
  return true
}

/** The date and time of day as if they were UTC, in ms; undefined when the calendar or the clock has no such time. */
function localTime(bytes: Uint8Array, at: number): number | undefined {
  const year = digits(bytes, at, 4)
  const month = digits(bytes, at + 5, 2)
  const day = digits(bytes, at + 8, 2)
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined
  const hour = digits(bytes, at + 11, 2)
  const minute = digits(bytes, at + 14, 2)
  const second = digits(bytes, at + 17, 2)
  // A leap second is second 60.
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return undefined
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

/** Where the fraction that may begin at `at` with its point ends; `at` itself when there is none. */
function endOfFraction(bytes: Uint8Array, at: number, limit: number): number {
  if (bytes[at] !== DOT && bytes[at] !== COMMA) return at
  let pos = at + 1
  while (pos < limit && digits(bytes, pos, 1) >= 0) pos += 1
  return pos
}

function nanosOf(bytes: Uint8Array, first: number, end: number): number {
  let nanos = 0
  for (let i = 0; i < 9; i++) nanos = nanos * 10 + (first + i < end ? (bytes[first + i] ?? ZERO) - ZERO : 0)
  return nanos
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
