import { AppError } from '../../core/index.ts'
import { clampTimeMs, parseGoDuration } from '../../query/index.ts'
import type { Params } from '../handlers/params.ts'

const DEFAULT_RANGE_MS = 3_600_000
const DEFAULT_LIMIT = 20
const MAX_LIMIT = 1_000
const DEFAULT_SPANS = 3
const MAX_SPANS = 100

/** `start` and `end` in seconds, each only if given. */
export function optionalRange(params: Params): { readonly startMs?: number; readonly endMs?: number } {
  const start = wholeNumber(params, 'start')
  const end = wholeNumber(params, 'end')
  if (start !== undefined && end !== undefined && start > end) {
    throw new AppError('invalid', 'http parameter start must be before end')
  }
  return {
    ...(start === undefined ? {} : { startMs: clampTimeMs(start * 1000) }),
    ...(end === undefined ? {} : { endMs: clampTimeMs(end * 1000) }),
  }
}

/** `start` and `end` in seconds; by default the last hour. */
export function searchRange(params: Params, nowMs: number): { readonly startMs: number; readonly endMs: number } {
  const { startMs, endMs = nowMs } = optionalRange(params)
  return { startMs: startMs ?? endMs - DEFAULT_RANGE_MS, endMs }
}

export function limits(params: Params): { readonly limit: number; readonly spansPerTrace: number } {
  const limit = wholeNumber(params, 'limit') ?? DEFAULT_LIMIT
  const spansPerTrace = wholeNumber(params, 'spss') ?? DEFAULT_SPANS
  if (limit < 1) throw new AppError('invalid', 'invalid limit: must be a positive number')
  if (limit > MAX_LIMIT)
    throw new AppError('invalid', `limit ${String(limit)} exceeds the maximum of ${String(MAX_LIMIT)}`)
  if (spansPerTrace > MAX_SPANS) {
    throw new AppError('invalid', `spans per span set exceeds ${String(MAX_SPANS)}. received ${String(spansPerTrace)}`)
  }
  return { limit, spansPerTrace: spansPerTrace === 0 ? MAX_SPANS : spansPerTrace }
}

/** A duration in Go's form, in nanoseconds; undefined when it is not given. */
export function durationParameter(params: Params, name: string): bigint | undefined {
  const text = params.get(name)
  if (text === '') return undefined
  const ns = parseGoDuration(text)
  if (ns === undefined) throw new AppError('invalid', `invalid ${name}: cannot read ${JSON.stringify(text)}`)
  return BigInt(ns)
}

function wholeNumber(params: Params, name: string): number | undefined {
  const text = params.get(name)
  if (text === '') return undefined
  if (!/^\d{1,12}$/.test(text)) throw new AppError('invalid', `invalid ${name}: ${JSON.stringify(text)} is no number`)
  return Number(text)
}
