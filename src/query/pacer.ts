import { setImmediate as nextTurn } from 'node:timers/promises'
import { AppError } from '../core/index.ts'

/** How long one query may hold the thread before others and the cancellation get a turn. */
const TURN_MS = 20

/** Keeps long computations polite: between two pieces of work, `if (pacer.due()) await pacer.pause()`. */
export interface Pacer {
  due(): boolean
  /** Gives the thread away once; throws the reason when the query was cancelled meanwhile. */
  pause(): Promise<void>
}

export function createPacer(signal: AbortSignal): Pacer {
  let turnStart = performance.now()
  return {
    due: () => performance.now() - turnStart > TURN_MS,
    pause: async () => {
      await nextTurn()
      throwIfAborted(signal)
      turnStart = performance.now()
    },
  }
}

/** Throws an AppError when the signal was aborted: its reason if that is one, else `cancelled`. */
function throwIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return
  if (signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError') {
    throw new AppError('timeout', 'query timed out', { cause: signal.reason })
  }
  throw AppError.from(signal.reason, 'cancelled')
}
