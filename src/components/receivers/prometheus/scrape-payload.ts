import { RemoteWriteWriter } from '../../../wire/index.ts'
import type { Series } from './scraped-series.ts'
import type { ScrapedSample } from './scrape-reader.ts'
import { seriesLabels, type Target } from './target.ts'
import { Turn } from './turn.ts'

/** What a scrape says about itself, as the series that Prometheus makes for each target. */
export interface ScrapeReport {
  readonly up: 0 | 1
  readonly durationSeconds: number
  readonly scraped: number
  readonly kept: number
  readonly added: number
}

export interface ScrapePayload {
  readonly bytes: Uint8Array
  /** Samples in it, staleness markers too. */
  readonly items: number
}

/** Some fifty thousand samples; records of the durable log and gRPC messages may be larger, but not without bound. */
const LARGE_REQUEST_BYTES = 4 * 2 ** 20

interface ReportSeries {
  readonly labels: readonly string[]
  readonly help: string
  readonly value: (report: ScrapeReport) => number
}

/** Writes what is to be handed on of one target's scrapes as remote write 2.0 requests. */
export class ScrapePayloads {
  readonly #reports: readonly ReportSeries[]

  constructor(target: Target) {
    const series = (name: string, help: string, value: ReportSeries['value']): ReportSeries => ({
      labels: seriesLabels(new Map([...target.labels, ['__name__', name]])),
      help,
      value,
    })
    this.#reports = [
      series('up', 'Whether the last scrape of the target succeeded.', ({ up }) => up),
      series('scrape_duration_seconds', 'How long the scrape took.', ({ durationSeconds }) => durationSeconds),
      series('scrape_samples_scraped', 'Samples that the target exposed.', ({ scraped }) => scraped),
      series(
        'scrape_samples_post_metric_relabeling',
        'Samples that were left after metric relabeling.',
        ({ kept }) => kept,
      ),
      series('scrape_series_added', 'Approximate number of new series in the scrape.', ({ added }) => added),
    ]
  }

  /**
   * One scrape: its samples, markers for the series that have gone, and its report. It is one request, unless that would
   * grow beyond what the pipeline takes.
   */
  async ofScrape(
    scrapedAtMs: number,
    content: { readonly samples: readonly ScrapedSample[]; readonly gone: readonly Series[] },
    report: ScrapeReport,
  ): Promise<readonly ScrapePayload[]> {
    const requests = new Requests()
    const turn = new Turn()
    for (const sample of content.samples) {
      writeSample(requests.writer(), sample)
      if (turn.isOver()) await turn.pass()
    }
    for (const { labels } of content.gone) writeMarker(requests.writer(), labels, scrapedAtMs)
    for (const { labels, help, value } of this.#reports) {
      const writer = requests.writer()
      writer.beginSeries(labels)
      writer.sample(value(report), scrapedAtMs)
      writer.metadata('gauge', help, '')
      writer.endSeries()
    }
    return requests.finish()
  }

  /** The end of the target: markers for everything that is still there, the report's series too. */
  ofEnd(atMs: number, live: readonly Series[]): readonly ScrapePayload[] {
    const requests = new Requests()
    for (const { labels } of live) writeMarker(requests.writer(), labels, atMs)
    for (const { labels } of this.#reports) writeMarker(requests.writer(), labels, atMs)
    return requests.finish()
  }
}

/** Begins a new request when the current one is large enough. */
class Requests {
  readonly #finished: ScrapePayload[] = []
  #current = new RemoteWriteWriter()

  /** For the next series. */
  writer(): RemoteWriteWriter {
    if (this.#current.byteLength >= LARGE_REQUEST_BYTES) this.#finishCurrent()
    return this.#current
  }

  finish(): readonly ScrapePayload[] {
    this.#finishCurrent()
    return this.#finished
  }

  #finishCurrent(): void {
    this.#finished.push({ bytes: this.#current.finish(), items: this.#current.items })
    this.#current = new RemoteWriteWriter()
  }
}

function writeSample(
  writer: RemoteWriteWriter,
  { series, family, creation, exemplar, ...sample }: ScrapedSample,
): void {
  writer.beginSeries(series.labels)
  // What an earlier scrape told does not hold any more if this one has not repeated it.
  const isTold = creation !== undefined && creation.toldIn === creation.seenIn
  writer.sample(sample.value, sample.timestampMs, isTold ? creation.startMs : undefined)
  if (exemplar !== undefined) writer.exemplar(exemplar.labels, exemplar.value, exemplar.timestampMs)
  if (family !== undefined) writer.metadata(family.type, family.help, family.unit)
  writer.endSeries()
}

function writeMarker(writer: RemoteWriteWriter, labels: readonly string[], atMs: number): void {
  writer.beginSeries(labels)
  writer.staleMarker(atMs)
  writer.endSeries()
}
