/**
 * The closed list of what can go wrong. Tables from code to HTTP status, gRPC status or exit code are typed
 * `Record<ErrorCode, …>`, so a missing row does not compile.
 */
export const ERROR_CODES = [
  'invalid', // the input is wrong; the same input fails again
  'unauthenticated', // we do not know who speaks
  'forbidden', // we know who speaks, and they may not
  'not_found',
  'conflict', // something with that name, id or address exists already
  'too_large', // over a size limit; never retry unchanged
  'exhausted', // a limit on rate, memory or disk; retry later
  'unavailable', // a peer or a part of ours is away; retry later
  'timeout',
  'cancelled',
  'corrupt', // bytes on disk or on the wire are damaged
  'internal', // our fault
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

const RETRYABLE_BY_DEFAULT: Readonly<Record<ErrorCode, boolean>> = {
  invalid: false,
  unauthenticated: false,
  forbidden: false,
  not_found: false,
  conflict: false,
  too_large: false,
  exhausted: true,
  unavailable: true,
  timeout: true,
  cancelled: false,
  corrupt: false,
  internal: false,
}

export interface AppErrorOptions {
  readonly cause?: unknown
  /** Overrides what the code says; set where a protocol knows better. */
  readonly retryable?: boolean
  /** How long the sender should wait, in milliseconds, where we know. */
  readonly retryAfterMs?: number
}

/** The one error class. The message says what we were doing and with what; the cause is kept. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.retryable = options.retryable ?? RETRYABLE_BY_DEFAULT[code]
    this.retryAfterMs = options.retryAfterMs
  }

  /** Turns anything caught into an AppError; an AppError passes through unchanged. */
  static from(reason: unknown, code: ErrorCode = 'internal', doing?: string): AppError {
    if (reason instanceof AppError) return reason
    const text = messageOf(reason)
    if (reason instanceof Error && reason.name === 'AbortError') {
      return new AppError('cancelled', doing === undefined ? text : `${doing}: ${text}`, { cause: reason })
    }
    return new AppError(code, doing === undefined ? text : `${doing}: ${text}`, { cause: reason })
  }
}

/** The message of anything caught. */
export function messageOf(reason: unknown): string {
  if (reason instanceof Error) return reason.message
  return typeof reason === 'string' ? reason : JSON.stringify(reason)
}

/** The `code` of a Node system error (`ENOSPC`, `EADDRINUSE`, …), or undefined. */
export function systemCode(reason: unknown): string | undefined {
  if (typeof reason !== 'object' || reason === null || !('code' in reason)) return undefined
  return typeof reason.code === 'string' ? reason.code : undefined
}
