import { DOT, MINUS, NINE, PLUS, ZERO } from './chars.ts'

/** Powers of ten that a double holds exactly. */
const EXACT_POWERS = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent)
/** Integers of so many digits are exact in a double. */
const EXACT_DIGITS = 15
const EXPONENT = 0x65
const LOWER_CASE_BIT = 0x20

/**
 * The number that stands in `bytes[start, end)`, or undefined if none does:
 *
 *     [sign] digits [ "." digits ] [ "e" [sign] digits ]   |   [sign] ( "inf" | "infinity" )   |   "nan"
 *
 * (digits may be missing on one side of the point; words and `e` in either case). No hexadecimal, no underscores, no
 * number too big for a double. This is OpenMetrics' `number` and what Prometheus accepts in the text format.
 */
export function parseNumber(bytes: Buffer, start: number, end: number): number | undefined {
  let pos = start
  const first = bytes[pos]
  const negative = first === MINUS
  if (negative || first === PLUS) pos += 1

  let mantissa = 0
  let significant = 0
  let digits = 0
  let pointAt = -1
  for (; pos < end; pos++) {
    const byte = bytes[pos] ?? 0
    if (byte >= ZERO && byte <= NINE) {
      digits += 1
      if (significant > 0 || byte !== ZERO) significant += 1
      if (significant <= EXACT_DIGITS) mantissa = mantissa * 10 + (byte - ZERO)
    } else if (byte === DOT && pointAt < 0) pointAt = digits
    else break
  }
  if (digits === 0) return parseWord(bytes, start, end)

  let exponent = pointAt < 0 ? 0 : pointAt - digits
  if (pos < end) {
    const written = parseExponent(bytes, pos, end)
    if (written === undefined) return undefined
    exponent += written
  }
  const power = EXACT_POWERS[Math.abs(exponent)]
  if (significant > EXACT_DIGITS || power === undefined) return correctlyRounded(bytes, start, end)
  // Both operands are exact, so the one operation rounds once and correctly.
  const value = exponent < 0 ? mantissa / power : mantissa * power
  return negative ? -value : value
}

/** The integer in `bytes[start, end)`: an optional sign and digits; undefined if there is none or it exceeds an int64. */
export function parseInteger(bytes: Buffer, start: number, end: number): number | undefined {
  const first = bytes[start]
  const digitsFrom = first === MINUS || first === PLUS ? start + 1 : start
  if (digitsFrom === end) return undefined
  let value = 0
  for (let pos = digitsFrom; pos < end; pos++) {
    const digit = (bytes[pos] ?? 0) - ZERO
    if (digit < 0 || digit > 9) return undefined
    value = value * 10 + digit
  }
  if (value >= 2 ** 63) return undefined
  return first === MINUS ? -value : value
}

/** What follows the digits must be an exponent and nothing else. */
function parseExponent(bytes: Buffer, start: number, end: number): number | undefined {
  if (((bytes[start] ?? 0) | LOWER_CASE_BIT) !== EXPONENT) return undefined
  const first = bytes[start + 1]
  const digitsFrom = first === MINUS || first === PLUS ? start + 2 : start + 1
  if (digitsFrom >= end) return undefined
  let value = 0
  for (let pos = digitsFrom; pos < end; pos++) {
    const digit = (bytes[pos] ?? 0) - ZERO
    if (digit < 0 || digit > 9) return undefined
    value = Math.min(value * 10 + digit, 100_000)
  }
  return first === MINUS ? -value : value
}

/** The text is known to be a decimal number, which JavaScript reads with correct rounding. */
function correctlyRounded(bytes: Buffer, start: number, end: number): number | undefined {
  const value = Number(bytes.toString('latin1', start, end))
  return Number.isFinite(value) ? value : undefined
}

function parseWord(bytes: Buffer, start: number, end: number): number | undefined {
  // The longest word is "+infinity"; anything longer is not worth a string.
  if (end - start > 9) return undefined
  switch (bytes.toString('latin1', start, end).toLowerCase()) {
    case 'nan':
      return NaN
    case 'inf':
    case '+inf':
    case 'infinity':
    case '+infinity':
      return Infinity
    case '-inf':
    case '-infinity':
      return -Infinity
    default:
      return undefined
  }
}
