import { type ExpositionParser, roleInFamily } from '../../../wire/index.ts'
import { type Family, type Series, SeriesLabeler } from './scraped-series.ts'
import type { Target } from './target.ts'

/** When the counters of one metric began to count; told by its `_created` sample, which comes after the others. */
export interface Creation {
  /** The scrape that `startMs` is from. */
  toldIn: number
  startMs: number
  /** The last scrape that had a sample of the metric. */
  seenIn: number
}

/** What is known of a series by the bytes that the target writes for it. */
export interface CachedSeries {
  /** Undefined if relabeling drops it. */
  readonly series: Series | undefined
  /** As the target calls it. */
  readonly name: string
  /** Of counters, histograms and summaries in OpenMetrics: shared by all samples of one metric. */
  readonly creation: Creation | undefined
  /** Whether this is the `_created` sample itself. */
  readonly isCreation: boolean
  /** The family that it was last seen under, and whether it belongs to it. */
  family: Family | undefined
  isMember: boolean
  /** The last scrape that had it. */
  seenIn: number
}

/**
 * Remembers from scrape to scrape what the bytes of a series mean, so that names are decoded, relabeled and sorted once
 * in a series' life. What the last successful scrape did not have is forgotten.
 */
export class SeriesCache {
  /** The number of the current scrape. */
  scrape = 0
  readonly #labeler: SeriesLabeler
  readonly #byBytes = new Map<string, CachedSeries>()
  /** Two spellings may come down to the same labels. */
  readonly #byLabels = new Map<string, Series>()
  readonly #families = new Map<string, Family>()
  readonly #creations = new Map<string, Creation>()

  constructor(target: Target) {
    this.#labeler = new SeriesLabeler(target)
  }

  beginScrape(): void {
    this.scrape += 1
  }

  /**
   * The parser's current sample, which stands below the metadata of `family`. Throws ExpositionError if its labels are
   * wrong, AppError `too_large` if they break a limit of the job.
   */
  lookUp(parser: ExpositionParser, family: Family | undefined): CachedSeries {
    const bytes = parser.seriesKey()
    let cached = this.#byBytes.get(bytes)
    if (cached === undefined) {
      cached = this.#make(parser.labels(), family)
      this.#byBytes.set(bytes, cached)
    } else if (cached.family !== family) {
      cached.family = family
      cached.isMember = isMember(cached.name, family)
    }
    cached.seenIn = this.scrape
    if (cached.creation !== undefined) cached.creation.seenIn = this.scrape
    return cached
  }

  family(name: string): Family {
    let family = this.#families.get(name)
    if (family === undefined) {
      family = { name, type: 'unknown', help: '', unit: '' }
      this.#families.set(name, family)
    }
    return family
  }

  /** Forgets what the current scrape, which succeeded, did not have. */
  forgetUnseen(): void {
    for (const [bytes, cached] of this.#byBytes) if (cached.seenIn !== this.scrape) this.#byBytes.delete(bytes)
    for (const [key, series] of this.#byLabels) if (series.seenIn !== this.scrape) this.#byLabels.delete(key)
    for (const [key, creation] of this.#creations) if (creation.seenIn !== this.scrape) this.#creations.delete(key)
  }

  #make(scraped: readonly string[], family: Family | undefined): CachedSeries {
    const name = scraped[1] ?? ''
    const role = family === undefined ? undefined : roleInFamily(family.name, family.type, name)
    return {
      series: this.#toSeries(scraped),
      name,
      creation:
        role !== undefined && HAS_CREATED.has(family?.type ?? '') ? this.#creationOf(scraped, family) : undefined,
      isCreation: role === 'created',
      family,
      isMember: isMember(name, family),
      seenIn: this.scrape,
    }
  }

  #toSeries(scraped: readonly string[]): Series | undefined {
    const labels = this.#labeler.label(scraped)
    if (labels === undefined) return undefined
    const key = labels.join('\xff')
    let series = this.#byLabels.get(key)
    if (series === undefined) {
      series = { labels, seenIn: 0, lastTimestampMs: 0, lastExemplar: undefined }
      this.#byLabels.set(key, series)
    }
    return series
  }

  #creationOf(scraped: readonly string[], family: Family | undefined): Creation {
    const metric = scraped.filter((_, i) => i > 1 && !TELLS_SAMPLES_APART.has(scraped[i - (i % 2)] ?? ''))
    const key = [family?.name, ...metric].join('\xff')
    let creation = this.#creations.get(key)
    if (creation === undefined) {
      creation = { toldIn: 0, startMs: 0, seenIn: 0 }
      this.#creations.set(key, creation)
    }
    return creation
  }
}

const HAS_CREATED: ReadonlySet<string> = new Set(['counter', 'histogram', 'summary'])
const TELLS_SAMPLES_APART: ReadonlySet<string> = new Set(['le', 'quantile'])

/** In the text format a counter's family may be called like its sample. */
function isMember(name: string, family: Family | undefined): boolean {
  if (family === undefined) return false
  return name === family.name || roleInFamily(family.name, family.type, name) !== undefined
}
