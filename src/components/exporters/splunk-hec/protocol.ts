import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { DestinationOfType } from '../../../fleet/index.ts'
import type { Batch } from '../../../model/index.ts'
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
  retryAfterOf,
  toFailureOutcome,
  toStatusOutcome,
  UndeliveredCounts,
} from '../../../pipeline/destination/index.ts'
import { Acknowledgements } from './acknowledgements.ts'
import { type HecAnswer, HEC_CODES, readAnswer } from './codes.ts'
import { type HecEntry, withoutFields } from './event.ts'
import { encodeLogs } from './logs.ts'
import { encodeMetrics } from './metrics.ts'
import { encodeSpans } from './spans.ts'

type Settings = DestinationOfType<'splunk-hec'>
type Request = EntryRequest<HecEntry>
type Answer = Extract<HttpAnswer, { t: 'answer' }>

const compress = promisify(gzip)

/** Objects one after the other: Splunk takes no array. */
const FRAME = { prefix: '', separator: '\n', suffix: '' }
/** Far below what Splunk takes of one request by default (800 MB, 1 MB in Splunk Cloud), before compression. */
const LIMITS = { entries: 10_000, bytes: 1_000_000 }

const SLOW_DOWN_MS = 1_000
const MAX_SLOW_DOWN_MS = 30_000

/** Splunk's HTTP Event Collector: logs and spans as events, data points as metric events. */
export function createSplunkHecProtocol(settings: Settings, parts: ProtocolParts): DestinationProtocol<Request> {
  return new SplunkHecProtocol(settings, parts)
}

class SplunkHecProtocol implements DestinationProtocol<Request> {
  readonly #settings: Settings
  readonly #parts: ProtocolParts
  readonly #client: HttpClient
  readonly #url: string
  readonly #acks: Acknowledgements | undefined
  /** The pause that Splunk's hints ask for. It grows while they go on. */
  #slowDownMs = 0

  constructor(settings: Settings, parts: ProtocolParts) {
    this.#settings = settings
    this.#parts = parts
    const client = createHttpClient({
      secrets: parts.secrets,
      userAgent: parts.userAgent,
      timeoutMs: settings.timeout,
      // One more for the questions after acknowledgements.
      connections: settings.concurrency * settings.signals.length + 1,
      tls: settings.tls,
      auth: { scheme: 'Splunk', credentials: settings.token },
    })
    this.#client = client
    const base = `${settings.url.replace(/\/+$/, '')}/services/collector`
    this.#url = `${base}/event`
    if (settings.ack === undefined) return
    const { poll, timeout } = settings.ack
    const { clock, log } = parts
    this.#acks = new Acknowledgements({ client, url: `${base}/ack`, pollMs: poll, timeoutMs: timeout, clock, log })
  }

  takes(): boolean {
    return true
  }

