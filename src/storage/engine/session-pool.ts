import { EngineError } from './engine-error.ts'
import type { Session } from './session.ts'

interface Waiter {
  readonly resolve: (session: Session) => void
  readonly reject: (reason: Error) => void
}

/**
 * Lends sessions, first come first served. At most `maxWaiting` callers wait; one more is told that there are too
 * many, because a query that would start minutes late helps nobody.
 */
export class SessionPool {
  readonly #name: string
  readonly #free: Session[]
  readonly #maxWaiting: number
  readonly #waiting: Waiter[] = []

  constructor(name: string, sessions: readonly Session[], maxWaiting: number) {
    this.#name = name
    this.#free = [...sessions]
    this.#maxWaiting = maxWaiting
  }

  /** Runs the work with a session of its own. The signal ends the wait for one, not the work. */
  async use<T>(work: (session: Session) => Promise<T>, signal: AbortSignal): Promise<T> {
    const session = this.#free.pop() ?? (await this.#wait(signal))
    try {
      return await work(session)
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free.push(session)
      else next.resolve(session)
    }
  }

  async #wait(signal: AbortSignal): Promise<Session> {
    if (this.#waiting.length >= this.#maxWaiting) {
      throw EngineError.of(
        'TOO_MANY_SIMULTANEOUS_QUERIES',
        `All ${this.#name} sessions are busy and ${String(this.#waiting.length)} queries wait already.`,
      )
    }
    if (signal.aborted) throw goneBeforeStart()
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        reject(goneBeforeStart())
      }
      const waiter: Waiter = {
        resolve: (session) => {
          signal.removeEventListener('abort', leave)
          resolve(session)
        },
        reject,
      }
      signal.addEventListener('abort', leave, { once: true })
      this.#waiting.push(waiter)
    })
  }
}

function goneBeforeStart(): EngineError {
  return EngineError.of('QUERY_WAS_CANCELLED', 'The client went away before the query began.')
}
