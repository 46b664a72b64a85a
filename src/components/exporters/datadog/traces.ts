import type { Batch } from '../../../model/index.ts'
import type { DestinationRequest, UndeliveredCounts } from '../../../pipeline/destination/index.ts'
import { mergeOtlp, splitOtlp } from '../../../wire/index.ts'

/** Of a request to Datadog's OTLP intake, before compression. */
const MAX_BYTES = 3_200_000

/** Spans as OTLP: Datadog takes them in no other documented form. */
export class TraceRequest implements DestinationRequest {
  readonly signal = 'traces'
  readonly payload: Uint8Array
  readonly items: number

  constructor(payload: Uint8Array, items: number) {
    this.payload = payload
    this.items = items
  }

  get bytes(): number {
    return this.payload.length
  }

  split(): readonly [TraceRequest, TraceRequest] | undefined {
    const halves = splitOtlp('traces', this.payload)
    if (halves === undefined) return undefined
    const [a, b] = halves
    return [new TraceRequest(a.payload, a.items), new TraceRequest(b.payload, b.items)]
  }

  content(): Uint8Array {
    return this.payload
  }
}

/** As few requests as the limit allows. A span over the limit is counted. */
export function encodeTraces(batches: readonly Batch[], undelivered: UndeliveredCounts): readonly TraceRequest[] {
  const requests: TraceRequest[] = []
  let open: TraceRequest[] = []
  let bytes = 0
  const close = (): void => {
    if (open.length > 0) {
      const items = open.reduce((sum, one) => sum + one.items, 0)
      requests.push(new TraceRequest(mergeOtlp(open.map(({ payload }) => payload)), items))
    }
    open = []
    bytes = 0
  }
  for (const { envelope, payload } of batches) {
    if (envelope.items === 0) continue
    for (const part of cut(new TraceRequest(payload, envelope.items))) {
      if (part.bytes > MAX_BYTES) {
        undelivered.add('too_large', part.items)
        continue
      }
      if (bytes + part.bytes > MAX_BYTES) close()
      open.push(part)
      bytes += part.bytes
    }
  }
  close()
  return requests
}

/** Parts within the limit, as far as they can be cut. */
function cut(request: TraceRequest): readonly TraceRequest[] {
  const halves = request.bytes > MAX_BYTES ? request.split() : undefined
  return halves === undefined ? [request] : halves.flatMap(cut)
}
