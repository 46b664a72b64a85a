import { RemoteWriteWriter } from '../../../wire/index.ts'
import { formatBound } from '../../../wire/prometheus/index.ts'
import type { Family } from './families.ts'
import type { LatencyHistogram } from './latency-histogram.ts'
import type { Entry, SeriesBook } from './series-book.ts'

export interface RenderedBook {
  /** Remote write 2.0. */
  readonly payload: Uint8Array
  readonly items: number
}

/** What a series gets: its value, before the first one its zero, or its end. */
interface Moment {
  readonly timeMs: number
  readonly startMs: number
  readonly isFirst: boolean
  readonly isLast: boolean
}

/**
 * One sample for each series of the book, undefined if it has none. A series begins with a zero where it started, so
 * that what came before its first sample is seen as an increase; one for which nothing came in `idleAfterMs` ends with
 * a stale marker. The caller says with `book.settle()` that what was rendered is safe.
 */
export function renderBook(book: SeriesBook, timeMs: number, idleAfterMs: number): RenderedBook | undefined {
  const renderer = new Renderer(book.bounds)
  for (const entry of book.entries()) {
    if (entry.isTouched) entry.idleSinceMs = timeMs
    entry.isEnding = timeMs - entry.idleSinceMs >= idleAfterMs
    entry.isTouched = false
    entry.isRendered = true
    renderer.entry(entry, timeMs)
  }
  return renderer.finish()
}

class Renderer {
  readonly #writer = new RemoteWriteWriter()
  readonly #bounds: readonly string[]
  readonly #described = new Set<Family>()

  constructor(bounds: readonly number[]) {
    this.#bounds = [...bounds.map(formatBound), '+Inf']
  }

  entry(entry: Entry, timeMs: number): void {
    const { shape, startMs, isWritten, isEnding } = entry
    const moment = { timeMs, startMs, isFirst: !isWritten, isLast: isEnding }
    for (const family of shape.gauges) this.#gauge(family, entry, moment)
    shape.counters.forEach((family, i) => {
      this.#writer.beginSeries(withLabels(entry.labels, ['__name__', family.name]))
      this.#value(entry.counters[i] ?? 0, moment)
      this.#describe(family, 'counter')
      this.#writer.endSeries()
    })
    shape.histograms.forEach((family, i) => {
      const histogram = entry.histograms[i]
      if (histogram !== undefined) this.#histogram(family, entry, histogram, moment)
    })
  }

  finish(): RenderedBook | undefined {
    const { items } = this.#writer
    return items === 0 ? undefined : { payload: this.#writer.finish(), items }
  }

  #gauge(family: Family, { labels }: Entry, { timeMs, isLast }: Moment): void {
    this.#writer.beginSeries(withLabels(labels, ['__name__', family.name]))
    if (isLast) this.#writer.staleMarker(timeMs)
    else this.#writer.sample(1, timeMs)
    this.#describe(family, 'gauge')
    this.#writer.endSeries()
  }

  #histogram(family: Family, { labels }: Entry, histogram: LatencyHistogram, moment: Moment): void {
    const writer = this.#writer
    const bucketLabels = withLabels(labels, ['__name__', `${family.name}_bucket`], ['le', ''])
    const leAt = bucketLabels.indexOf('le') + 1
    let total = 0
    this.#bounds.forEach((bound, i) => {
      total += histogram.counts[i] ?? 0
      bucketLabels[leAt] = bound
      writer.beginSeries(bucketLabels)
      this.#value(total, moment)
      const exemplar = histogram.exemplar(i)
      if (exemplar !== undefined && !moment.isLast) {
        const { traceId, spanId, seconds, timeMs } = exemplar
        writer.exemplar(['span_id', spanId, 'trace_id', traceId], seconds, Math.min(timeMs, moment.timeMs))
      }
      this.#describe(family, 'histogram')
      writer.endSeries()
    })
    for (const [suffix, value] of [
      ['_sum', histogram.sum],
      ['_count', histogram.count],
    ] as const) {
      writer.beginSeries(withLabels(labels, ['__name__', `${family.name}${suffix}`]))
      this.#value(value, moment)
      writer.endSeries()
    }
    histogram.forgetExemplars()
  }

  #value(value: number, { timeMs, startMs, isFirst, isLast }: Moment): void {
    if (isLast) {
      this.#writer.staleMarker(timeMs)
      return
    }
    if (isFirst) this.#writer.sample(0, startMs)
    this.#writer.sample(value, timeMs, startMs)
  }

  /** Once in a request is enough. */
  #describe(family: Family, type: 'gauge' | 'counter' | 'histogram'): void {
    if (this.#described.has(family)) return
    this.#described.add(family)
    this.#writer.metadata(type, family.help, '')
  }
}

/** Adds pairs to labels that are in order, so that they are in order again. */
function withLabels(
  labels: readonly string[],
  ...added: readonly (readonly [name: string, value: string])[]
): string[] {
  const all: string[] = []
  let next = 0
  for (let i = 0; i < labels.length; i += 2) {
    const name = labels[i] ?? ''
    for (let pair = added[next]; pair !== undefined && pair[0] < name; pair = added[++next]) all.push(...pair)
    all.push(name, labels[i + 1] ?? '')
  }
  for (const pair of added.slice(next)) all.push(...pair)
  return all
}
