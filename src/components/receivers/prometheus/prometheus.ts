import { AppError, type Clock, type Component, type Logger, type Metrics } from '../../../core/index.ts'
import type { Identity } from '../../../model/index.ts'
import type { Consumer } from '../../../pipeline/index.ts'
import type { PrometheusReceiverConfig } from './config.ts'
import { createScrapeMeters, type ScrapeMeters } from './meters.ts'
import { Outbox } from './outbox.ts'
import { ScrapeClient } from './scrape-client.ts'
import { ScrapeLoop, type TargetState } from './scrape-loop.ts'
import { resolveTargets, type Target } from './target.ts'

export interface PrometheusReceiverOptions {
  readonly config: PrometheusReceiverConfig
  readonly identity: Identity
  readonly next: Consumer
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** Of the program, for the user agent. */
  readonly version: string
}

export interface PrometheusReceiver extends Component {
  /** What is scraped now, and how it went. */
  targets(): readonly TargetState[]
  /**
   * Goes over to other targets. Those that stay as they were are not disturbed; series of those that go away end with
   * staleness markers. Throws AppError `invalid` if a target comes out unusable; then nothing has changed.
   */
  apply(config: PrometheusReceiverConfig): Promise<void>
}

/** Scrapes Prometheus targets and hands on each scrape as one remote write 2.0 batch. */
export function createPrometheusReceiver(options: PrometheusReceiverOptions): PrometheusReceiver {
  return new Receiver(options)
}

class Receiver implements PrometheusReceiver {
  readonly name = 'prometheus'
  readonly #options: PrometheusReceiverOptions
  readonly #client: ScrapeClient
  readonly #meters: ScrapeMeters
  readonly #outbox: Outbox
  #config: PrometheusReceiverConfig
  /** By the target's key; empty while not running. */
  readonly #loops = new Map<string, ScrapeLoop>()
  #running = false
  /** Changes of the set of loops come one after the other. */
  #changing: Promise<void> = Promise.resolve()

  constructor(options: PrometheusReceiverOptions) {
    const { config, next, log, metrics, version } = options
    this.#options = options
    this.#config = config
    this.#client = new ScrapeClient(version)
    this.#meters = createScrapeMeters(metrics)
    this.#outbox = new Outbox({ next, limitBytes: config.pendingLimit, meters: this.#meters, log })
    const pending = metrics.gauge('fleetglass_scrape_pending_bytes', 'Scrapes waiting for another try.', [], () => {
      pending.set(this.#outbox.pendingBytes)
    })
    const targets = metrics.gauge('fleetglass_scrape_targets', 'Targets, by health.', ['health'], () => {
      for (const health of ['unknown', 'up', 'down'] as const) {
        targets.set({ health }, this.targets().filter((target) => target.health === health).length)
      }
    })
  }

  async start(): Promise<void> {
    if (this.#running) throw new AppError('conflict', 'the prometheus receiver is running already')
    // Before anything else, so that a config that cannot work leaves nothing running.
    for (const job of this.#config.jobs) resolveTargets(job)
    this.#running = true
    await this.apply(this.#config)
  }

  apply(config: PrometheusReceiverConfig): Promise<void> {
    const change = this.#changing.then(() => this.#change(config))
    // The next change waits for this one, whatever came of it; its error is the caller's.
    this.#changing = change.catch(() => undefined)
    return change
  }

  async shutdown(signal: AbortSignal): Promise<void> {
    this.#running = false
    await orAborted(
      this.#changing.then(() => this.#stopAll()),
      signal,
    )
    this.#client.close()
  }

  targets(): readonly TargetState[] {
    return [...this.#loops.values()].map((loop) => loop.state)
  }

  async #change(config: PrometheusReceiverConfig): Promise<void> {
    const wanted = new Map(config.jobs.flatMap(resolveTargets).map((target) => [target.key, target]))
    this.#config = config
    if (!this.#running) return
    const leaving = [...this.#loops.values()].filter(({ target }) => !wanted.has(target.key))
    const remaining = new Set([...wanted.values()].map(labelsKey))
    for (const { target } of leaving) this.#loops.delete(target.key)
    await Promise.all(leaving.map((loop) => loop.stop(!remaining.has(labelsKey(loop.target)))))
    for (const target of wanted.values()) if (!this.#loops.has(target.key)) this.#add(target)
  }

  async #stopAll(): Promise<void> {
    const loops = [...this.#loops.values()]
    this.#loops.clear()
    await Promise.all(loops.map((loop) => loop.stop(true)))
  }

  #add(target: Target): void {
    const { identity, clock, log } = this.#options
    const parts = { client: this.#client, outbox: this.#outbox, identity, clock, log, meters: this.#meters }
    const loop = new ScrapeLoop({ ...parts, target })
    this.#loops.set(target.key, loop)
    loop.start()
  }
}

function labelsKey({ labels }: Target): string {
  return JSON.stringify([...labels])
}

/** Resolves when the work is done or the signal aborts, whichever comes first. */
async function orAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  let stopWaiting = (): void => undefined
  const aborted = new Promise<void>((resolve) => {
    stopWaiting = resolve
    signal.addEventListener('abort', stopWaiting, { once: true })
  })
  await Promise.race([work, aborted])
  signal.removeEventListener('abort', stopWaiting)
}
