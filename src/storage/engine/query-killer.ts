import { type Clock, type Logger, messageOf } from '../../core/index.ts'
import { quoteLiteral } from './literal.ts'
import { type Session, type Statement, statementMark } from './session.ts'

const KILL_INTERVAL_MS = 50
/** A kill is done within milliseconds, or never: it can hang when `system.processes` is read at the same moment. */
const KILL_LIMIT_MS = 2_000
/** Each session that hangs holds a thread of libuv, of which there are few. */
const MAX_STUCK = 3

export interface QueryKillerOptions {
  readonly openSession: () => Pick<Session, 'run' | 'close'>
  readonly clock: Clock
  readonly log: Logger
}

/** Stops statements from a session of its own, which is replaced when it hangs. */
export class QueryKiller {
  readonly #options: QueryKillerOptions
  #session: Pick<Session, 'run' | 'close'>
  #stuck = 0
  #turn: Promise<void> = Promise.resolve()

  constructor(options: QueryKillerOptions) {
    this.#options = options
    this.#session = options.openSession()
  }

  /** Asks again until the statement is gone: it may not have begun when the first question comes. Never rejects. */
  async kill(victimId: string, settled: () => boolean): Promise<void> {
    while (!settled()) {
      this.#turn = this.#turn.then(() => (settled() ? undefined : this.#ask(victimId)))
      await this.#turn
      await this.#options.clock.sleep(KILL_INTERVAL_MS)
    }
  }

  /** A session that hangs is left alone: the process ends with it. */
  close(): void {
    this.#session.close()
  }

  async #ask(victimId: string): Promise<void> {
    const { clock, log } = this.#options
    const session = this.#session
    const answered = new AbortController()
    const asking = session
      .run(killOf(victimId))
      .catch((reason: unknown) => log.debug({ error: messageOf(reason) }, 'a statement could not be stopped'))
      .finally(() => answered.abort())
    await Promise.race([asking, clock.sleep(KILL_LIMIT_MS, answered.signal)])
    if (answered.signal.aborted) return
    log.warn({ stuck: this.#stuck + 1 }, 'stopping a statement hangs; going on in another session')
    this.#stuck += 1
    const whenFree = asking.then(() => {
      this.#stuck -= 1
      session.close()
    })
    if (this.#stuck >= MAX_STUCK) await whenFree
    this.#session = this.#options.openSession()
  }
}

function killOf(victimId: string): Statement {
  const mark = quoteLiteral(statementMark(victimId))
  return {
    id: `kill ${victimId}`,
    // SYNC would wait for the victim, and may wait for ever if the victim ends by itself meanwhile.
    text: `KILL QUERY WHERE startsWith(query, ${mark}) ASYNC`,
    database: 'default',
    format: 'TabSeparated',
    settings: {},
    params: {},
  }
}
