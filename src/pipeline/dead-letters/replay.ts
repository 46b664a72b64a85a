import { AppError, type Clock, type Logger, messageOf } from '../../core/index.ts'
import type { DeadLetterBox, LetterName } from './box.ts'
import type { DeadLetter } from './letter.ts'

/** `later`: it cannot be delivered now. `refused`: it never can, and waits for somebody to decide once more. */
export type ReplayOutcome = 'delivered' | 'later' | 'refused'

export interface LetterReplayOptions {
  readonly box: DeadLetterBox
  readonly consumer: string
  /**
   * Delivers a letter under a name of its own, so that delivering it twice is delivering it once: a crash may come
   * between the delivery and the removal of the letter. A rejection means `later`, or `refused` if it says that it can
   * not be retried.
   */
  readonly deliver: (letter: DeadLetter, signal: AbortSignal) => Promise<ReplayOutcome>
  /** How often it is looked for marked letters; default 5 s. */
  readonly lookAgainMs?: number
  readonly clock: Clock
  readonly log: Logger
}

const LOOK_AGAIN_MS = 5_000

/** Delivers the letters of one reader of the log that somebody has marked, in the order of the log, one at a time. */
export class LetterReplay {
  readonly #options: LetterReplayOptions
  #round: Promise<void> = Promise.resolve()

  constructor(options: LetterReplayOptions) {
    this.#options = options
  }

  /** Delivers what is marked now; resolves when that is done or has to wait. Never rejects. */
  deliverMarked(signal: AbortSignal): Promise<void> {
    this.#round = this.#round.then(() => this.#deliverMarked(signal))
    return this.#round
  }

  /** Looks for marked letters until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.deliverMarked(signal)
      await this.#options.clock.sleep(this.#options.lookAgainMs ?? LOOK_AGAIN_MS, signal)
    }
  }

  async #deliverMarked(signal: AbortSignal): Promise<void> {
    const { box, consumer, log } = this.#options
    try {
      for (const id of await box.marked(consumer)) {
        if (signal.aborted || (await this.#replay({ consumer, id }, signal)) === 'later') return
      }
    } catch (reason) {
      log.warn({ consumer, error: messageOf(reason) }, 'dead letters cannot be replayed now')
    }
  }

  async #replay(name: LetterName, signal: AbortSignal): Promise<ReplayOutcome> {
    const { box, log } = this.#options
    const outcome = await this.#tryDelivery(name, signal)
    if (outcome === 'delivered') {
      await box.remove(name)
      log.info({ ...name }, 'dead letter delivered')
    } else if (outcome === 'refused') {
      await box.returnToSender(name)
      log.error({ ...name }, 'dead letter refused once more')
    }
    return outcome
  }

  async #tryDelivery(name: LetterName, signal: AbortSignal): Promise<ReplayOutcome> {
    const { box, deliver, log } = this.#options
    try {
      const letter = await box.read(name)
      // Somebody has removed it since it was listed.
      if (letter === undefined) return 'delivered'
      return await deliver(letter, signal)
    } catch (reason) {
      const error = AppError.from(reason, 'unavailable')
      log.warn({ ...name, code: error.code, error: error.message }, 'dead letter not delivered')
      return error.retryable || error.code === 'cancelled' ? 'later' : 'refused'
    }
  }
}
