import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { AppError, type Clock, type Logger } from '../../../core/index.ts'
import type { HttpClient } from '../../../pipeline/destination/index.ts'
import { HEC_CODES, readAnswer } from './codes.ts'

export interface AcknowledgementOptions {
  readonly client: HttpClient
  /** Of `…/services/collector/ack`. */
  readonly url: string
  readonly pollMs: number
  readonly timeoutMs: number
  readonly clock: Clock
  readonly log: Logger
}

const acksSchema = z.looseObject({ acks: z.record(z.string(), z.boolean()) })

interface Waiter {
  readonly deadlineMs: number
  readonly settle: (indexed: boolean) => void
}

/**
 * Waits for indexers. Splunk numbers what it takes on a channel, and tells by number what it has indexed; `false` means
 * not yet, or that it has forgotten the number. All who wait share one question. As many wait as requests are under
 * way, so there is a bound.
 */
export class Acknowledgements {
  /** The data channel: one as long as this program lives. */
  readonly channel = randomUUID()
  readonly #options: AcknowledgementOptions
  readonly #waiting = new Map<number, Waiter>()
  #asking: Promise<void> | undefined
  #enabled = true
  readonly #closed = new AbortController()

  constructor(options: AcknowledgementOptions) {
    this.#options = options
  }

  get enabled(): boolean {
    return this.#enabled
  }

  /** Said once, loudly: from now on events count as delivered when Splunk has taken them. */
  turnOff(): void {
    if (!this.#enabled) return
    this.#enabled = false
    this.#options.log.error(
      { url: this.#options.url },
      'Splunk does not acknowledge: the token has no indexer acknowledgement. Events now count as delivered when they are taken, although Splunk may still lose them. Enable acknowledgement for the token, or take ack out of the fleet file',
    )
    for (const id of [...this.#waiting.keys()]) this.#settle(id, true)
  }

  /** True when it is indexed; false when that has not been told in time. Throws `cancelled` when the signal aborts. */
  async wait(id: number, signal: AbortSignal): Promise<boolean> {
    const { clock, timeoutMs } = this.#options
    const before = this.#waiting.get(id)
    // The same number again: Splunk was started anew and has forgotten the first.
    before?.settle(false)
    const indexed = new Promise<boolean>((resolve) => {
      this.#waiting.set(id, { deadlineMs: clock.now() + timeoutMs, settle: resolve })
    })
    const giveUp = (): void => this.#settle(id, false)
    signal.addEventListener('abort', giveUp, { once: true })
    if (signal.aborted) giveUp()
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
    try {
      const answer = await indexed
      if (signal.aborted) throw new AppError('cancelled', 'the wait for an acknowledgement was called off')
      return answer
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  async close(): Promise<void> {
    this.#closed.abort()
    for (const id of [...this.#waiting.keys()]) this.#settle(id, false)
    await this.#asking
  }

  async #ask(): Promise<void> {
    const { clock, pollMs } = this.#options
    while (this.#waiting.size > 0) {
      await clock.sleep(pollMs, this.#closed.signal)
      if (this.#closed.signal.aborted) return
      for (const [id, { deadlineMs }] of this.#waiting) if (clock.now() >= deadlineMs) this.#settle(id, false)
      const ids = [...this.#waiting.keys()]
      if (ids.length > 0) await this.#askFor(ids)
    }
  }

  /** A question without an answer is asked again. */
  async #askFor(ids: readonly number[]): Promise<void> {
    const { client, url, log } = this.#options
    const answer = await client
      .send(
        {
          url: `${url}?channel=${this.channel}`,
          headers: { 'content-type': 'application/json', 'x-splunk-request-channel': this.channel },
          body: Buffer.from(JSON.stringify({ acks: ids })),
        },
        this.#closed.signal,
      )
      .catch(() => undefined)
    if (answer?.t !== 'answer') return
    const code = readAnswer(answer)?.code
    if (code !== undefined && HEC_CODES[code]?.means === 'no-ack') {
      this.turnOff()
      return
    }
    const acks = answer.status === 200 ? readAcks(answer.body) : undefined
    if (acks === undefined) {
      log.debug({ url, status: answer.status, code }, 'Splunk does not tell what it has indexed')
      return
    }
    for (const id of ids) if (acks[String(id)] === true) this.#settle(id, true)
  }

  #settle(id: number, indexed: boolean): void {
    this.#waiting.get(id)?.settle(indexed)
    this.#waiting.delete(id)
  }
}

function readAcks(body: Buffer): Readonly<Record<string, boolean>> | undefined {
  try {
    return acksSchema.safeParse(JSON.parse(body.toString('utf8'))).data?.acks
  } catch {
    // Not JSON: half an answer, or a proxy's.
    return undefined
  }
}
