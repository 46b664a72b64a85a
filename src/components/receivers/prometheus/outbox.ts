import { AppError, type Logger } from '../../../core/index.ts'
import type { Batch } from '../../../model/index.ts'
import type { Consumer } from '../../../pipeline/index.ts'
import type { ScrapeMeters } from './meters.ts'

export interface OutboxOptions {
  readonly next: Consumer
  readonly limitBytes: number
  readonly meters: ScrapeMeters
  readonly log: Logger
}

/**
 * Hands batches to the pipeline. One that is refused for the moment (a full disk, a log that is just being rotated) is
 * kept in memory and tried again before the next batch of the same target, so that each target's samples stay in order
 * of time and a short trouble leaves no hole. Over the limit the oldest batch of all goes, since fresh samples are
 * worth more; what is refused for good goes at once. Both are counted.
 */
export class Outbox {
  /** What waits for another try. */
  pendingBytes = 0
  readonly #options: OutboxOptions
  /** By target; no empty lists. */
  readonly #pending = new Map<string, Batch[]>()

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** Never rejects. Calls for one target must not overlap. */
  async send(target: string, batch: Batch): Promise<void> {
    this.#keep(target, batch)
    await this.flush(target)
  }

  /** Tries what waits of the target, in order, up to the first that is refused for the moment. */
  async flush(target: string): Promise<void> {
    for (;;) {
      const batch = this.#pending.get(target)?.[0]
      if (batch === undefined) return
      try {
        await this.#options.next(batch)
        this.#remove(target, batch)
      } catch (reason) {
        const error = AppError.from(reason)
        if (error.retryable) {
          this.#options.meters.deferred.inc({ code: error.code })
          return
        }
        if (this.#remove(target, batch)) this.#drop(batch, error.code, error)
      }
    }
  }

  #keep(target: string, batch: Batch): void {
    const waiting = this.#pending.get(target)
    if (waiting === undefined) this.#pending.set(target, [batch])
    else waiting.push(batch)
    this.pendingBytes += batch.payload.length
    // A batch just made is always tried once, whatever its size.
    while (this.pendingBytes > this.#options.limitBytes && this.#evictOldest(batch)) continue
  }

  #evictOldest(except: Batch): boolean {
    let oldest: readonly [target: string, batch: Batch] | undefined
    for (const [target, [first]] of this.#pending) {
      if (first === undefined || first === except) continue
      if (oldest === undefined || first.envelope.collectedAtMs < oldest[1].envelope.collectedAtMs) {
        oldest = [target, first]
      }
    }
    if (oldest === undefined) return false
    this.#remove(...oldest)
    this.#drop(oldest[1], 'pending_full')
    return true
  }

  /** False if it had been evicted while it was on its way: then it arrived or was counted all the same. */
  #remove(target: string, batch: Batch): boolean {
    const waiting = this.#pending.get(target)
    const at = waiting?.indexOf(batch) ?? -1
    if (waiting === undefined || at === -1) return false
    waiting.splice(at, 1)
    if (waiting.length === 0) this.#pending.delete(target)
    this.pendingBytes -= batch.payload.length
    return true
  }

  #drop({ envelope }: Batch, reason: string, error?: AppError): void {
    this.#options.meters.dropped.inc({ reason }, envelope.items)
    this.#options.log.warn({ reason, samples: envelope.items, error: error?.message }, 'scraped samples dropped')
  }
}
