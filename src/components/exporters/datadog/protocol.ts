import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { DestinationOfType } from '../../../fleet/index.ts'
import type { Batch, PayloadFormat, Signal } from '../../../model/index.ts'
import {
  createHttpClient,
  type DestinationProtocol,
  type Encoded,
  type EntryRequest,
  type HttpAnswer,
  type HttpClient,
  type Outcome,
  packEntries,
  type ProtocolParts,
  toFailureOutcome,
  toStatusOutcome,
  UndeliveredCounts,
} from '../../../pipeline/destination/index.ts'
import { readPartialSuccess } from '../../../wire/index.ts'
import { encodeLogs, LOGS_MAX_AGE_MS } from './logs.ts'
import { MetricEncoder, METRICS_MAX_AGE_MS } from './metrics.ts'
import { type TimedEntry, withoutOld } from './timed-entry.ts'
import { encodeTraces, TraceRequest } from './traces.ts'

type Settings = DestinationOfType<'datadog'>
type Request = EntryRequest<TimedEntry> | TraceRequest
type Answer = Extract<HttpAnswer, { t: 'answer' }>

const compress = promisify(gzip)

const SERIES_FRAME = { prefix: '{"series":[', separator: ',', suffix: ']}' }
const ARRAY_FRAME = { prefix: '[', separator: ',', suffix: ']' }
const SERIES_LIMITS = { entries: 100_000, bytes: 5_242_880 }
const LOGS_LIMITS = { entries: 1_000, bytes: 5_000_000 }
const MAX_COMPRESSED_SERIES = 512_000

/** How old things may be that Datadog takes; of spans it says nothing. */
const MAX_AGE_MS: Readonly<Record<Signal, number>> = {
  metrics: METRICS_MAX_AGE_MS,
  logs: LOGS_MAX_AGE_MS,
  traces: Infinity,
}

/** Datadog: series by its metrics API, log records by its logs API, spans by its intake for OTLP. */
export function createDatadogProtocol(settings: Settings, parts: ProtocolParts): DestinationProtocol<Request> {
  return new DatadogProtocol(settings, parts)
}

class DatadogProtocol implements DestinationProtocol<Request> {
  readonly #settings: Settings
  readonly #parts: ProtocolParts
  readonly #client: HttpClient
  readonly #metrics: MetricEncoder
  readonly #urls: Readonly<Record<Signal, string>>

  constructor(settings: Settings, parts: ProtocolParts) {
    this.#settings = settings
    this.#parts = parts
    this.#metrics = new MetricEncoder(settings)
    const { site, endpoints } = settings
    this.#urls = {
      metrics: endpoints.metrics ?? `https://api.${site}/api/v2/series`,
      logs: endpoints.logs ?? `https://http-intake.logs.${site}/api/v2/logs`,
      traces: endpoints.traces ?? `https://otlp.${site}/v1/traces`,
    }
    this.#client = createHttpClient({
      secrets: parts.secrets,
      userAgent: parts.userAgent,
      timeoutMs: settings.timeout,
      connections: settings.concurrency * settings.signals.length,
      tls: settings.tls,
      headers: { 'dd-api-key': settings.apiKey },
    })
  }

  takes(signal: Signal, format: PayloadFormat): boolean {
    return signal === 'metrics' || format === 'otlp'
  }

  encode(batches: readonly Batch[], nowMs: number): Encoded<Request> {
    const undelivered = new UndeliveredCounts()
    const requests = this.#encodeAll(batches, nowMs, undelivered)
    return { requests, undelivered: undelivered.list() }
  }

  async send(request: Request, signal: AbortSignal): Promise<Outcome<Request>> {
    if (request instanceof TraceRequest) return await this.#sendTraces(request, signal)
    const oldestMs = this.#parts.clock.now() - MAX_AGE_MS[request.signal]
    const { rest, undelivered } = withoutOld(request, oldestMs)
    if (rest === undefined) return { t: 'delivered', undelivered }
    if (undelivered.length > 0) return { t: 'partly', rest, undelivered }
    const body = await compress(request.content())
    if (request.signal === 'metrics' && body.length > MAX_COMPRESSED_SERIES) {
      return { t: 'too-large', detail: `${String(body.length)} bytes after compression` }
    }
    const answer = await this.#post(request.signal, 'application/json', body, signal)
    if (answer.t === 'failed') return toFailureOutcome(answer)
    return answer.status >= 200 && answer.status < 300 ? { t: 'delivered' } : this.#toOutcome(answer)
  }

  async close(): Promise<void> {
    await this.#client.close()
  }

  #encodeAll(batches: readonly Batch[], nowMs: number, undelivered: UndeliveredCounts): readonly Request[] {
    switch (batches[0]?.envelope.signal) {
      case undefined:
        return []
      case 'metrics': {
        const entries = this.#metrics.encode(batches, nowMs, undelivered)
        return packEntries('metrics', entries, SERIES_FRAME, SERIES_LIMITS)
      }
      case 'logs': {
        const entries = batches.flatMap((batch) => [...encodeLogs(batch, this.#settings, nowMs, undelivered)])
        return packEntries('logs', entries, ARRAY_FRAME, LOGS_LIMITS)
      }
      case 'traces':
        return encodeTraces(batches, undelivered)
    }
  }

  async #sendTraces(request: TraceRequest, signal: AbortSignal): Promise<Outcome<Request>> {
    const body = await compress(request.content())
    const answer = await this.#post('traces', 'application/x-protobuf', body, signal)
    if (answer.t === 'failed') return toFailureOutcome(answer)
    if (answer.status === 403) {
      const detail =
        'HTTP status 403: is the API key right, and has Datadog enabled its intake for OTLP traces for you?'
      return { t: 'misconfigured', detail }
    }
    if (answer.status < 200 || answer.status >= 300) return this.#toOutcome(answer)
    const rejected = readRejected(answer)
    return rejected === 0
      ? { t: 'delivered' }
      : { t: 'delivered', undelivered: [{ reason: 'rejected', items: rejected }] }
  }

  #post(kind: Signal, contentType: string, body: Uint8Array, signal: AbortSignal): Promise<HttpAnswer> {
    const headers = { 'content-type': contentType, 'content-encoding': 'gzip' }
    return this.#client.send({ url: this.#urls[kind], headers, body }, signal)
  }

  #toOutcome(answer: Answer): Outcome<Request> {
    const outcome = toStatusOutcome(answer, this.#parts.clock.now())
    if (outcome.t !== 'retry' || outcome.afterMs !== undefined) return outcome
    const resetS = Number(answer.headers['x-ratelimit-reset'] ?? 'none')
    return Number.isInteger(resetS) && resetS >= 0 ? { ...outcome, afterMs: Math.min(300, resetS) * 1_000 } : outcome
  }
}

/** Spans that were not taken out of a request that was. An answer that is no OTLP says nothing of them. */
function readRejected({ body }: Answer): number {
  try {
    return readPartialSuccess(body)?.rejected ?? 0
  } catch {
    return 0
  }
}
