import type { Counter, Metrics } from '../../../core/index.ts'

export interface ScrapeMeters {
  readonly scrapes: Counter<'job' | 'outcome'>
  readonly skipped: Counter<'job'>
  readonly samples: Counter<'job'>
  readonly rejected: Counter<'job' | 'reason'>
  readonly deferred: Counter<'code'>
  readonly dropped: Counter<'reason'>
}

/** The receiver's own metrics. Call once per program. */
export function createScrapeMeters(metrics: Metrics): ScrapeMeters {
  return {
    scrapes: metrics.counter('fleetglass_scrapes_total', 'Scrapes, by how they ended.', ['job', 'outcome']),
    skipped: metrics.counter(
      'fleetglass_scrapes_skipped_total',
      'Scrapes left out because the one before took too long.',
      ['job'],
    ),
    samples: metrics.counter('fleetglass_scrape_samples_total', 'Scraped samples and markers handed on.', ['job']),
    rejected: metrics.counter('fleetglass_scrape_samples_rejected_total', 'Scraped samples left out, by reason.', [
      'job',
      'reason',
    ]),
    deferred: metrics.counter(
      'fleetglass_scrape_batches_deferred_total',
      'Times that the pipeline refused a scrape for the moment.',
      ['code'],
    ),
    dropped: metrics.counter('fleetglass_scrape_samples_dropped_total', 'Scraped samples lost, by reason.', ['reason']),
  }
}
