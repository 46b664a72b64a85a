import { AppError, type ErrorCode, tellSupervisor } from '../core/index.ts'

const EXIT_CODES: Readonly<Record<ErrorCode, number>> = {
  invalid: 2,
  unauthenticated: 3,
  forbidden: 3,
  not_found: 2,
  conflict: 4,
  too_large: 2,
  exhausted: 5,
  unavailable: 6,
  timeout: 6,
  cancelled: 130,
  corrupt: 7,
  internal: 1,
}

/** The end of a program that can not go on: one message, without a stack where the error is an ordinary one. */
export function fail(reason: unknown): never {
  const error = AppError.from(reason)
  const text = error.code === 'internal' ? (error.stack ?? error.message) : error.message
  process.stderr.write(`fleetglass: ${text}\n`)
  tellSupervisor({ type: 'failed', message: error.message })
  process.exit(EXIT_CODES[error.code])
}
