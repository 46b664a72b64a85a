import { type ServiceError, status } from '@grpc/grpc-js'
import type { Outcome } from '../../../pipeline/destination/index.ts'
import { decodeRpcStatus } from '../../../wire/index.ts'
import type { OtlpRequest } from './request.ts'

type Verdict = 'retry' | 'misconfigured' | 'refused' | 'too-large'

/**
 * OTLP's table of what may be sent again. Codes that speak of us and not of the data (credentials, a service that is
 * not there) are waited out, because a human can mend them and the data would be lost otherwise.
 */
const VERDICTS: Readonly<Record<status, Verdict>> = {
  [status.OK]: 'retry',
  [status.CANCELLED]: 'retry',
  [status.UNKNOWN]: 'refused',
  [status.INVALID_ARGUMENT]: 'refused',
  [status.DEADLINE_EXCEEDED]: 'retry',
  [status.NOT_FOUND]: 'misconfigured',
  [status.ALREADY_EXISTS]: 'refused',
  [status.PERMISSION_DENIED]: 'misconfigured',
  // With a time to come back it is load; without one the request is over a limit.
  [status.RESOURCE_EXHAUSTED]: 'too-large',
  [status.FAILED_PRECONDITION]: 'refused',
  [status.ABORTED]: 'retry',
  [status.OUT_OF_RANGE]: 'retry',
  [status.UNIMPLEMENTED]: 'misconfigured',
  [status.INTERNAL]: 'refused',
  [status.UNAVAILABLE]: 'retry',
  [status.DATA_LOSS]: 'retry',
  [status.UNAUTHENTICATED]: 'misconfigured',
}

/** What grpc-js itself says when a connection breaks or is none; not what the server says. */
const BROKEN_STREAM = /^Received RST_STREAM|^Stream removed|^Call ended without/
const TLS_TROUBLE = /certificate|handshake|wrong version number|ERR_TLS|ERR_SSL|altname/i

export function toGrpcOutcome(error: ServiceError): Outcome<OtlpRequest> {
  const code = status[error.code]
  const retryAfterMs = retryAfterOf(error)
  const verdict = retryAfterMs === undefined ? verdictOf(error) : 'retry'
  // What the server writes is not repeated: it may quote what it refuses. What we know of the way to it is.
  const isOurs = error.code === status.UNAVAILABLE || error.code === status.DEADLINE_EXCEEDED
  const detail = isOurs ? `gRPC ${code}: ${error.details}` : `gRPC ${code}`
  if (verdict === 'retry')
    return { t: 'retry', detail, ...(retryAfterMs === undefined ? {} : { afterMs: retryAfterMs }) }
  if (verdict === 'refused') return { t: 'refused', reason: `grpc_${code.toLowerCase()}`, detail }
  return { t: verdict, detail }
}

function verdictOf({ code, details }: ServiceError): Verdict {
  if (code === status.UNAVAILABLE && TLS_TROUBLE.test(details)) return 'misconfigured'
  if ((code === status.INTERNAL || code === status.UNKNOWN) && BROKEN_STREAM.test(details)) return 'retry'
  return VERDICTS[code]
}

/** Longer waits are not taken from anybody. */
const MAX_RETRY_AFTER_MS = 300_000

function retryAfterOf(error: ServiceError): number | undefined {
  const [details] = error.metadata.get('grpc-status-details-bin')
  if (details === undefined) return undefined
  try {
    const { retryAfterMs } = decodeRpcStatus(Buffer.from(details))
    return retryAfterMs === undefined ? undefined : Math.min(retryAfterMs, MAX_RETRY_AFTER_MS)
  } catch {
    // What is no Status says nothing about when to come back.
    return undefined
  }
}
