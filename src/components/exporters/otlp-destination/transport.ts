import type { Outcome } from '../../../pipeline/destination/index.ts'
import { readPartialSuccess } from '../../../wire/index.ts'
import type { OtlpRequest } from './request.ts'

/** One of OTLP's two ways to carry a request. */
export interface OtlpTransport {
  /** Rejects only with `cancelled`, when the signal aborts. */
  send(request: OtlpRequest, signal: AbortSignal): Promise<Outcome<OtlpRequest>>
  close(): Promise<void>
}

/** What a response of success says: items that were rejected must not be sent again, so they are counted. */
export function toDelivered(response: Uint8Array): Outcome<OtlpRequest> {
  let rejected = 0
  try {
    rejected = readPartialSuccess(response)?.rejected ?? 0
  } catch {
    // The status said that all is well; what cannot be read can only be a remark.
  }
  return rejected > 0
    ? { t: 'delivered', undelivered: [{ reason: 'rejected_by_server', items: rejected }] }
    : { t: 'delivered' }
}