  encode(batches: readonly Batch[]): Encoded<Request> {
    const undelivered = new UndeliveredCounts()
    const entries = batches.flatMap((batch) => this.#encodeBatch(batch, undelivered))
    const signal = batches[0]?.envelope.signal ?? 'logs'
    return { requests: packEntries(signal, entries, FRAME, LIMITS), undelivered: undelivered.list() }
  }

  async send(request: Request, signal: AbortSignal): Promise<Outcome<Request>> {
    if (this.#slowDownMs > 0) await this.#parts.clock.sleep(this.#slowDownMs, signal)
    const channel = this.#acks?.enabled === true ? this.#acks.channel : undefined
    const answer = await this.#client.send(
      {
        url: this.#url,
        headers: {
          'content-type': 'application/json',
          'content-encoding': 'gzip',
          ...(channel === undefined ? {} : { 'x-splunk-request-channel': channel }),
        },
        body: await compress(request.content()),
      },
      signal,
    )
    if (answer.t === 'failed') return toFailureOutcome(answer)
    return this.#toOutcome(request, answer, signal)
  }

  async close(): Promise<void> {
    await this.#acks?.close()
    await this.#client.close()
  }

  #encodeBatch(batch: Batch, undelivered: UndeliveredCounts): HecEntry[] {
    switch (batch.envelope.signal) {
      case 'logs':
        return encodeLogs(batch, this.#settings, undelivered)
      case 'traces':
        return encodeSpans(batch, this.#settings)
      case 'metrics':
        return encodeMetrics(batch, this.#settings, undelivered)
    }
  }

  async #toOutcome(request: Request, answer: Answer, signal: AbortSignal): Promise<Outcome<Request>> {
    const said = readAnswer(answer)
    const code = said === undefined ? undefined : HEC_CODES[said.code]
    if (said === undefined || code === undefined) return this.#withoutCode(answer)
    const detail = `HEC code ${String(said.code)}: ${code.text}`
    switch (code.means) {
      case 'taken':
      case 'taken-slow-down':
        this.#slowDown(code.means === 'taken-slow-down')
        return await this.#acknowledged(said, signal)
      case 'later': {
        const afterMs = retryAfterOf(answer.headers, this.#parts.clock.now())
        return { t: 'retry', detail, ...(afterMs === undefined ? {} : { afterMs }) }
      }
      case 'settings':
        return { t: 'misconfigured', detail }
      case 'no-ack':
        this.#acks?.turnOff()
        return { t: 'retry', detail, afterMs: 0 }
      case 'index':
        // An index that is the same for all of them is a matter of settings; one of many is a matter of the event.
        return this.#hasOneIndex(request) ? { t: 'misconfigured', detail } : withoutEvent(request, said, detail)
      case 'fields':
        return withoutFieldsOf(request, said, detail)
      case 'event':
        return withoutEvent(request, said, detail)
    }
  }

  /** A 2xx that is not Splunk's own says nothing: a proxy may have answered, so nothing counts as delivered. */
  #withoutCode(answer: Answer): Outcome<Request> {
    if (answer.status >= 300) return toStatusOutcome(answer, this.#parts.clock.now())
    return { t: 'retry', detail: `HTTP status ${String(answer.status)} without an answer of the Event Collector` }
  }

  async #acknowledged({ ackId }: HecAnswer, signal: AbortSignal): Promise<Outcome<Request>> {
    const acks = this.#acks
    if (acks === undefined || !acks.enabled) return { t: 'delivered' }
    if (ackId === undefined) {
      acks.turnOff()
      return { t: 'delivered' }
    }
    if (await acks.wait(ackId, signal)) return { t: 'delivered' }
    return { t: 'retry', detail: 'Splunk took it, but has not acknowledged it in time' }
  }

  #hasOneIndex({ signal }: Request): boolean {
    const { index } = this.#settings
    return signal !== 'logs' || typeof index === 'string'
  }

  #slowDown(asked: boolean): void {
    this.#slowDownMs = asked ? Math.min(MAX_SLOW_DOWN_MS, Math.max(SLOW_DOWN_MS, 2 * this.#slowDownMs)) : 0
  }
}

/** The entry of the event that Splunk names, counted from 0; undefined if it names none of ours. */
function findEntry({ entries }: Request, said: HecAnswer): number | undefined {
  const event = said['invalid-event-number']
  if (event === undefined) return undefined
  let events = 0
  const at = entries.findIndex((entry) => {
    events += entry.events
    return event < events
  })
  return at < 0 ? undefined : at
}

/** Splunk has taken the events before the bad one: that one is put aside, and those behind it are sent again. */
function withoutEvent(request: Request, said: HecAnswer, detail: string): Outcome<Request> {
  const reason = `hec_code_${String(said.code)}`
  const at = findEntry(request, said)
  const bad = at === undefined ? undefined : request.entries[at]
  if (at === undefined || bad === undefined) return { t: 'refused', reason, detail }
  const undelivered = [{ reason, items: bad.items, content: bad.bytes }]
  const rest = request.with(request.entries.slice(at + 1))
  return rest === undefined ? { t: 'delivered', undelivered } : { t: 'partly', rest, undelivered }
}

/** An event whose fields cannot be indexed is sent without them: it is better told without than not at all. */
function withoutFieldsOf(request: Request, said: HecAnswer, detail: string): Outcome<Request> {
  const at = findEntry(request, said) ?? (request.entries.length === 1 ? 0 : undefined)
  const bad = at === undefined ? undefined : request.entries[at]
  const plain = bad === undefined ? undefined : withoutFields(bad)
  if (at === undefined || plain === undefined) return withoutEvent(request, said, detail)
  const rest = request.with([plain, ...request.entries.slice(at + 1)])
  return rest === undefined ? { t: 'retry', detail } : { t: 'partly', rest }
}
