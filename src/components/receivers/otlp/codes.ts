import type { AppError, ErrorCode } from '../../../core/index.ts'
import { messageFor, OverRateError } from '../../../pipeline/ingest/index.ts'
import type { RpcStatus } from '../../../wire/index.ts'
import { GRPC_CODE, type GrpcCode } from './grpc/code.ts'

/**
 * What senders are told, by the OTLP specification's rules for what may be sent again: over gRPC UNAVAILABLE (with a
 * delay) and a few others, over HTTP 429, 502, 503 and 504. A limit on size is RESOURCE_EXHAUSTED *without* a delay,
 * which means never; with a delay it means that the sender is over its rate.
 */
const GRPC_CODES: Readonly<Record<ErrorCode, GrpcCode>> = {
  invalid: GRPC_CODE.INVALID_ARGUMENT,
  unauthenticated: GRPC_CODE.UNAUTHENTICATED,
  forbidden: GRPC_CODE.PERMISSION_DENIED,
  not_found: GRPC_CODE.NOT_FOUND,
  conflict: GRPC_CODE.ALREADY_EXISTS,
  too_large: GRPC_CODE.RESOURCE_EXHAUSTED,
  exhausted: GRPC_CODE.UNAVAILABLE,
  unavailable: GRPC_CODE.UNAVAILABLE,
  timeout: GRPC_CODE.UNAVAILABLE,
  cancelled: GRPC_CODE.UNAVAILABLE,
  corrupt: GRPC_CODE.DATA_LOSS,
  internal: GRPC_CODE.INTERNAL,
}

const DEFAULT_RETRY_MS = 1_000

export interface SentStatus extends RpcStatus {
  readonly code: GrpcCode
}

/** The status for a gRPC trailer or an HTTP body. */
export function toRpcStatus(error: AppError): SentStatus {
  const message = messageFor(error)
  if (!error.retryable) return { code: GRPC_CODES[error.code], message }
  return { code: retryableCode(error), message, retryAfterMs: error.retryAfterMs ?? DEFAULT_RETRY_MS }
}

function retryableCode(error: AppError): GrpcCode {
  if (error instanceof OverRateError) return GRPC_CODE.RESOURCE_EXHAUSTED
  // Something that our part knows to be passing must reach the sender as such, whatever its code is.
  return error.code === 'internal' ? GRPC_CODE.UNAVAILABLE : GRPC_CODES[error.code]
}
