import { AppError } from '../../core/index.ts'
import type { Matcher, TimeRange } from '../../model/index.ts'
import { clampTimeMs, matchesEmpty, parsePromDuration, parseSelector } from '../../query/index.ts'
import type { HandlerContext } from '../handlers/handler.ts'
import type { Params } from '../handlers/params.ts'
import { parseDecimal, parseRfc3339 } from '../handlers/time.ts'

/** How Prometheus' own clients write "from the beginning" and "to the end". */
const MIN_TIME = '-292273086-05-16T16:47:06Z'
const MAX_TIME = '292277025-08-18T07:12:54.999999999Z'

/** Samples may be up to ten minutes in the future; look a little further. */
export const AHEAD_MS = 3_600_000

/** Error texts are Prometheus'. */
export function invalidParameter(name: string, message: string): AppError {
  return new AppError('invalid', `invalid parameter ${JSON.stringify(name)}: ${message}`)
}

/** Runs a parser on a parameter; its `invalid` error gets the parameter's name in front. */
export function parseParameter<T>(name: string, parse: () => T): T {
  try {
    return parse()
  } catch (reason) {
    const error = AppError.from(reason)
    if (error.code !== 'invalid') throw error
    throw new AppError('invalid', `invalid parameter ${JSON.stringify(name)}: ${error.message}`, { cause: error })
  }
}

/** A time as seconds with decimals or RFC 3339, in milliseconds; one that may be absent has another text of errors. */
export function timeParameter(params: Params, name: string, otherwise?: number): number {
  const text = params.get(name)
  if (text === '' && otherwise !== undefined) return otherwise
  const seconds = parseDecimal(text)
  if (seconds !== undefined && Number.isFinite(seconds)) return millisecondsOf(seconds)
  const ns = parseRfc3339(text)
  if (ns !== undefined) return Number(ns / 1_000_000n)
  if (text === MIN_TIME) return 0
  if (text === MAX_TIME && otherwise !== undefined) return otherwise
  const prefix = otherwise === undefined ? '' : `invalid time value for '${name}': `
  throw invalidParameter(name, `${prefix}cannot parse ${JSON.stringify(text)} to a valid timestamp`)
}

/** Halves of milliseconds go away from zero, as in Go. */
function millisecondsOf(seconds: number): number {
  const whole = Math.trunc(seconds)
  const rest = (seconds - whole) * 1000
  return whole * 1000 + Math.sign(rest) * Math.round(Math.abs(rest))
}

/** A duration as seconds with decimals or as `1m30s`, in milliseconds and parts of these. */
export function durationParameter(params: Params, name: string): number {
  const ms = parseDuration(params.get(name))
  if (typeof ms === 'number') return ms
  throw invalidParameter(name, ms.problem)
}

/** The same of a text; or what is wrong with it. To the nanosecond, as in Go. */
export function parseDuration(text: string): number | { readonly problem: string } {
  const seconds = parseDecimal(text)
  const ms = seconds === undefined ? parsePromDuration(text) : seconds * 1000
  const problem = `cannot parse ${JSON.stringify(text)} to a valid duration`
  if (ms === undefined) return { problem }
  if (ms === 'out of range' || Math.abs(ms) > 2 ** 63 / 1e6) return { problem: `${problem}. It overflows int64` }
  return Math.trunc(ms * 1e6) / 1e6
}

/** The `limit` of list-like answers; undefined for none. */
export function limitParameter(params: Params): number | undefined {
  const text = params.get('limit')
  if (text === '') return undefined
  const limit = integerOf(text)
  if (limit === undefined) throw invalidParameter('limit', `strconv.Atoi: ${numberProblem(text)}`)
  if (limit < 0) throw invalidParameter('limit', 'limit must be non-negative')
  return limit === 0 ? undefined : limit
}

/** A whole number of 64 bits as Go reads it; undefined when it is none. */
export function integerOf(text: string): number | undefined {
  if (!INTEGER.test(text) || BigInt.asIntN(64, BigInt(text)) !== BigInt(text)) return undefined
  return Number(text)
}

/** Why a text is no such number, in Go's words. */
export function numberProblem(text: string): string {
  return `parsing ${JSON.stringify(text)}: ${INTEGER.test(text) ? 'value out of range' : 'invalid syntax'}`
}

const INTEGER = /^[-+]?\d{1,1000}$/

/** `start` and `end` of the calls that list series and labels; without them all that is stored. */
export function rangeParameters(params: Params, { clock }: HandlerContext): TimeRange {
  const endMs = timeParameter(params, 'end', clock.now() + AHEAD_MS)
  return { startMs: clampTimeMs(timeParameter(params, 'start', 0)), endMs: clampTimeMs(endMs) }
}

/** The selectors of `match[]`. */
export function matcherSets(params: Params): readonly (readonly Matcher[])[] {
  return params.queryTexts('match[]').map((text) => {
    const matchers = parseSelector(text)
    if (!matchers.every(matchesEmpty)) return matchers
    throw new AppError('invalid', 'match[] must contain at least one non-empty matcher')
  })
}
