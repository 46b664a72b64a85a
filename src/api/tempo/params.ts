import { AppError } from '../../core/index.ts'
import { clampTimeMs, parseGoDuration, parsePromDuration } from '../../query/index.ts'
import type { Params } from '../handlers/params.ts'
import { parseDecimal, parseRfc3339 } from '../handlers/time.ts'

const DEFAULT_RANGE_MS = 3_600_000
const DEFAULT_LIMIT = 20
const MAX_LIMIT = 1_000
const DEFAULT_SPANS = 3
const MAX_SPANS = 100
const MS = 1_000_000n

/** How long a search or a metrics query may take. */
export const MAX_QUERY_MS = 60_000

/** `start` and `end` in seconds, each only if given. The end's second is part of the range. */
export function optionalRange(params: Params): { readonly startMs?: number; readonly endMs?: number } {
  const start = wholeNumber(params, 'start')
  const end = wholeNumber(params, 'end')
  if (start !== undefined && end !== undefined && end <= start) {
    throw new AppError(
      'invalid',
      `http parameter start must be before end. received start=${String(start)} end=${String(end)}`,
    )
  }
  return {
    ...(start === undefined ? {} : { startMs: clampTimeMs(start * 1000) }),
    ...(end === undefined ? {} : { endMs: clampTimeMs(end * 1000) }),
  }
}

/** `start` and `end` in seconds; by default the time before now, or before the end. */
export function rangeBefore(
  params: Params,
  nowMs: number,
  defaultMs = DEFAULT_RANGE_MS,
): { readonly startMs: number; readonly endMs: number } {
  const { startMs, endMs = nowMs } = optionalRange(params)
  return { startMs: startMs ?? endMs - defaultMs, endMs }
}

export function searchLimits(params: Params): { readonly limit: number; readonly spansPerSpanset: number } {
  const limit = wholeNumber(params, 'limit') ?? DEFAULT_LIMIT
  const spansPerSpanset = wholeNumber(params, 'spss') ?? DEFAULT_SPANS
  if (limit < 1) throw new AppError('invalid', 'invalid limit: must be a positive number')
  if (limit > MAX_LIMIT)
    throw new AppError('invalid', `limit ${String(limit)} exceeds the maximum of ${String(MAX_LIMIT)}`)
  if (spansPerSpanset > MAX_SPANS) {
    throw new AppError(
      'invalid',
      `spans per span set exceeds ${String(MAX_SPANS)}. received ${String(spansPerSpanset)}`,
    )
  }
  return { limit, spansPerSpanset: spansPerSpanset === 0 ? MAX_SPANS : spansPerSpanset }
}

/** A duration in Go's form, in nanoseconds; undefined when it is not given. */
export function durationParameter(params: Params, name: string): bigint | undefined {
  const text = params.get(name)
  if (text === '') return undefined
  const ns = parseGoDuration(text)
  if (ns === undefined) throw new AppError('invalid', `invalid ${name}: time: invalid duration ${JSON.stringify(text)}`)
  return BigInt(ns)
}

export function wholeNumber(params: Params, name: string): number | undefined {
  const text = params.get(name)
  if (text === '') return undefined
  if (!/^\d{1,12}$/.test(text)) throw new AppError('invalid', `invalid ${name}: ${JSON.stringify(text)} is no number`)
  return Number(text)
}

/** `start` and `end` of a metrics query; `since` counts back from the end; by default the last hour. Nanoseconds. */
export function metricsRange(params: Params, nowMs: number): { readonly startNs: bigint; readonly endNs: bigint } {
  const endNs = instant(params, 'end') ?? BigInt(nowMs) * MS
  const since = params.get('since')
  const sinceMs = since === '' ? DEFAULT_RANGE_MS : parsePromDuration(since)
  if (sinceMs === undefined || sinceMs === 'out of range') {
    throw new AppError(
      'invalid',
      `could not parse 'since' parameter: not a valid duration string: ${JSON.stringify(since)}`,
    )
  }
  const startNs = instant(params, 'start') ?? endNs - BigInt(sinceMs) * MS
  if (endNs <= startNs) throw new AppError('invalid', 'http parameter start must be before end')
  return { startNs, endNs }
}

/** Seconds, with or without decimals; more than ten digits are nanoseconds; or RFC 3339. */
function instant(params: Params, name: string): bigint | undefined {
  const text = params.get(name)
  if (text === '') return undefined
  if (/^\d{11,19}$/.test(text)) return BigInt(text)
  const seconds = parseDecimal(text)
  if (seconds !== undefined && seconds >= 0) return BigInt(Math.round(clampTimeMs(seconds * 1000))) * MS
  const ns = parseRfc3339(text.replace(' ', '+'))
  if (ns === undefined) throw new AppError('invalid', `could not parse '${name}' parameter: ${JSON.stringify(text)}`)
  return ns
}

/** The `step` as a duration or in seconds; by default one that makes a few hundred points of the range. */
export function stepParameter(params: Params, rangeNs: bigint): bigint {
  const text = params.get('step')
  if (text === '') return defaultStep(rangeNs)
  const seconds = parseDecimal(text)
  const goNs = parseGoDuration(text)
  const prom = parsePromDuration(text)
  const ns = seconds === undefined ? (goNs ?? (typeof prom === 'number' ? prom * 1e6 : undefined)) : seconds * 1e9
  if (ns === undefined || !Number.isFinite(ns) || ns > Number.MAX_SAFE_INTEGER) {
    throw new AppError('invalid', `cannot parse ${JSON.stringify(text)} to a valid duration`)
  }
  if (ns < 1) {
    throw new AppError(
      'invalid',
      'zero or negative query resolution step widths are not accepted. Try a positive integer',
    )
  }
  return BigInt(Math.round(ns))
}

const SECOND = 1_000_000_000n
/** Of an hour, in steps of fifteen seconds. */
const POINTS = 240n

/** Whole multiples of five seconds, or of one where that is too much. */
function defaultStep(rangeNs: bigint): bigint {
  const exact = rangeNs / POINTS
  const fives = (exact / (5n * SECOND)) * 5n * SECOND
  const step = fives < 5n * SECOND ? (exact / SECOND) * SECOND : fives
  return step < SECOND ? SECOND : step
}
