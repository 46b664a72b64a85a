import type { DestinationOfType } from '../../../fleet/index.ts'
import type { Batch, Envelope, Signal } from '../../../model/index.ts'
import {
  createHttpClient,
  type DestinationProtocol,
  type Encoded,
  type HttpClient,
  type Outcome,
  type ProtocolParts,
  toFailureOutcome,
  toStatusOutcome,
  UndeliveredCounts,
} from '../../../pipeline/destination/index.ts'
import { type ReadLogRecord, type ReadResource, readLogs, snappyCompress } from '../../../wire/index.ts'
import { type LokiEntry, toEntry } from './entry.ts'
import { type Stream, toStream } from './labels.ts'
import { PushRequest } from './push-request.ts'

type Settings = DestinationOfType<'loki'>

/** Below Loki's limit of 4 MB a second for a tenant, so that a request is never more than a second's worth. */
const MAX_REQUEST_BYTES = 2_000_000

/** By which Loki says that somebody has blocked ingestion: nothing was stored. */
const BLOCKED = 260

const NS_PER_MS = 1_000_000n

/** Loki's push API: log records as lines with structured metadata. */
export function createLokiProtocol(settings: Settings, parts: ProtocolParts): DestinationProtocol<PushRequest> {
  return new LokiProtocol(settings, parts)
}

class LokiProtocol implements DestinationProtocol<PushRequest> {
  readonly #settings: Settings
  readonly #parts: ProtocolParts
  readonly #client: HttpClient
  readonly #url: string

  constructor(settings: Settings, parts: ProtocolParts) {
    this.#settings = settings
    this.#parts = parts
    this.#url = `${settings.url.replace(/\/+$/, '')}/loki/api/v1/push`
    this.#client = createHttpClient({
      secrets: parts.secrets,
      userAgent: parts.userAgent,
      timeoutMs: settings.timeout,
      connections: settings.concurrency,
      tls: settings.tls,
      headers: settings.headers,
      auth: settings.auth,
    })
  }

  takes(signal: Signal): boolean {
    return signal === 'logs'
  }

  groupBy(envelope: Envelope): string {
    return this.#orgIdOf(envelope) ?? ''
  }

  encode(batches: readonly Batch[], nowMs: number): Encoded<PushRequest> {
    const undelivered = new UndeliveredCounts()
    const entries = batches.flatMap((batch) => [...this.#encodeBatch(batch, nowMs, undelivered)])
    const [first] = batches
    const orgId = first === undefined ? undefined : this.#orgIdOf(first.envelope)
    return { requests: pack(entries, orgId), undelivered: undelivered.list() }
  }

  async send(request: PushRequest, signal: AbortSignal): Promise<Outcome<PushRequest>> {
    const { orgId } = request
    const answer = await this.#client.send(
      {
        url: this.#url,
        headers: {
          'content-type': 'application/x-protobuf',
          'content-encoding': 'snappy',
          ...(orgId === undefined ? {} : { 'x-scope-orgid': orgId }),
        },
        body: snappyCompress(request.content()),
      },
      signal,
    )
    if (answer.t === 'failed') return toFailureOutcome(answer)
    if (answer.status === BLOCKED) return { t: 'misconfigured', detail: 'Loki says that ingestion is blocked' }
    if (answer.status >= 200 && answer.status < 300) return { t: 'delivered' }
    // After a 400 Loki may have kept the good entries: the same line at the same time is stored once, so cutting is safe.
    return toStatusOutcome(answer, this.#parts.clock.now())
  }

  async close(): Promise<void> {
    await this.#client.close()
  }

  *#encodeBatch({ envelope, payload }: Batch, nowMs: number, undelivered: UndeliveredCounts): Generator<LokiEntry> {
    const { labels, limits } = this.#settings
    const oldestMs = nowMs - limits.maxAge
    const newestMs = nowMs + limits.ahead
    let resource: ReadResource | undefined
    let stream: Stream | undefined
    for (const log of readLogs(payload)) {
      const timeNs = timeOf(log.record, envelope.receivedAtMs)
      const timeMs = Number(timeNs / NS_PER_MS)
      if (timeMs < oldestMs) undelivered.add('too_old')
      else if (timeMs > newestMs) undelivered.add('too_far_ahead')
      else {
        if (stream === undefined || log.resource !== resource) {
          resource = log.resource
          stream = toStream(resource.attributes, envelope.identity, labels, limits.labels)
        }
        yield toEntry(log, stream, timeNs, limits)
      }
    }
  }

  #orgIdOf({ identity }: Envelope): string | undefined {
    const { orgId } = this.#settings
    return typeof orgId === 'object' ? identity[orgId.from] : orgId
  }
}

/** A record without a time of its own has that of whoever saw it first. */
function timeOf({ timeNs, observedTimeNs }: ReadLogRecord, receivedAtMs: number): bigint {
  if (timeNs !== 0n) return timeNs
  return observedTimeNs === 0n ? BigInt(receivedAtMs) * NS_PER_MS : observedTimeNs
}

function pack(entries: readonly LokiEntry[], orgId: string | undefined): readonly PushRequest[] {
  const requests: PushRequest[] = []
  let from = 0
  let bytes = 0
  entries.forEach((entry, i) => {
    const size = entry.bytes.length
    if (i > from && bytes + size > MAX_REQUEST_BYTES) {
      requests.push(new PushRequest(entries.slice(from, i), orgId))
      from = i
      bytes = 0
    }
    bytes += size
  })
  if (from < entries.length) requests.push(new PushRequest(entries.slice(from), orgId))
  return requests
}
