import { AppError } from '../../core/index.ts'
import type { TimeRange } from '../../model/index.ts'
import { clampTimeMs, parsePromDuration } from '../../query/index.ts'
import type { HandlerContext } from '../handlers/handler.ts'
import type { Params } from '../handlers/params.ts'
import { parseDecimal, parseRfc3339 } from '../handlers/time.ts'

const DEFAULT_SINCE_NS = 3_600_000_000_000n
const DEFAULT_LIMIT = 100
/** Entries of one answer; an export has no limit. */
export const MAX_LIMIT = 5_000
const MAX_POINTS = 11_000
const MS = 1_000_000n

export interface NsRange {
  readonly startNs: bigint
  readonly endNs: bigint
}

/** `start`, `end`, `since`; by default the last hour. */
export function rangeParameters(params: Params, { clock }: HandlerContext): NsRange {
  const endNs = timeParameter(params, 'end', BigInt(clock.now()) * MS)
  const since = params.get('since')
  const sinceNs = since === '' ? DEFAULT_SINCE_NS : BigInt(Math.round(durationMs(since, 'since') * 1e6))
  const startNs = timeParameter(params, 'start', endNs - sinceNs)
  if (endNs < startNs) throw new AppError('invalid', 'end timestamp must not be before or equal to start time')
  return { startNs, endNs }
}

/** Nanoseconds since the epoch, from nanoseconds, seconds (up to ten digits, or with decimals) or RFC 3339. */
export function timeParameter(params: Params, name: string, otherwise: bigint): bigint {
  const text = params.get(name)
  if (text === '') return otherwise
  if (/^-?\d{1,19}$/.test(text)) return text.length <= 10 ? BigInt(text) * 1_000_000_000n : BigInt(text)
  const seconds = parseDecimal(text)
  const ns = seconds === undefined ? parseRfc3339(text) : BigInt(Math.round(seconds * 1e3)) * MS
  if (ns === undefined) throw new AppError('invalid', `could not parse '${name}': cannot read ${JSON.stringify(text)}`)
  return ns
}

/** The width of a step: seconds with decimals or a duration. Loki's default gives about 250 points. */
export function stepParameter(params: Params, { startNs, endNs }: NsRange): number {
  const text = params.get('step')
  const rangeMs = Number((endNs - startNs) / MS)
  const stepMs = text === '' ? Math.max(1, Math.floor(rangeMs / 250_000)) * 1000 : durationMs(text, 'step')
  if (stepMs <= 0) {
    throw new AppError(
      'invalid',
      'zero or negative query resolution step widths are not accepted. Try a positive integer',
    )
  }
  if (rangeMs / stepMs > MAX_POINTS) {
    throw new AppError(
      'invalid',
      'exceeded maximum resolution of 11,000 points per time series. ' +
        'Try increasing the value of the step parameter',
    )
  }
  return stepMs
}

export function limitParameter(params: Params): number {
  const text = params.get('limit')
  if (text === '') return DEFAULT_LIMIT
  if (!/^-?\d{1,15}$/.test(text)) throw new AppError('invalid', `could not parse 'limit': ${JSON.stringify(text)}`)
  const limit = Number(text)
  if (limit <= 0) throw new AppError('invalid', 'limit must be a positive value')
  if (limit > MAX_LIMIT) {
    const comparison = `limit > max_entries_limit (${String(limit)} > ${String(MAX_LIMIT)})`
    throw new AppError('invalid', `max entries limit per query exceeded, ${comparison}`)
  }
  return limit
}

/** `interval`, in nanoseconds: of the entries of a log query, only one in so long. */
export function intervalParameter(params: Params): bigint {
  const text = params.get('interval')
  if (text === '') return 0n
  const ms = durationMs(text, 'interval')
  if (ms < 0) throw new AppError('invalid', 'interval must be >= 0')
  return BigInt(Math.round(ms * 1e6))
}

export function directionParameter(params: Params): 'forward' | 'backward' {
  const text = params.get('direction').toLowerCase()
  if (text === '' || text === 'backward') return 'backward'
  if (text === 'forward') return 'forward'
  throw new AppError('invalid', `invalid direction '${text}'`)
}

export function toTimeRange({ startNs, endNs }: NsRange): TimeRange {
  return { startMs: clampTimeMs(Number(startNs / MS)), endMs: clampTimeMs(Number(endNs / MS)) }
}

function durationMs(text: string, name: string): number {
  const seconds = parseDecimal(text)
  const ms = seconds === undefined ? parsePromDuration(text) : seconds * 1000
  if (typeof ms === 'number') return ms
  throw new AppError('invalid', `could not parse '${name}': cannot parse ${JSON.stringify(text)} to a valid duration`)
}
