import { parsePromDuration } from '../../duration.ts'
import { quoteText } from '../../labels.ts'
import type { NumberLiteral } from '../ast.ts'
import { unquoteBytes } from './scan-string.ts'
import type { TokenStream } from './token-stream.ts'
import type { Token } from './tokens.ts'

/** Takes a number or a duration, which is a number of seconds. */
export function takeNumber(tokens: TokenStream): NumberLiteral {
  const { kind, text, start, end } = tokens.take()
  const duration = kind === 'duration'
  const converted = duration ? secondsOf(text) : numberOf(text)
  if (typeof converted === 'string') throw tokens.error({ start, end }, converted)
  return { kind: 'number', type: 'scalar', start, end, value: converted, duration }
}

export function isNumber({ kind }: Token): boolean {
  return kind === 'number' || kind === 'duration'
}

/** Takes a string token and answers what it stands for. */
export function takeText(tokens: TokenStream): string {
  return unquoteBytes(tokens.take().text)
}

/** Prometheus durations hold int64 nanoseconds. */
const LIMIT_SECONDS = 2 ** 63 / 1e9

/** Whether seconds are more than a duration can hold. */
export function isOutOfRange(seconds: number): boolean {
  return Number.isNaN(seconds) || Math.abs(seconds) > LIMIT_SECONDS
}

/** Milliseconds of a duration given in seconds; what is smaller is cut off. Never -0. */
export function toMs(seconds: number): number {
  return Math.trunc(Math.round(seconds * 1e9) / 1e6) + 0
}

/** The number, or what is wrong with it. */
function numberOf(token: string): number | string {
  const text = token.toLowerCase()
  if (text === 'inf') return Infinity
  if (text === 'nan') return NaN
  if (text.endsWith('_')) return `error parsing number: ${cannotParse(token, 'invalid syntax')}`
  const digits = text.replaceAll('_', '')
  if (/^0x/.test(digits)) {
    const value = /^0x[0-9a-f]+$/.test(digits) ? Number(digits) : 2 ** 63
    return value < 2 ** 63 ? value : `error parsing number: ${cannotParse(token, 'invalid syntax')}`
  }
  if (/^0[0-7]+$/.test(digits)) return parseInt(digits, 8)
  const value = Number(digits)
  if (Number.isNaN(value)) return `error parsing number: ${cannotParse(token, 'invalid syntax')}`
  return Number.isFinite(value) ? value : `error parsing number: ${cannotParse(token, 'value out of range')}`
}

function cannotParse(token: string, reason: string): string {
  return `strconv.ParseFloat: parsing ${quoteText(token)}: ${reason}`
}

/** The duration's seconds, or what is wrong with it. */
function secondsOf(text: string): number | string {
  const ms = parsePromDuration(text)
  if (ms === 'out of range') return 'duration out of range'
  if (ms !== undefined) return ms / 1000
  const unit = text.match(/[^0-9]+/g)?.find((word) => !/^(?:ms|[smhdwy])$/.test(word))
  return unit === undefined || !/^[0-9]/.test(text)
    ? `not a valid duration string: ${quoteText(text)}`
    : `unknown unit ${quoteText(unit)} in duration ${quoteText(text)}`
}
