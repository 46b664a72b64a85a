import { AppError, Backoff, type Clock, type Component, type Logger, type Metrics } from '../../../core/index.ts'
import type { SpanMetricsSettings } from '../../../fleet/index.ts'
import type { Batch, Identity } from '../../../model/index.ts'
import { decodeRecord } from '../../../pipeline/index.ts'
import type { Cursor, LogReader, LogRecord } from '../../../queue/index.ts'
import { Books } from './books.ts'
import { CountedSoFar, encodeCheckpoint, type Place, placeOf, SPAN_METRICS } from './checkpoint.ts'
import { LogTime } from './log-time.ts'
import { createMeters, type SpanMetricsMeters } from './meters.ts'
import { renderBook } from './render-series.ts'
import type { SeriesBook } from './series-book.ts'
import { ServiceGraph } from './service-graph.ts'
import { SpanCounter } from './span-counter.ts'
import { SpanSeries } from './span-series.ts'

export interface SpanMetricsOptions {
  readonly settings: SpanMetricsSettings
  readonly reader: Pick<LogReader, 'position' | 'next' | 'seek' | 'recycle'>
  readonly cursor: Pick<Cursor, 'position' | 'intent' | 'commitIntent'>
  /** The sequence behind the last durable record. */
  readonly durableEnd: () => number
  /** Appends batches to the same log. Rejects if one of them is not in it; the others may be. */
  readonly deliver: (batches: readonly Batch[]) => Promise<void>
  /** Told of what was counted without series of its own. Must not throw. */
  readonly onOverflow?: (identity: Identity, observations: number) => void
  /** Told of each saved position from which on the log is needed. Must not throw. */
  readonly onPosition?: (position: number) => void
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

/** A connector reads the log and writes to it. */
export interface SpanMetricsConnector extends Component {
  /** Gives up what lies below this sequence and is not counted yet. */
  drop(below: number): void
}

const MAX_RECORDS = 1_000
const READ_BYTES = 4 << 20
const BACKOFF = { initialMs: 100, maxMs: 10_000 }
/** Series that nothing came for end, so that those of pods and versions that are gone make room. */
const IDLE_AFTER_MS = 15 * 60_000

/**
 * Derives metrics from the spans of the hub's log and appends them to it, as a source of their own for each cluster.
 *
 * Counters begin at zero with each start, which queries see as the counter resets they are. Each batch carries the
 * sequence up to which the log is counted in it, so the log has a batch and this fact, or neither. A start reads the
 * log once more from a little before what its cursor says, and counts for each cluster what lies behind its own newest
 * batch: nothing is counted twice, and nothing is left out.
 */
export function createSpanMetrics(options: SpanMetricsOptions): SpanMetricsConnector {
  return new Connector(options)
}

/** What one life has: made anew when something goes wrong, from what the log says. */
interface Life {
  readonly books: Books
  readonly graph: ServiceGraph
  readonly counter: SpanCounter
  readonly time: LogTime
  /** Of the newest samples, or the beginning of this life. */
  newestMs: number
}

class Connector implements SpanMetricsConnector {
  readonly name = 'span metrics'
  readonly #options: SpanMetricsOptions
  readonly #meters: SpanMetricsMeters
  readonly #stop = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #flushing: Promise<void> = Promise.resolve()
  #isFlushing = false
  #dropBelow = 0

  constructor(options: SpanMetricsOptions) {
    this.#options = options
    this.#meters = createMeters(options.metrics)
  }

  start(): Promise<void> {
    this.#running = this.#run()
    return Promise.resolve()
  }

  async shutdown(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  drop(below: number): void {
    this.#dropBelow = Math.max(this.#dropBelow, below)
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#options
    const backoff = new Backoff(clock, BACKOFF)
    while (!this.#stop.signal.aborted) {
      try {
        const life = await this.#begin()
        backoff.reset()
        await this.#follow(life)
      } catch (reason) {
        const error = AppError.from(reason, 'internal', 'span metrics')
        log.error({ code: error.code, error: error.message }, 'span metrics: beginning again')
        // What was on its way may be in the log: it has to be before that is read again.
        await this.#flushing
        await backoff.wait(this.#stop.signal)
      }
    }
    await this.#flushing
  }

  async #begin(): Promise<Life> {
    const { settings, reader, cursor, clock, log } = this.#options
    const place = placeOf(cursor)
    await this.#save(place)
    const newer = await this.#readCounted(place.from, this.#options.durableEnd())
    await reader.seek(place.from)
    const books = new Books({
      bounds: settings.buckets,
      maxSeriesPerCluster: settings.maxSeriesPerCluster,
      counted: place.counted,
      countedBelow: newer.countedBelow,
    })
    const newestMs = Math.max(clock.now(), newer.newestMs)
    books.startMs = newestMs + 1
    const { requests } = this.#meters
    const graph = new ServiceGraph(books, {
      waitMs: settings.wait,
      maxPending: settings.maxPending,
      onFate: (outcome) => requests.inc({ outcome }),
    })
    const { dimensions } = settings
    const series = new SpanSeries(books, { dimensions, withoutIds: settings.spanNames === 'without-ids' })
    log.info(place, 'span metrics begin')
    return {
      books,
      graph,
      counter: new SpanCounter(books, { series, graph, dimensions }),
      // The other side of a request may have arrived so long before, and that one is not to be taken for missing.
      time: new LogTime(place.from, 2 * settings.wait),
      newestMs,
    }
  }

  /** What was counted in the batches that stand behind the saved place. */
  async #readCounted(from: number, to: number): Promise<CountedSoFar> {
    const { reader } = this.#options
    const counted = new CountedSoFar()
    await reader.seek(from)
    while (reader.position < to && !this.#stop.signal.aborted) {
      for (const record of await this.#read(0)) {
        const batch = decode(record)
        if (batch !== undefined) counted.see(batch.envelope, record.sequence)
      }
      reader.recycle(reader.position)
    }
    return counted
  }

