import { status as grpcStatus } from '@grpc/grpc-js'
import type { AppError, ErrorCode } from '../../../core/index.ts'
import { messageFor, OverRateError } from '../../../pipeline/ingest/index.ts'
import type { RpcStatus } from '../../../wire/index.ts'

/**
 * What senders are told, by the OTLP specification's rules for what may be sent again: over gRPC UNAVAILABLE (with a
 * delay) and a few others, over HTTP 429, 502, 503 and 504. A limit on size is RESOURCE_EXHAUSTED *without* a delay,
 * which means never; with a delay it means that the sender is over its rate.
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

const DEFAULT_RETRY_MS = 1_000

export interface SentStatus extends RpcStatus {
  readonly code: grpcStatus
}

/** The status for a gRPC trailer or an HTTP body. */
export function toRpcStatus(error: AppError): SentStatus {
  const message = messageFor(error)
  if (!error.retryable) return { code: GRPC_CODES[error.code], message }
  return { code: retryableCode(error), message, retryAfterMs: error.retryAfterMs ?? DEFAULT_RETRY_MS }
}

function retryableCode(error: AppError): grpcStatus {
  if (error instanceof OverRateError) return grpcStatus.RESOURCE_EXHAUSTED
  // Something that our part knows to be passing must reach the sender as such, whatever its code is.
  return error.code === 'internal' ? grpcStatus.UNAVAILABLE : GRPC_CODES[error.code]
}
