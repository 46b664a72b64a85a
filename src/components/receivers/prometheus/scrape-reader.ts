import { AppError } from '../../../core/index.ts'
import { ExpositionParser } from '../../../wire/index.ts'
import type { ScrapedBody } from './scrape-client.ts'
import type { Family, Series } from './scraped-series.ts'
import { type CachedSeries, type Creation, SeriesCache } from './series-cache.ts'
import type { Target } from './target.ts'
import { Turn } from './turn.ts'

/** A sample that will be handed on. */
export interface ScrapedSample {
  readonly series: Series
  readonly value: number
  readonly timestampMs: number
  readonly family: Family | undefined
  readonly creation: Creation | undefined
  readonly exemplar: ScrapedExemplar | undefined
}

interface ScrapedExemplar {
  readonly labels: readonly string[]
  readonly value: number
  readonly timestampMs: number
}

/** What one scrape came to. If it failed, its samples are not to be used, but the counts are right so far. */
export interface ScrapeContent {
  readonly samples: readonly ScrapedSample[]
  /** Series of the scrape before that this one does not have: they need a staleness marker. */
  readonly gone: readonly Series[]
  /** Samples that the target exposed. */
  readonly scraped: number
  /** Of them, those that relabeling left. */
  readonly kept: number
  /** Of them, those of series not seen before. */
  readonly added: number
  readonly duplicates: number
  readonly outOfBounds: number
  readonly failure: AppError | undefined
}

/** A sample so far in the future is the work of a broken clock, as Prometheus sees it. */
const MAX_AHEAD_MS = 10 * 60_000

/** Turns the expositions of one target into samples and watches which series come and go. */
export class ScrapeReader {
  readonly #target: Target
  readonly #cache: SeriesCache
  /** What the last scrape had and a staleness marker is owed for when it goes. */
  #live: readonly Series[] = []

  constructor(target: Target) {
    this.#target = target
    this.#cache = new SeriesCache(target)
  }

  /** Reads an exposition scraped at `scrapedAtMs`. Never rejects: `failure` tells. Calls must not overlap. */
  async read(body: ScrapedBody, scrapedAtMs: number): Promise<ScrapeContent> {
    this.#cache.beginScrape()
    const pass = new ReadingPass(this.#target, this.#cache, body, scrapedAtMs)
    const failure = await pass.run()
    if (failure !== undefined) return { ...pass.counts(), samples: [], gone: this.takeLive(), failure }
    const gone = this.#live.filter((series) => series.seenIn !== this.#cache.scrape)
    this.#live = pass.tracked
    this.#cache.forgetUnseen()
    return { ...pass.counts(), samples: pass.samples, gone, failure: undefined }
  }

  /** All series that a staleness marker is owed for, once: the target has failed or is gone. */
  takeLive(): readonly Series[] {
    const live = this.#live
    this.#live = []
    return live
  }
}

class ReadingPass {
  readonly samples: ScrapedSample[] = []
  /** The series whose end will be marked. */
  readonly tracked: Series[] = []
  readonly #target: Target
  readonly #cache: SeriesCache
  readonly #parser: ExpositionParser
  readonly #scrapedAtMs: number
  #family: Family | undefined = undefined
  #scraped = 0
  #kept = 0
  #added = 0
  #duplicates = 0
  #outOfBounds = 0

  constructor(target: Target, cache: SeriesCache, body: ScrapedBody, scrapedAtMs: number) {
    this.#target = target
    this.#cache = cache
    this.#parser = new ExpositionParser(body.bytes, { format: body.format })
    this.#scrapedAtMs = scrapedAtMs
  }

  counts(): Omit<ScrapeContent, 'samples' | 'gone' | 'failure'> {
    return {
      scraped: this.#scraped,
      kept: this.#kept,
      added: this.#added,
      duplicates: this.#duplicates,
      outOfBounds: this.#outOfBounds,
    }
  }

  async run(): Promise<AppError | undefined> {
    const turn = new Turn()
    try {
      for (let entry = this.#parser.next(); entry !== 'end'; entry = this.#parser.next()) {
        if (entry === 'sample') this.#sample()
        else this.#metadata(entry)
        if (turn.isOver()) await turn.pass()
      }
    } catch (reason) {
      return AppError.from(reason)
    }
    const { sampleLimit = Infinity } = this.#target.job
    if (this.#kept <= sampleLimit) return undefined
    return new AppError('too_large', `${String(this.#kept)} samples exceed the sampleLimit of ${String(sampleLimit)}`)
  }

  #metadata(kind: 'type' | 'help' | 'unit'): void {
    const { family: name, type, text } = this.#parser
    if (this.#family?.name !== name) this.#family = this.#cache.family(name)
    if (kind === 'type') this.#family.type = type
    else this.#family[kind] = text
  }

  #sample(): void {
    this.#scraped += 1
    const cached = this.#cache.lookUp(this.#parser, this.#family)
    if (cached.isCreation) this.#learnCreation(cached)
    const { series } = cached
    if (series === undefined) return
    this.#kept += 1
    // Over the limit the scrape has failed; what is left to do is to count.
    if (this.#kept <= (this.#target.job.sampleLimit ?? Infinity)) this.#keep(cached, series)
  }

  #keep(cached: CachedSeries, series: Series): void {
    const explicitMs = this.#target.job.honorTimestamps ? this.#parser.timestampMs : undefined
    const timestampMs = explicitMs === undefined ? this.#scrapedAtMs : Math.round(explicitMs)
    const isRepeated = series.seenIn === this.#cache.scrape
    if (series.seenIn === 0) this.#added += 1
    if (isRepeated && (explicitMs === undefined || series.lastTimestampMs === timestampMs)) {
      this.#duplicates += 1
      return
    }
    series.seenIn = this.#cache.scrape
    series.lastTimestampMs = timestampMs
    if (Math.abs(timestampMs) > Number.MAX_SAFE_INTEGER || timestampMs > this.#scrapedAtMs + MAX_AHEAD_MS) {
      this.#outOfBounds += 1
      return
    }
    const tracks = explicitMs === undefined || this.#target.job.trackTimestampsStaleness
    if (tracks && !isRepeated) this.tracked.push(series)
    this.samples.push({
      series,
      value: this.#parser.value,
      timestampMs,
      family: cached.isMember ? cached.family : undefined,
      creation: cached.creation,
      exemplar: this.#parser.hasExemplar ? this.#newExemplar(series, timestampMs) : undefined,
    })
  }

  #learnCreation({ creation }: CachedSeries): void {
    if (creation === undefined) return
    const startMs = Math.round(this.#parser.value * 1000)
    if (!Number.isSafeInteger(startMs)) return
    creation.toldIn = this.#cache.scrape
    creation.startMs = startMs
  }

  /** The sample's exemplar, unless it is the one that the series already had. */
  #newExemplar(series: Series, sampleMs: number): ScrapedExemplar | undefined {
    const key = this.#parser.exemplarKey()
    if (key === series.lastExemplar) return undefined
    series.lastExemplar = key
    const { labels, value, timestampMs } = this.#parser.exemplar()
    const at = timestampMs === undefined ? sampleMs : Math.round(timestampMs)
    return Number.isSafeInteger(at) ? { labels: sortPairs(labels), value, timestampMs: at } : undefined
  }
}

function sortPairs(labels: readonly string[]): readonly string[] {
  const pairs: [string, string][] = []
  for (let i = 0; i < labels.length; i += 2) pairs.push([labels[i] ?? '', labels[i + 1] ?? ''])
  return pairs.sort(([a], [b]) => (a < b ? -1 : 1)).flat()
}
