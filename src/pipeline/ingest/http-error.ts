import { AppError, type ErrorCode } from '../../core/index.ts'

/** A refusal that HTTP has a status of its own for, such as 405 or 415. */
export class HttpError extends AppError {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ErrorCode, message: string, http: { status: number; headers?: Readonly<Record<string, string>> }) {
    super(code, message)
    this.status = http.status
    this.headers = http.headers ?? {}
  }
}

const STATUS: Readonly<Record<ErrorCode, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  exhausted: 429,
  unavailable: 503,
  timeout: 504,
  cancelled: 503,
  corrupt: 503,
  internal: 500,
}

/**
 * The status for an error by which senders of every protocol know whether to send the same again: 429 and 503 mean
 * yes, 4xx means never. A fault of ours is a 500, which OTLP senders take for never and others for yes.
 */
export function httpStatusOf(error: AppError): number {
  if (error instanceof HttpError) return error.status
  return error.retryable && error.code === 'internal' ? 503 : STATUS[error.code]
}

/** What belongs to any answer with the error, whatever its body: when to come back, what to show, what is taken. */
export function errorHeaders(error: AppError): Record<string, string> {
  const headers: Record<string, string> = { ...(error instanceof HttpError ? error.headers : {}) }
  const { retryAfterMs = 1_000 } = error
  if (error.retryable) headers['retry-after'] = String(Math.max(1, Math.ceil(retryAfterMs / 1_000)))
  if (error.code === 'unauthenticated') headers['www-authenticate'] = 'Bearer, Basic'
  return headers
}

const MAX_MESSAGE = 1_000

/** What senders are told: cut, and without lone surrogates, which cannot be put into a header. */
export function messageFor(error: AppError): string {
  return Buffer.from(error.message.slice(0, MAX_MESSAGE)).toString()
}
