import type { DestinationOfType } from '../../../fleet/index.ts'
import type { Batch, Envelope, Signal } from '../../../model/index.ts'
import type {
  DestinationProtocol,
  Encoded,
  Outcome,
  ProtocolParts,
  Undelivered,
} from '../../../pipeline/destination/index.ts'
import { mergeOtlp } from '../../../wire/index.ts'
import { seriesToOtlp } from '../../../wire/prometheus/index.ts'
import { GrpcTransport } from './grpc-transport.ts'
import { HttpTransport } from './http-transport.ts'
import { OtlpRequest } from './request.ts'
import type { OtlpTransport } from './transport.ts'

/**
 * Any OTLP server, over gRPC or HTTP. OTLP goes through as the bytes that it came in; metrics that were born in
 * Prometheus' form are translated.
 */
export function createOtlpProtocol(
  settings: DestinationOfType<'otlp'>,
  parts: ProtocolParts,
): DestinationProtocol<OtlpRequest> {
  const transport =
    settings.protocol === 'grpc' ? new GrpcTransport(settings, parts) : new HttpTransport(settings, parts)
  return new OtlpDestination(transport)
}

class OtlpDestination implements DestinationProtocol<OtlpRequest> {
  readonly #transport: OtlpTransport

  constructor(transport: OtlpTransport) {
    this.#transport = transport
  }

  takes(): boolean {
    return true
  }

  encode(batches: readonly Batch[]): Encoded<OtlpRequest> {
    const [head] = batches
    if (head === undefined) return { requests: [], undelivered: [] }
    return head.envelope.format === 'otlp' ? passThrough(head.envelope.signal, batches) : translate(batches)
  }

  restore({ signal, items }: Envelope, content: Uint8Array): OtlpRequest {
    return new OtlpRequest(signal, content, items)
  }

  send(request: OtlpRequest, signal: AbortSignal): Promise<Outcome<OtlpRequest>> {
    return this.#transport.send(request, signal)
  }

  close(): Promise<void> {
    return this.#transport.close()
  }
}

function passThrough(signal: Signal, batches: readonly Batch[]): Encoded<OtlpRequest> {
  const items = batches.reduce((sum, { envelope }) => sum + envelope.items, 0)
  const payload = mergeOtlp(batches.map((batch) => batch.payload))
  return { requests: items === 0 ? [] : [new OtlpRequest(signal, payload, items)], undelivered: [] }
}

function translate(batches: readonly Batch[]): Encoded<OtlpRequest> {
  const undelivered: Undelivered[] = []
  const payloads: Uint8Array[] = []
  let items = 0
  for (const { envelope, payload } of batches) {
    const translated = seriesToOtlp(payload, envelope.identity)
    undelivered.push(...translated.undelivered)
    if (translated.items === 0) continue
    payloads.push(translated.payload)
    items += translated.items
  }
  return { requests: items === 0 ? [] : [new OtlpRequest('metrics', mergeOtlp(payloads), items)], undelivered }
}
