import { AppError, type Clock, type Component, type Counter, type Logger, type Metrics } from '../../../core/index.ts'
import type { Identity } from '../../../model/index.ts'
import type { Consumer } from '../../../pipeline/index.ts'
import { encodeResource } from '../../../wire/index.ts'
import type { HostConfig, ScraperName } from './config.ts'
import { createHostFiles, type HostFiles } from './host-files.ts'
import { HostMetrics } from './host-metrics.ts'
import { readBootTime, readHostResource } from './host-resource.ts'
import type { Scraper } from './scraper.ts'
import { scrapeCpu } from './scrapers/cpu.ts'
import { scrapeDisk } from './scrapers/disk.ts'
import { createFilesystemScraper } from './scrapers/filesystem.ts'
import { scrapeLoad } from './scrapers/load.ts'
import { scrapeMemory } from './scrapers/memory.ts'
import { scrapeNetwork } from './scrapers/network.ts'
import { scrapePaging } from './scrapers/paging.ts'
import { scrapeProcesses } from './scrapers/processes.ts'
import { scrapeSystem } from './scrapers/system.ts'

export interface HostReceiverOptions {
  readonly config: HostConfig
  readonly identity: Identity
  readonly next: Consumer
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

/** Measures the Linux host it runs on, by OpenTelemetry's conventions for system metrics; one batch each interval. */
export function createHostReceiver(options: HostReceiverOptions): Component {
  return new HostReceiver(options)
}

class HostReceiver implements Component {
  readonly name = 'host'
  readonly #options: HostReceiverOptions
  readonly #files: HostFiles
  readonly #scrapers: readonly (readonly [ScraperName, Scraper])[]
  readonly #dropped: Counter<'code'>
  readonly #points: Counter
  readonly #failed: Counter<'scraper'>
  #run: { readonly abort: AbortController; readonly ended: Promise<void> } | undefined

  constructor(options: HostReceiverOptions) {
    this.#options = options
    const { metrics, log, config } = options
    const unreadable = metrics.counter(
      'fleetglass_host_unreadable_total',
      'Files of the host that could not be read.',
      ['file'],
    )
    this.#files = createHostFiles(config.rootPath, log, unreadable)
    this.#points = metrics.counter('fleetglass_host_points_total', 'Data points about the host that were accepted.')
    this.#dropped = metrics.counter(
      'fleetglass_host_dropped_points_total',
      'Data points about the host that were refused.',
      ['code'],
    )
    this.#failed = metrics.counter('fleetglass_host_scrape_failures_total', 'Scrapes that failed as a whole.', [
      'scraper',
    ])
    const all = createScrapers()
    this.#scrapers = config.scrapers.map((name) => [name, all[name]])
  }

  start(): Promise<void> {
    if (this.#run !== undefined) return Promise.reject(new AppError('conflict', 'host: started twice'))
    const abort = new AbortController()
    this.#run = { abort, ended: this.#loop(abort.signal) }
    return Promise.resolve()
  }

  async shutdown(signal: AbortSignal): Promise<void> {
    const run = this.#run
    this.#run = undefined
    if (run === undefined) return
    run.abort.abort()
    await Promise.race([run.ended, this.#options.clock.sleep(2 ** 31 - 1, signal)])
  }

  async #loop(signal: AbortSignal): Promise<void> {
    const { clock, config } = this.#options
    while (!signal.aborted) {
      await this.#tick()
      // Scrapes stand on multiples of the interval, so that a slow one does not shift those after it.
      await clock.sleep(config.interval - (clock.now() % config.interval), signal)
    }
  }

  /** A batch that is refused is dropped and counted: the next one tells the same, only newer. */
  async #tick(): Promise<void> {
    const { clock, identity, next, log } = this.#options
    const now = clock.now()
    const request = await this.#scrape(now)
    if (request.points === 0) return
    try {
      await next({
        envelope: {
          signal: 'metrics',
          format: 'otlp',
          items: request.points,
          identity,
          collectedAtMs: now,
          receivedAtMs: now,
        },
        payload: request.finish(),
      })
      this.#points.inc(request.points)
    } catch (reason) {
      const error = AppError.from(reason)
      this.#dropped.inc({ code: error.code }, request.points)
      log.warn({ code: error.code, error: error.message, points: request.points }, 'host metrics refused')
    }
  }

  async #scrape(now: number): Promise<HostMetrics> {
    const { config, log } = this.#options
    const resource = encodeResource(await readHostResource(this.#files, config.resource))
    const metrics = new HostMetrics(resource, BigInt(now) * 1_000_000n, await readBootTime(this.#files))
    for (const [name, scrape] of this.#scrapers) {
      try {
        await scrape(this.#files, config, metrics)
      } catch (reason) {
        this.#failed.inc({ scraper: name })
        log.error({ scraper: name, error: AppError.from(reason).message }, 'host metrics: scrape failed')
      }
    }
    return metrics
  }
}

function createScrapers(): Readonly<Record<ScraperName, Scraper>> {
  return {
    cpu: scrapeCpu,
    load: scrapeLoad,
    memory: scrapeMemory,
    paging: scrapePaging,
    disk: scrapeDisk,
    filesystem: createFilesystemScraper(),
    network: scrapeNetwork,
    processes: scrapeProcesses,
    system: scrapeSystem,
  }
}
