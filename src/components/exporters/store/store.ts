import { AppError, Backoff, type Clock, type Component, type Logger } from '../../../core/index.ts'
import type { Cursor, LogReader, LogRecord } from '../../../queue/index.ts'
import type { PreparedFlush, StoreWriter } from '../../../storage/index.ts'
import type { StoreExporterConfig } from './config.ts'
import { type Intent, parseIntent } from './intent.ts'
import { type StoreProgress, summarise } from './progress.ts'

export interface StoreExporterOptions {
  readonly config: Pick<StoreExporterConfig, 'flushIntervalMs' | 'flushBytes'>
  readonly reader: Pick<LogReader, 'epoch' | 'position' | 'next' | 'seek' | 'recycle'>
  readonly cursor: Pick<Cursor, 'position' | 'intent' | 'commit' | 'commitIntent'>
  readonly writer: Pick<StoreWriter, 'prepare' | 'store' | 'reset'>
  readonly clock: Clock
  readonly log: Logger
  /**
   * Called before the first flush of this life, when the engine has everything below the position and nothing above:
   * the ledger in it is exact as of there. When it rejects, it is called again.
   */
  readonly onBegin?: (position: number, signal: AbortSignal) => Promise<void>
  /** Called after each flush; for one that was repeated at the start, before `onBegin`. Must not throw. */
  readonly onStored: (progress: StoreProgress) => void
}

const MAX_RECORDS = 10_000
const BACKOFF = { initialMs: 100, maxMs: 10_000 }

/** A log that ends before the end of an unfinished flush has lost records: do not wait for them for ever. */
const MISSING_RECORDS_WAIT_MS = 1000

/**
 * Reads the durable log and stores what it reads. One flush is made ready while the one before is inserted.
 *
 * Before a flush is inserted, its bounds are committed as the cursor's intent; after it, the cursor's position. A start
 * that finds an intent does that flush again with the same bounds, and so with the same tokens: what the engine has of
 * it already is not stored twice.
 */
export function createStoreExporter(options: StoreExporterOptions): Component {
  return new StoreExporter(options)
}

/** Records of consecutive sequences; where the log has gaps, some have none. */
interface Collected {
  readonly first: number
  readonly last: number
  readonly records: readonly LogRecord[]
}

class StoreExporter implements Component {
  readonly name = 'store exporter'
  readonly #options: StoreExporterOptions
  /** Ends reading; what was read is still stored. */
  readonly #stop = new AbortController()
  /** Ends storing too. */
  readonly #abandon = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #lastFlushMs = -Infinity
  #hasBegun = false

  constructor(options: StoreExporterOptions) {
    this.#options = options
  }

  start(): Promise<void> {
    this.#running = this.#run()
    return Promise.resolve()
  }

  async shutdown(signal: AbortSignal): Promise<void> {
    this.#stop.abort()
    const abandon = (): void => {
      this.#abandon.abort()
    }
    if (signal.aborted) abandon()
    signal.addEventListener('abort', abandon)
    await this.#running
    signal.removeEventListener('abort', abandon)
  }

  /** Begins at the cursor again after whatever goes wrong, until stopped. */
  async #run(): Promise<void> {
    const { writer, clock, log } = this.#options
    const backoff = new Backoff(clock, BACKOFF)
    while (!this.#stop.signal.aborted) {
      try {
        await this.#repeatUnfinished()
        await this.#begin()
        await this.#follow(backoff)
      } catch (reason) {
        const error = AppError.from(reason, 'internal', 'store exporter')
        if (error.code === 'cancelled') return
        log.error({ code: error.code, error: error.message }, 'storing failed; beginning again at the cursor')
        writer.reset()
        await backoff.wait(this.#stop.signal)
      }
    }
  }

  async #begin(): Promise<void> {
    if (this.#hasBegun) return
    await this.#options.onBegin?.(this.#options.cursor.position, this.#stop.signal)
    this.#hasBegun = true
  }

  /** Does the flush again that was under way when the cursor was last held, if there was one. */
  async #repeatUnfinished(): Promise<void> {
    const { cursor, reader, writer, clock, log } = this.#options
    const intent = parseIntent(cursor.intent)
    await reader.seek(intent?.first ?? cursor.position)
    if (intent === undefined) return
    log.info({ first: intent.first, last: intent.last }, 'repeating the flush that was under way')
    const records = await this.#readUpTo(intent.last)
    await this.#store(writer.prepare(records), intent)
    await reader.seek(intent.last + 1)
    this.#lastFlushMs = clock.now()
  }

  async #readUpTo(last: number): Promise<readonly LogRecord[]> {
    const { reader } = this.#options
    const records: LogRecord[] = []
    while (reader.position <= last) {
      const before = reader.position
      const signal = this.#stop.signal
      const maxRecords = last + 1 - reader.position
      const read = await reader.next({ maxRecords, maxBytes: Infinity, signal, waitMs: MISSING_RECORDS_WAIT_MS })
      if (signal.aborted) throw new AppError('cancelled', 'store exporter: stopped')
      records.push(...read.filter(({ sequence }) => sequence <= last))
      if (read.length === 0 && reader.position === before) break
    }
    return records
  }

  async #follow(backoff: Backoff): Promise<void> {
    const { writer, clock } = this.#options
    let storing = Promise.resolve()
    try {
      while (!this.#stop.signal.aborted) {
        const collected = await this.#collect()
        if (collected === undefined) continue
        this.#lastFlushMs = clock.now()
        const flush = writer.prepare(collected.records)
        await storing
        backoff.reset()
        storing = this.#store(flush, { first: collected.first, last: collected.last, refused: [] })
        // Awaited in the next round; until then its failure must not look forgotten.
        storing.catch(() => undefined)
      }
    } finally {
      // Nobody begins again at the cursor while this is still moving it.
      await storing
    }
  }

  /** Waits for records, and then for more until the flush is full or due. Undefined when there were none. */
  async #collect(): Promise<Collected | undefined> {
    const { config, reader, clock } = this.#options
    const { signal } = this.#stop
    const first = reader.position
    const records: LogRecord[] = []
    let bytes = 0
    const take = async (waitMs?: number): Promise<void> => {
      const maxBytes = config.flushBytes - bytes
      const read = await reader.next({
        maxRecords: MAX_RECORDS - records.length,
        maxBytes,
        signal,
        ...(waitMs === undefined ? {} : { waitMs }),
      })
      for (const record of read) bytes += record.bytes.length
      records.push(...read)
    }
    await take()
    const dueMs = this.#lastFlushMs + config.flushIntervalMs
    for (let leftMs = dueMs - clock.now(); leftMs > 0 && !signal.aborted; leftMs = dueMs - clock.now()) {
      if (bytes >= config.flushBytes || records.length >= MAX_RECORDS) break
      await take(leftMs)
    }
    return reader.position === first ? undefined : { first, last: reader.position - 1, records }
  }

  async #store(flush: PreparedFlush, { first, last, refused }: Intent): Promise<void> {
    const { cursor, reader, writer } = this.#options
    await cursor.commitIntent({ first, last, refused })
    const plan = {
      range: { epoch: reader.epoch, first, last },
      refused,
      onRefused: (more: readonly string[]) => cursor.commitIntent({ first, last, refused: more }),
    }
    const batches = await writer.store(flush, plan, this.#abandon.signal)
    await cursor.commit(last + 1)
    reader.recycle(last + 1)
    this.#options.onStored(summarise(last + 1, batches))
  }
}
