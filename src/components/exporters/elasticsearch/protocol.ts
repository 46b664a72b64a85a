import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { DestinationOfType } from '../../../fleet/index.ts'
import type { Batch } from '../../../model/index.ts'
import {
  createHttpClient,
  type DestinationProtocol,
  type Encoded,
  type Entry,
  type EntryRequest,
  type HttpClient,
  type Outcome,
  packEntries,
  type ProtocolParts,
  toFailureOutcome,
  toStatusOutcome,
  UndeliveredCounts,
} from '../../../pipeline/destination/index.ts'
import { readBulkAnswer } from './bulk-answer.ts'
import { encodeLogs } from './logs.ts'
import { encodeMetrics } from './metrics.ts'
import { encodeSpans } from './spans.ts'

type Settings = DestinationOfType<'elasticsearch'>

const compress = promisify(gzip)

/** Each entry is an action and a document, both with a newline behind. */
const FRAME = { prefix: '', separator: '', suffix: '' }
/** As many as an answer of a mebibyte tells of, and as much as Elastic's own shippers send. */
const LIMITS = { entries: 5_000, bytes: 8_000_000 }

/** All that is read of an answer, so that it stays small. */
const BULK_PATH = '/_bulk?filter_path=items.*.status,items.*.error.type'

/** Elasticsearch and what speaks its bulk API: documents created in data streams. */
export function createElasticsearchProtocol(
  settings: Settings,
  parts: ProtocolParts,
): DestinationProtocol<EntryRequest> {
  return new ElasticsearchProtocol(settings, parts)
}

class ElasticsearchProtocol implements DestinationProtocol<EntryRequest> {
  readonly #settings: Settings
  readonly #parts: ProtocolParts
  readonly #client: HttpClient
  readonly #url: string

  constructor(settings: Settings, parts: ProtocolParts) {
    this.#settings = settings
    this.#parts = parts
    this.#url = settings.url.replace(/\/+$/, '') + BULK_PATH
    const { apiKey, auth } = settings
    this.#client = createHttpClient({
      secrets: parts.secrets,
      userAgent: parts.userAgent,
      timeoutMs: settings.timeout,
      connections: settings.concurrency * settings.signals.length,
      tls: settings.tls,
      headers: settings.headers,
      auth: apiKey === undefined ? auth : { scheme: 'ApiKey', credentials: apiKey },
    })
  }

  takes(): boolean {
    return true
  }

  encode(batches: readonly Batch[]): Encoded<EntryRequest> {
    const undelivered = new UndeliveredCounts()
    const entries = batches.flatMap((batch) => [...this.#encodeBatch(batch, undelivered)])
    const signal = batches[0]?.envelope.signal ?? 'logs'
    return { requests: packEntries(signal, entries, FRAME, LIMITS), undelivered: undelivered.list() }
  }

  async send(request: EntryRequest, signal: AbortSignal): Promise<Outcome<EntryRequest>> {
    const answer = await this.#client.send(
      {
        url: this.#url,
        headers: { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip', accept: 'application/json' },
        body: await compress(request.content()),
      },
      signal,
    )
    if (answer.t === 'failed') return toFailureOutcome(answer)
    if (answer.status === 200) return readBulkAnswer(request, answer.body)
    return toStatusOutcome(answer, this.#parts.clock.now())
  }

  async close(): Promise<void> {
    await this.#client.close()
  }

  #encodeBatch(batch: Batch, undelivered: UndeliveredCounts): Iterable<Entry> {
    switch (batch.envelope.signal) {
      case 'logs':
        return encodeLogs(batch, this.#settings)
      case 'traces':
        return encodeSpans(batch, this.#settings)
      case 'metrics':
        return encodeMetrics(batch, this.#settings, undelivered)
    }
  }
}
