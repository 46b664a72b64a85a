import { AppError, type Clock } from '../../core/index.ts'
import type { Batch, Identity, PayloadFormat, Signal } from '../../model/index.ts'
import type { TimeWindow } from '../../wire/index.ts'
import type { Consumer } from '../consumer.ts'

/** Items that were refused at the door, in words for counting and for people; never with values of theirs. */
export interface RejectedItems {
  /** Absent where the request was not even decoded. */
  readonly signal?: Signal
  readonly reason: string
  /** How many; a request that cannot be read counts as one. */
  readonly items: number
  readonly detail?: string
}

/** What a receiver of another form than OTLP needs; it makes batches without ids, which are taken at least once. */
export interface WriteReceiverOptions {
  readonly clock: Clock
  readonly next: Consumer
  /** Of one request after decompression. */
  readonly maxRequestBytes: number
  readonly windowOf: (identity: Identity, signal: Signal) => TimeWindow
  /** Told of what is refused for good. */
  readonly onRejected: (identity: Identity, source: string, rejected: RejectedItems) => void
}

/** A batch that was taken in now. `source` is the kind of receiver. */
export function createBatch(
  clock: Clock,
  of: {
    readonly identity: Identity
    readonly source: string
    readonly signal: Signal
    readonly format: PayloadFormat
    readonly items: number
    readonly payload: Uint8Array
  },
): Batch {
  const { payload, ...about } = of
  const nowMs = clock.now()
  return { envelope: { ...about, collectedAtMs: nowMs, receivedAtMs: nowMs }, payload }
}

/** What a reader of a format says of the bad parts of a request that it left out. */
export interface ReadVerdict {
  /** Refused items by reason. */
  readonly rejected: ReadonlyMap<string, number>
  readonly firstProblem: string | undefined
}

/**
 * Counts what was left out of a request, once the rest is safe: a request that is sent again must not count twice.
 * Returns what to tell the sender, or undefined when nothing was left out.
 */
export function reportLeftOut(
  { onRejected }: WriteReceiverOptions,
  of: { readonly identity: Identity; readonly source: string; readonly signal: Signal },
  { rejected, firstProblem }: ReadVerdict,
): string | undefined {
  if (rejected.size === 0) return undefined
  const { identity, source, signal } = of
  const detail = firstProblem === undefined ? {} : { detail: firstProblem }
  let items = 0
  for (const [reason, count] of rejected) {
    items += count
    onRejected(identity, source, { signal, reason, items: count, ...detail })
  }
  const reasons = [...rejected].map(([reason, count]) => `${reason}: ${String(count)}`).join(', ')
  return `${String(items)} items were refused (${reasons}); first, ${firstProblem ?? 'no detail'}`
}

/** Reads a request; what cannot be read at all is counted as one item, because it will never be stored. */
export function readOrReport<T>(
  { onRejected }: WriteReceiverOptions,
  of: { readonly identity: Identity; readonly source: string; readonly signal: Signal },
  read: () => T,
): T {
  try {
    return read()
  } catch (reason) {
    const error = AppError.from(reason)
    const { identity, source, signal } = of
    if (error.code === 'invalid' || error.code === 'too_large') {
      onRejected(identity, source, { signal, reason: 'malformed', items: 1, detail: error.message })
    }
    throw error
  }
}