  #read(waitMs: number): Promise<readonly LogRecord[]> {
    const { signal } = this.#stop
    return this.#options.reader.next({ maxRecords: MAX_RECORDS, maxBytes: READ_BYTES, signal, waitMs })
  }

  async #follow(life: Life): Promise<void> {
    const { settings, reader, clock } = this.#options
    let dueMs = clock.now() + settings.interval
    while (!this.#stop.signal.aborted) {
      for (const record of await this.#read(Math.max(0, dueMs - clock.now()))) this.#take(life, record)
      reader.recycle(reader.position)
      if (clock.now() < dueMs) continue
      dueMs = Math.max(dueMs + settings.interval, clock.now())
      if (!this.#isFlushing) this.#flush(life)
    }
  }

  #take(life: Life, record: LogRecord): void {
    const batch = decode(record)
    if (batch === undefined) return
    const { sequence } = record
    const { envelope } = batch
    life.books.sequence = sequence
    life.time.see(sequence, envelope.receivedAtMs)
    life.graph.expire(life.time.nowMs)
    if (envelope.signal !== 'traces') return
    if (sequence < this.#dropBelow) {
      this.#meters.notCounted.inc({ reason: 'backlog' }, envelope.items)
      return
    }
    try {
      const spans = life.counter.count(batch, life.time.nowMs)
      this.#meters.spans.inc({ source_cluster: envelope.identity.cluster }, spans)
    } catch (reason) {
      if (AppError.from(reason).code !== 'invalid') throw reason
      this.#meters.notCounted.inc({ reason: 'undecodable' }, envelope.items)
    }
  }

  /** Renders all series as of now, and brings them into the log while more spans are counted. */
  #flush(life: Life): void {
    const { clock } = this.#options
    const stop = this.#meters.flushSeconds.startTimer()
    const counted = this.#options.reader.position
    const place = { from: Math.min(life.time.startOfStretch, counted), counted }
    // Later than all samples before, and than the zeros that stand one behind them.
    const atMs = Math.max(clock.now(), life.newestMs + 2)
    const rendered: SeriesBook[] = []
    const batches: Batch[] = []
    for (const book of life.books) {
      this.#measure(book)
      const result = renderBook(book, atMs, IDLE_AFTER_MS)
      if (result === undefined) continue
      rendered.push(book)
      batches.push(toBatch(book.identity, result, { counted, atMs }))
    }
    this.#meters.pending.set(life.graph.pending)
    stop()
    life.newestMs = atMs
    life.books.startMs = atMs + 1
    this.#isFlushing = true
    this.#flushing = this.#deliver(batches, rendered, place).finally(() => {
      this.#isFlushing = false
    })
  }

  /** Never rejects: what could not be appended comes with the next flush, which has the same counters. */
  async #deliver(batches: readonly Batch[], rendered: readonly SeriesBook[], place: Place): Promise<void> {
    const { deliver, cursor, log } = this.#options
    try {
      if (batches.length > 0) await deliver(batches)
      for (const book of rendered) book.settle()
      await this.#save(place)
    } catch (reason) {
      this.#meters.failedFlushes.inc()
      log.warn({ error: AppError.from(reason).message }, 'span metrics: series not appended; trying again')
      // The log may be full because of us: what we were told to give up is given up all the same.
      const below = Math.min(this.#dropBelow, place.counted)
      if (below > placeOf(cursor).from) await this.#save({ from: below, counted: below }).catch(() => undefined)
    }
  }

  async #save(place: Place): Promise<void> {
    await this.#options.cursor.commitIntent(place)
    this.#options.onPosition?.(place.from)
  }

  #measure(book: SeriesBook): void {
    const { identity } = book
    const of = { source_cluster: identity.cluster }
    this.#meters.series.set(of, book.series)
    const overflowed = book.takeOverflowed()
    if (overflowed === 0) return
    this.#meters.overflowed.inc(of, overflowed)
    this.#options.onOverflow?.(identity, overflowed)
  }
}

/** Undefined for a record that cannot be decoded: the store keeps it as a dead letter. */
function decode({ bytes }: LogRecord): Batch | undefined {
  try {
    return decodeRecord(bytes)
  } catch (reason) {
    if (AppError.from(reason).code === 'corrupt') return undefined
    throw reason
  }
}

function toBatch(
  identity: Identity,
  { payload, items }: { readonly payload: Uint8Array; readonly items: number },
  checkpoint: { readonly counted: number; readonly atMs: number },
): Batch {
  const { atMs } = checkpoint
  return {
    envelope: {
      signal: 'metrics',
      format: 'remote-write-2',
      items,
      identity,
      source: SPAN_METRICS,
      collectedAtMs: atMs,
      receivedAtMs: atMs,
      checkpoint: encodeCheckpoint(checkpoint),
    },
    payload,
  }
}
