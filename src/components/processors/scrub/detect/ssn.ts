import { DIGIT, isAt, joinsLeft, joinsRight } from './chars.ts'
import type { Context } from './context.ts'

const SPACE = 0x20
const HYPHEN = 0x2d
const NAMED = /ssn|social[ _-]?sec|tax[ _-]?payer|\btin\b/

/**
 * Behind the US social security number that begins at `at`, or 0: three, two and four digits with a hyphen or a blank
 * between, or nine in one run where the words before it say what it is. Areas 000, 666 and from 900, group 00 and
 * serial 0000 are never given out.
 */
export function ssnEnd(
  bytes: Uint8Array,
  at: number,
  start: number,
  end: number,
  run: number,
  context: Context,
): number {
  if (run === 9) {
    if (!isGivenOut(bytes, at, at + 3, at + 5) || joinsLeft(bytes, at, start) || joinsRight(bytes, at + 9, end))
      return 0
    return context.says(bytes, at, NAMED) ? at + 9 : 0
  }
  const separator = bytes[at + 3]
  if (run !== 3 || (separator !== HYPHEN && separator !== SPACE) || bytes[at + 6] !== separator) return 0
  const to = at + 11
  if (to > end || !areDigits(bytes, at + 4, at + 6) || !areDigits(bytes, at + 7, to)) return 0
  if (!isGivenOut(bytes, at, at + 4, at + 7) || joinsLeft(bytes, at, start) || joinsRight(bytes, to, end)) return 0
  // A row of numbers with blanks between is no social security number.
  if (separator === SPACE && (isNumberBefore(bytes, at, start) || isNumberAfter(bytes, to, end))) return 0
  return to
}

function isGivenOut(bytes: Uint8Array, area: number, group: number, serial: number): boolean {
  const areaNumber = numberOf(bytes, area, 3)
  if (areaNumber === 0 || areaNumber === 666 || areaNumber >= 900) return false
  return numberOf(bytes, group, 2) !== 0 && numberOf(bytes, serial, 4) !== 0
}

function numberOf(bytes: Uint8Array, at: number, length: number): number {
  let value = 0
  for (let i = at; i < at + length; i++) value = value * 10 + (bytes[i] ?? 0) - 0x30
  return value
}

function areDigits(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (!isAt(bytes, i, from, to, DIGIT)) return false
  return true
}

function isNumberBefore(bytes: Uint8Array, at: number, start: number): boolean {
  return at > start && bytes[at - 1] === SPACE && isAt(bytes, at - 2, start, at, DIGIT)
}

function isNumberAfter(bytes: Uint8Array, at: number, end: number): boolean {
  return bytes[at] === SPACE && isAt(bytes, at + 1, at, end, DIGIT)
}
