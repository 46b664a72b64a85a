import { type ServiceError, status } from '@grpc/grpc-js'
import type { SequenceRange } from '../../../pipeline/index.ts'
import { decodeRpcStatus, type PartialSuccess } from '../../../wire/index.ts'

/** How the hub, or the way to it, answered a request. */
export type SendOutcome =
  | { readonly t: 'stored'; readonly partial?: PartialSuccess }
  /** The hub has these records of the request already; the others must be sent again without them. */
  | { readonly t: 'partly'; readonly held: readonly SequenceRange[] }
  | {
      readonly t: 'failed'
      readonly verdict: Verdict
      readonly code: string
      readonly message: string
      /** The least to wait, in milliseconds, where the hub said so. */
      readonly retryAfterMs?: number
    }

/**
 * What a failure means for the data:
 * - `later`: nothing is wrong with it, try again;
 * - `held`: nothing is wrong with it, but a human must do something (the certificate, the fleet file, a hub that is too
 *   old): keep it, try again, show it;
 * - `suspect`: it may be the data or a fault of the hub: try a few times before it is given up;
 * - `bad`: the same bytes will always be refused.
 */
export type Verdict = 'later' | 'held' | 'suspect' | 'bad'

/**
 * By OTLP's table of what may be sent again, with two differences, because an edge must not lose data over what a human
 * can repair: refusals of the sender are waited out, and faults of the server are given several tries.
 */
const VERDICTS: Readonly<Record<status, Verdict>> = {
  [status.OK]: 'later',
  [status.CANCELLED]: 'later',
  [status.UNKNOWN]: 'suspect',
  [status.INVALID_ARGUMENT]: 'bad',
  [status.DEADLINE_EXCEEDED]: 'later',
  [status.NOT_FOUND]: 'suspect',
  [status.ALREADY_EXISTS]: 'suspect',
  [status.PERMISSION_DENIED]: 'held',
  // Without a time to come back it means too large; but HTTP/2 knows a reset by the same name.
  [status.RESOURCE_EXHAUSTED]: 'suspect',
  [status.FAILED_PRECONDITION]: 'suspect',
  [status.ABORTED]: 'later',
  [status.OUT_OF_RANGE]: 'later',
  [status.UNIMPLEMENTED]: 'held',
  [status.INTERNAL]: 'suspect',
  [status.UNAVAILABLE]: 'later',
  [status.DATA_LOSS]: 'later',
  [status.UNAUTHENTICATED]: 'held',
}

const STORED_HEADER = 'fleetglass-stored'
const DETAILS_HEADER = 'grpc-status-details-bin'

export function toOutcome(error: ServiceError): SendOutcome {
  const held = error.code === status.ALREADY_EXISTS ? parseRanges(error.metadata.get(STORED_HEADER)[0]) : []
  if (held.length > 0) return { t: 'partly', held }
  const retryAfterMs = retryAfterOf(error)
  const isLater = error.code === status.RESOURCE_EXHAUSTED && retryAfterMs !== undefined
  return {
    t: 'failed',
    verdict: isLater ? 'later' : VERDICTS[error.code],
    code: status[error.code].toLowerCase(),
    message: error.details,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}

/** Longer waits are not taken from anybody. */
const MAX_RETRY_AFTER_MS = 300_000

function retryAfterOf(error: ServiceError): number | undefined {
  const [details] = error.metadata.get(DETAILS_HEADER)
  if (details === undefined) return undefined
  try {
    const { retryAfterMs } = decodeRpcStatus(Buffer.from(details))
    return retryAfterMs === undefined ? undefined : Math.min(retryAfterMs, MAX_RETRY_AFTER_MS)
  } catch {
    // What is no Status says nothing about when to come back.
    return undefined
  }
}

/** `3-7,12-12`; what does not look so is passed over. */
function parseRanges(value: string | Buffer | undefined): readonly SequenceRange[] {
  if (value === undefined) return []
  return value
    .toString()
    .split(',')
    .flatMap((text) => {
      const match = /^(\d{1,16})-(\d{1,16})$/.exec(text)
      return match === null ? [] : [{ first: Number(match[1]), last: Number(match[2]) }]
    })
}
