import { ClickHouseError } from '@clickhouse/client'
import { AppError, type ErrorCode, messageOf, systemCode } from '../core/index.ts'

/** ClickHouse's exceptions by what they mean for the caller. Numbers not listed are the engine's fault: `internal`. */
const MEANINGS: readonly (readonly [ErrorCode, readonly number[]])[] = [
  // Texts that cannot be parsed, unknown names of functions, columns, settings and formats, wrong types and values.
  [
    'invalid',
    [
      6, 16, 25, 26, 27, 32, 36, 38, 41, 42, 43, 44, 46, 47, 48, 50, 53, 56, 62, 63, 69, 70, 72, 73, 78, 115, 117, 130,
      131, 161, 167, 168, 190, 321, 349, 386, 427, 441, 456, 457, 636,
    ],
  ],
  ['not_found', [60, 81]],
  ['unauthenticated', [192, 193, 194, 516]],
  ['forbidden', [164, 497]],
  // Memory, sessions, quota, overload: less at once may pass.
  ['exhausted', [201, 202, 241, 745]],
  ['timeout', [159, 160, 209]],
  ['cancelled', [394]],
  // Network, Keeper, read-only replicas, shutdown, distributed tables without a shard that answers; a full disk and too
  // many parts, which say nothing about the block that met them: it waits for its place, however long that takes.
  ['unavailable', [198, 210, 225, 236, 242, 243, 252, 279, 285, 319, 999]],
  ['corrupt', [40, 246, 271]],
]

/** Limits on a query's size: the same query meets them again. */
const QUERY_LIMITS: readonly number[] = [158, 191, 307, 396]

const CODES: ReadonlyMap<number, ErrorCode> = new Map(
  MEANINGS.flatMap(([code, numbers]) => numbers.map((number) => [number, code] as const)),
)

/** What went wrong in talking to ClickHouse, as an AppError. */
export function toStoreError(reason: unknown, doing: string, signal: AbortSignal | undefined): AppError {
  if (signal?.aborted === true) return toAbortError(signal, doing, reason)
  if (reason instanceof AppError) return reason
  const message = `${doing}: ${messageOf(reason)}`
  if (reason instanceof ClickHouseError) {
    const number = Number(reason.code)
    if (QUERY_LIMITS.includes(number)) return new AppError('exhausted', message, { cause: reason, retryable: false })
    return new AppError(CODES.get(number) ?? 'internal', message, { cause: reason })
  }
  if (reason instanceof Error && reason.message === 'Timeout error.') {
    return new AppError('timeout', message, { cause: reason })
  }
  // What is no exception of ClickHouse comes from the way to it: refused, reset, cut off in mid-answer.
  const code = systemCode(reason)
  return new AppError('unavailable', code === undefined ? message : `${doing}: ${code}`, { cause: reason })
}

function toAbortError(signal: AbortSignal, doing: string, cause: unknown): AppError {
  const timedOut = signal.reason instanceof Error && signal.reason.name === 'TimeoutError'
  return timedOut
    ? new AppError('timeout', `${doing}: the deadline passed`, { cause })
    : new AppError('cancelled', `${doing}: cancelled`, { cause })
}
