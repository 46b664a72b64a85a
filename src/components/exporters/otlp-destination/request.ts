import type { Signal } from '../../../model/index.ts'
import type { DestinationRequest } from '../../../pipeline/destination/index.ts'
import { splitOtlp } from '../../../wire/index.ts'

/** An OTLP export request of any signal. */
export class OtlpRequest implements DestinationRequest {
  readonly signal: Signal
  readonly payload: Uint8Array
  readonly items: number

  constructor(signal: Signal, payload: Uint8Array, items: number) {
    this.signal = signal
    this.payload = payload
    this.items = items
  }

  get bytes(): number {
    return this.payload.length
  }

  split(): readonly [OtlpRequest, OtlpRequest] | undefined {
    const parts = splitOtlp(this.signal, this.payload)
    if (parts === undefined) return undefined
    const [first, second] = parts
    return [
      new OtlpRequest(this.signal, first.payload, first.items),
      new OtlpRequest(this.signal, second.payload, second.items),
    ]
  }

  content(): Uint8Array {
    return this.payload
  }
}
