import { status as grpcStatus } from '@grpc/grpc-js'
import type { AppError, ErrorCode } from '../../../core/index.ts'
import type { RpcStatus } from '../../../wire/index.ts'

/**
 * What senders are told, by the OTLP specification's rules for what may be sent again: over gRPC UNAVAILABLE (with a
 * delay) and a few others, over HTTP 429, 502, 503 and 504. A limit on size is RESOURCE_EXHAUSTED *without* a delay,
 * which means never.
 */
const GRPC_CODES: Readonly<Record<ErrorCode, grpcStatus>> = {
  invalid: grpcStatus.INVALID_ARGUMENT,
  unauthenticated: grpcStatus.UNAUTHENTICATED,
  forbidden: grpcStatus.PERMISSION_DENIED,
  not_found: grpcStatus.NOT_FOUND,
  conflict: grpcStatus.ALREADY_EXISTS,
  too_large: grpcStatus.RESOURCE_EXHAUSTED,
  exhausted: grpcStatus.UNAVAILABLE,
  unavailable: grpcStatus.UNAVAILABLE,
  timeout: grpcStatus.UNAVAILABLE,
  cancelled: grpcStatus.UNAVAILABLE,
  corrupt: grpcStatus.DATA_LOSS,
  internal: grpcStatus.INTERNAL,
}

const HTTP_CODES: Readonly<Record<ErrorCode, number>> = {
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

const DEFAULT_RETRY_MS = 1_000
/** Statuses travel in headers. */
const MAX_MESSAGE = 1_000

export interface SentStatus extends RpcStatus {
  readonly code: grpcStatus
}

/** The status for a gRPC trailer or an HTTP body. */
export function toRpcStatus(error: AppError): SentStatus {
  // Text that is not well-formed can not be put into a header.
  const message = Buffer.from(error.message.slice(0, MAX_MESSAGE)).toString()
  if (!error.retryable) return { code: GRPC_CODES[error.code], message }
  // Something that our part knows to be passing must reach the sender as such, whatever its code is.
  const code = error.code === 'internal' ? grpcStatus.UNAVAILABLE : GRPC_CODES[error.code]
  return { code, message, retryAfterMs: error.retryAfterMs ?? DEFAULT_RETRY_MS }
}

export function toHttpCode(error: AppError): number {
  return error.retryable && error.code === 'internal' ? 503 : HTTP_CODES[error.code]
}
