import { AppError, type Clock, type Logger } from '../../../core/index.ts'
import type { Identity } from '../../../model/index.ts'
import type { ScrapeMeters } from './meters.ts'
import type { Outbox } from './outbox.ts'
import type { ScrapeClient, ScrapedBody } from './scrape-client.ts'
import { type ScrapePayload, ScrapePayloads } from './scrape-payload.ts'
import { type ScrapeContent, ScrapeReader } from './scrape-reader.ts'
import { offsetOf, type Target } from './target.ts'

/** What is known of a target, for people. */
export interface TargetState {
  readonly job: string
  readonly url: string
  readonly labels: Readonly<Record<string, string>>
  readonly health: 'unknown' | 'up' | 'down'
  readonly lastError?: string
  readonly lastScrapeMs?: number
  readonly durationMs?: number
  /** That the last scrape exposed. */
  readonly samples?: number
}

export interface ScrapeLoopOptions {
  readonly target: Target
  readonly client: Pick<ScrapeClient, 'fetch'>
  readonly outbox: Outbox
  readonly identity: Identity
  readonly clock: Clock
  readonly log: Logger
  readonly meters: ScrapeMeters
}

/** A scrape that starts so little late is given the time at which it was due: even steps compress better. */
const MAX_ALIGN_MS = 2

const NOTHING: ScrapeContent = {
  samples: [],
  gone: [],
  scraped: 0,
  kept: 0,
  added: 0,
  duplicates: 0,
  outOfBounds: 0,
  failure: undefined,
}

/** Scrapes one target at its turn in every interval, until stopped. */
export class ScrapeLoop {
  readonly target: Target
  readonly #options: ScrapeLoopOptions
  readonly #reader: ScrapeReader
  readonly #payloads: ScrapePayloads
  readonly #abort = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #state: TargetState
  #hasReported = false

  constructor(options: ScrapeLoopOptions) {
    this.#options = options
    this.target = options.target
    this.#reader = new ScrapeReader(options.target)
    this.#payloads = new ScrapePayloads(options.target)
    const { job, url, labels } = options.target
    this.#state = { job: job.job, url: url.href, labels: Object.fromEntries(labels), health: 'unknown' }
  }

  get state(): TargetState {
    return this.#state
  }

  start(): void {
    this.#running = this.#run(this.#abort.signal)
  }

  /** Ends the loop. `mark` says whether its series end with it; they do not where another loop goes on with them. */
  async stop(mark: boolean): Promise<void> {
    this.#abort.abort()
    await this.#running
    if (!mark || !this.#hasReported) {
      await this.#options.outbox.flush(this.target.key)
      return
    }
    this.#hasReported = false
    const now = this.#options.clock.now()
    await this.#handOn(this.#payloads.ofEnd(now, this.#reader.takeLive()), now)
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, meters, identity } = this.#options
    const { intervalMs, job } = this.target
    let dueMs = firstTurn(clock.now(), intervalMs, offsetOf(this.target, identity.cluster))
    for (;;) {
      await clock.sleep(Math.max(0, dueMs - clock.now()), signal)
      if (signal.aborted) return
      const lateMs = clock.now() - dueMs
      await this.#scrape(
        lateMs >= 0 && lateMs <= Math.min(MAX_ALIGN_MS, intervalMs / 100) ? dueMs : clock.now(),
        signal,
      )
      const missed = Math.max(0, Math.floor((clock.now() - dueMs) / intervalMs))
      if (missed > 0) meters.skipped.inc({ job: job.job }, missed)
      dueMs += (missed + 1) * intervalMs
      // After a clock that was set back, the next turn must not be far away.
      if (dueMs - clock.now() > 2 * intervalMs) dueMs = clock.now() + intervalMs
    }
  }

  async #scrape(scrapedAtMs: number, signal: AbortSignal): Promise<void> {
    const started = performance.now()
    const body = await this.#fetch(signal)
    if (signal.aborted) return
    const durationMs = performance.now() - started
    const content =
      body instanceof AppError
        ? { ...NOTHING, gone: this.#reader.takeLive(), failure: body }
        : await this.#reader.read(body, scrapedAtMs)
    this.#note(content, scrapedAtMs, durationMs)
    const report = {
      ...content,
      up: content.failure === undefined ? 1 : 0,
      durationSeconds: durationMs / 1000,
    } as const
    this.#hasReported = true
    await this.#handOn(await this.#payloads.ofScrape(scrapedAtMs, content, report), scrapedAtMs)
  }

  async #fetch(signal: AbortSignal): Promise<ScrapedBody | AppError> {
    try {
      return await this.#options.client.fetch(this.target, signal)
    } catch (reason) {
      return AppError.from(reason)
    }
  }

  async #handOn(payloads: readonly ScrapePayload[], collectedAtMs: number): Promise<void> {
    const { outbox, identity, clock, meters } = this.#options
    for (const { bytes, items } of payloads) {
      meters.samples.inc({ job: this.target.job.job }, items)
      const receivedAtMs = clock.now()
      const envelope = {
        signal: 'metrics',
        format: 'remote-write-2',
        items,
        identity,
        collectedAtMs,
        receivedAtMs,
      } as const
      await outbox.send(this.target.key, { envelope, payload: bytes })
    }
  }

  #note({ failure, scraped, duplicates, outOfBounds }: ScrapeContent, lastScrapeMs: number, durationMs: number): void {
    const { log, meters } = this.#options
    const { job, url, labels } = this.#state
    const health = failure === undefined ? 'up' : 'down'
    meters.scrapes.inc({ job, outcome: failure === undefined ? 'ok' : failure.code })
    if (duplicates > 0) meters.rejected.inc({ job, reason: 'duplicate' }, duplicates)
    if (outOfBounds > 0) meters.rejected.inc({ job, reason: 'out_of_bounds' }, outOfBounds)
    // Targets that stay down are told by their metrics; the log has the change.
    if (health !== this.#state.health) {
      if (failure === undefined) log.info({ job, url }, 'target up')
      else log.warn({ job, url, code: failure.code, error: failure.message }, 'target down')
    }
    const lastError = failure === undefined ? {} : { lastError: failure.message }
    this.#state = { job, url, labels, health, lastScrapeMs, durationMs, samples: scraped, ...lastError }
  }
}

/** The next time at which the target's turn comes: times of a turn are `offset` after a multiple of the interval. */
function firstTurn(nowMs: number, intervalMs: number, offsetMs: number): number {
  return nowMs + ((((offsetMs - nowMs) % intervalMs) + intervalMs) % intervalMs)
}
