import { setImmediate } from 'node:timers/promises'

const TURN_MS = 20
/** Looking at the clock costs more than a piece of work. */
const PIECES_PER_LOOK = 256

/**
 * Shares the event loop out during long work: a target of a million series must not keep the edge from accepting
 * telemetry meanwhile. After each small piece of work: `if (turn.isOver()) await turn.pass()`.
 */
export class Turn {
  #beganMs = performance.now()
  #pieces = 0

  isOver(): boolean {
    this.#pieces += 1
    return this.#pieces % PIECES_PER_LOOK === 0 && performance.now() - this.#beganMs > TURN_MS
  }

  /** Lets everything else that waits run first. */
  async pass(): Promise<void> {
    await setImmediate()
    this.#beganMs = performance.now()
  }
}
