import type { DestinationRequest } from '../../../pipeline/destination/index.ts'
import { splitRemoteWrite2 } from '../../../wire/index.ts'

/** A remote write request, kept as 2.0 until it is known what the server speaks. */
export class RemoteWriteRequest implements DestinationRequest {
  readonly signal = 'metrics'
  readonly payload: Uint8Array
  /** Samples and histograms. */
  readonly items: number
  /** The X-Scope-OrgID header. */
  readonly orgId: string | undefined

  constructor(payload: Uint8Array, items: number, orgId: string | undefined) {
    this.payload = payload
    this.items = items
    this.orgId = orgId
  }

  get bytes(): number {
    return this.payload.length
  }

  split(): readonly [RemoteWriteRequest, RemoteWriteRequest] | undefined {
    const parts = splitRemoteWrite2(this.payload)
    if (parts === undefined) return undefined
    const [first, second] = parts
    return [
      new RemoteWriteRequest(first.payload, first.items, this.orgId),
      new RemoteWriteRequest(second.payload, second.items, this.orgId),
    ]
  }

  content(): Uint8Array {
    return this.payload
  }
}
