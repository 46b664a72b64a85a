import { AppError, Backoff, type Clock, type Counter, type Logger } from '../../core/index.ts'
import type { StoreClient } from '../client.ts'
import type { EncodedBlock } from './encoded-block.ts'

const BACKOFF = { initialMs: 100, maxMs: 10_000 }

/** An engine in trouble may call anything wrong: only what it refuses this often is taken to be refused. */
const ATTEMPTS_BEFORE_REFUSED = 3

/** A block that always meets a limit (memory, time) has a better chance in pieces. */
const ATTEMPTS_BEFORE_TOO_BIG = 10

export interface BlockInserterOptions {
  readonly client: Pick<StoreClient, 'insertNative'>
  readonly clock: Clock
  readonly log: Logger
  readonly failures: Counter<'code'>
}

/** What became of a block. */
export type InsertOutcome = { readonly stored: true } | { readonly stored: false; readonly error: AppError }

/** Inserts one block after the other and does not give up on any: neither an absent engine nor a full disk loses rows. */
export class BlockInserter {
  readonly #options: BlockInserterOptions

  constructor(options: BlockInserterOptions) {
    this.#options = options
  }

  /**
   * Repeats the insert until the engine has stored the block or has made clear that it never will: it refuses the
   * block, yet takes the same columns without rows. Throws `cancelled` when the signal aborts.
   */
  async insert(block: EncodedBlock, token: string, signal: AbortSignal): Promise<InsertOutcome> {
    const { client, clock, log, failures } = this.#options
    const backoff = new Backoff(clock, BACKOFF)
    for (let attempt = 1; ; attempt++) {
      throwIfAborted(signal, token)
      try {
        await orAborted(client.insertNative(block.table, block.columns, block.bytes, token), signal)
        return { stored: true }
      } catch (reason) {
        throwIfAborted(signal, token)
        const error = AppError.from(reason, 'unavailable', `insert ${token}`)
        failures.inc({ code: error.code })
        log.warn({ table: block.table, token, attempt, code: error.code, error: error.message }, 'insert failed')
        if (isHopeless(error, attempt) && (await orAborted(this.#takesEmpty(block, token), signal)))
          return { stored: false, error }
        await backoff.wait(signal, error.retryAfterMs)
      }
    }
  }

  async #takesEmpty(block: EncodedBlock, token: string): Promise<boolean> {
    try {
      await this.#options.client.insertNative(block.table, block.columns, block.empty, `${token}:empty`)
      return true
    } catch {
      // The table is missing, or changed, or the engine is away: that is not the block's fault.
      return false
    }
  }
}

function throwIfAborted(signal: AbortSignal, token: string): void {
  if (signal.aborted) throw new AppError('cancelled', `insert ${token}: cancelled`)
}

/**
 * What `work` comes to, or a rejection as soon as the signal aborts. The work goes on: an insert whose end nobody
 * waited for is repeated under its token by the next start.
 */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = (): void => undefined
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(new AppError('cancelled', 'insert: cancelled'))
    }
    signal.addEventListener('abort', stop)
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

function isHopeless(error: AppError, attempt: number): boolean {
  // Somebody stopped the statement; that says nothing about the block.
  if (error.code === 'cancelled') return false
  if (!error.retryable) return attempt >= ATTEMPTS_BEFORE_REFUSED
  return (error.code === 'exhausted' || error.code === 'timeout') && attempt >= ATTEMPTS_BEFORE_TOO_BIG
}
