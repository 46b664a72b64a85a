import type { DestinationOfType } from '../../../fleet/index.ts'
import type { Batch, Envelope, Signal } from '../../../model/index.ts'
import {
  createHttpClient,
  type DestinationProtocol,
  type Encoded,
  type HttpAnswer,
  type HttpClient,
  type Outcome,
  type ProtocolParts,
  toFailureOutcome,
} from '../../../pipeline/destination/index.ts'
import { mergeRemoteWrite2, remoteWrite2ToRequest1, snappyCompress } from '../../../wire/index.ts'
import { DEFAULT_PROMOTED_ATTRIBUTES, OtlpToSeries } from '../../../wire/prometheus/index.ts'
import { toOutcome, writtenCount } from './answer.ts'
import { RemoteWriteRequest } from './request.ts'
import { SpokenVersion, type WriteVersion } from './version.ts'

type Settings = DestinationOfType<'prometheus'>

/**
 * Remote write: 2.0 where the server knows it, 1.0 otherwise. Series go through as they came; OTLP metrics are
 * translated as Prometheus does it. Samples of a series must arrive in order, so there is one request at a time.
 */
export function createPrometheusProtocol(
  settings: Settings,
  parts: ProtocolParts,
): DestinationProtocol<RemoteWriteRequest> {
  return new PrometheusProtocol(settings, parts)
}

const HEADERS: Readonly<Record<WriteVersion, Readonly<Record<string, string>>>> = {
  '1.0': {
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '0.1.0',
  },
  '2.0': {
    'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '2.0.0',
  },
}

class PrometheusProtocol implements DestinationProtocol<RemoteWriteRequest> {
  readonly ordered = true
  readonly #settings: Settings
  readonly #parts: ProtocolParts
  readonly #client: HttpClient
  readonly #version: SpokenVersion
  readonly #otlp: OtlpToSeries

  constructor(settings: Settings, parts: ProtocolParts) {
    this.#settings = settings
    this.#parts = parts
    this.#version = new SpokenVersion(settings.version, parts.clock)
    this.#otlp = new OtlpToSeries({
      names: settings.names,
      promoted: settings.promoteResourceAttributes ?? DEFAULT_PROMOTED_ATTRIBUTES,
      scopeLabels: settings.scopeLabels,
    })
    this.#client = createHttpClient({
      secrets: parts.secrets,
      userAgent: parts.userAgent,
      timeoutMs: settings.timeout,
      connections: 2,
      tls: settings.tls,
      headers: settings.headers,
      auth: settings.auth,
    })
  }

  takes(signal: Signal): boolean {
    return signal === 'metrics'
  }

  groupBy(envelope: Envelope): string {
    return this.#orgIdOf(envelope) ?? ''
  }

  encode(batches: readonly Batch[]): Encoded<RemoteWriteRequest> {
    const [head] = batches
    if (head === undefined) return { requests: [], undelivered: [] }
    const orgId = this.#orgIdOf(head.envelope)
    if (head.envelope.format === 'remote-write-2') {
      const items = batches.reduce((sum, { envelope }) => sum + envelope.items, 0)
      const payload = mergeRemoteWrite2(batches.map((batch) => batch.payload))
      return { requests: [new RemoteWriteRequest(payload, items, orgId)], undelivered: [] }
    }
    const metrics = batches.map(({ envelope, payload }) => ({ payload, identity: envelope.identity }))
    const { payload, items, undelivered } = this.#otlp.translate(metrics)
    return { requests: items === 0 ? [] : [new RemoteWriteRequest(payload, items, orgId)], undelivered }
  }

  restore(envelope: Envelope, content: Uint8Array): RemoteWriteRequest {
    return new RemoteWriteRequest(content, envelope.items, this.#orgIdOf(envelope))
  }

  async send(request: RemoteWriteRequest, signal: AbortSignal): Promise<Outcome<RemoteWriteRequest>> {
    const version = this.#version.next
    const answer = await this.#post(request, version, signal)
    if (answer.t === 'failed') return toFailureOutcome(answer)
    if (version === '2.0' && this.#version.mayFallBack && !isVersion2(answer)) {
      return await this.#fallBack(request, answer, signal)
    }
    return this.#judge(answer, request, version)
  }

  close(): Promise<void> {
    return this.#client.close()
  }

  /** A server that does not know 2.0 answers 415 or 400, or 2xx though it has understood nothing. */
  async #fallBack(
    request: RemoteWriteRequest,
    answer: Answer,
    signal: AbortSignal,
  ): Promise<Outcome<RemoteWriteRequest>> {
    const meansUnknown = answer.status === 415 || answer.status === 400 || isSuccess(answer)
    if (!meansUnknown) return this.#judge(answer, request, '2.0')
    const second = await this.#post(request, '1.0', signal)
    if (second.t === 'failed') return toFailureOutcome(second)
    if (isSuccess(second) || answer.status === 415) this.#version.prove('1.0')
    return this.#judge(second, request, '1.0')
  }

  #judge(answer: Answer, request: RemoteWriteRequest, version: WriteVersion): Outcome<RemoteWriteRequest> {
    if (version === '2.0' && isVersion2(answer)) this.#version.prove('2.0')
    if (isSuccess(answer)) return { t: 'delivered' }
    return toOutcome(answer, request, this.#parts.clock.now())
  }

  #post(request: RemoteWriteRequest, version: WriteVersion, signal: AbortSignal): Promise<HttpAnswer> {
    const payload = version === '2.0' ? request.payload : remoteWrite2ToRequest1(request.payload)
    const { orgId } = request
    return this.#client.send(
      {
        url: this.#settings.url,
        headers: { ...HEADERS[version], ...(orgId === undefined ? {} : { 'x-scope-orgid': orgId }) },
        body: snappyCompress(payload),
      },
      signal,
    )
  }

  #orgIdOf({ identity }: Envelope): string | undefined {
    const { orgId } = this.#settings
    return typeof orgId === 'object' ? identity[orgId.from] : orgId
  }
}

type Answer = Extract<HttpAnswer, { readonly t: 'answer' }>

function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status < 300
}

/** Only who speaks 2.0 says how much was written. */
function isVersion2(answer: Answer): boolean {
  return writtenCount(answer) !== undefined
}
