import { chmod, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import type { Clock, Logger } from '../../core/index.ts'
import { type ChdbResult, loadChdb } from './chdb.ts'
import { InsertFiles } from './insert-files.ts'
import { QueryKiller } from './query-killer.ts'
import { renderServerConfig } from './server-config.ts'
import { Session, type Statement } from './session.ts'
import { SessionPool } from './session-pool.ts'
import { forgetUnstoredInserts } from './unstored-inserts.ts'

export interface EngineLimits {
  /** Sessions for everything but inserts. Each runs one statement at a time. */
  readonly readSessions: number
  /** Statements that wait for a session. */
  readonly maxWaiting: number
  readonly maxExecutionTimeS: number
  readonly maxQueryMemoryBytes: number
  readonly maxServerMemoryBytes: number
}

const GIB = 1024 ** 3

export const DEFAULT_ENGINE_LIMITS: EngineLimits = {
  readSessions: 6,
  maxWaiting: 256,
  maxExecutionTimeS: 60,
  maxQueryMemoryBytes: 1.5 * GIB,
  maxServerMemoryBytes: 4 * GIB,
}

/** An insert has no user who waits, and giving it up only means doing it again. */
const INSERT_TIMEOUT_S = '600'

const INSERT_SETTINGS: Readonly<Record<string, string>> = {
  max_execution_time: INSERT_TIMEOUT_S,
  async_insert: '0',
  max_insert_threads: '1',
  // Reading a file is a stable select, but the engine cannot know; without this a token might not count.
  deduplicate_insert_select: 'enable_even_for_bad_queries',
}

/** chDB with a pool of sessions: statements run side by side, inserts one after the other. */
export class Engine {
  readonly #files: InsertFiles
  readonly #readers: SessionPool
  readonly #writer: SessionPool
  readonly #killer: QueryKiller
  readonly #sessions: readonly Session[]
  readonly #baseline: Readonly<Record<string, string>>
  readonly #running = new Set<Promise<unknown>>()

  private constructor(sessions: readonly Session[], killer: QueryKiller, files: InsertFiles, limits: EngineLimits) {
    const [writer, ...readers] = sessions
    if (writer === undefined) throw new RangeError('BUG: an engine needs a session')
    this.#sessions = sessions
    this.#writer = new SessionPool('insert', [writer], limits.maxWaiting)
    this.#killer = killer
    this.#readers = new SessionPool('query', readers, limits.maxWaiting)
    this.#baseline = {
      max_execution_time: String(limits.maxExecutionTimeS),
      max_memory_usage: String(limits.maxQueryMemoryBytes),
    }
    this.#files = files
  }

  /** Opens the data directory, which one process at a time can do. */
  static async open(dir: string, limits: EngineLimits, clock: Clock, log: Logger): Promise<Engine> {
    await mkdir(dir, { recursive: true, mode: 0o700 })
    await chmod(dir, 0o700)
    const configFile = path.join(dir, 'config.xml')
    await writeFile(configFile, renderServerConfig(limits), { mode: 0o600 })
    const openSession = await loadChdb(path.join(dir, 'db'), configFile)
    const first = new Session(openSession())
    // Only now is the directory surely ours, and what an earlier process left in it surely unused.
    const files = await InsertFiles.open(path.join(dir, 'inserts'))
    const forgotten = await forgetUnstoredInserts(first)
    if (forgotten > 0) log.warn({ tables: forgotten }, 'forgot inserts that the last process did not finish')
    const others = Array.from({ length: limits.readSessions }, () => new Session(openSession()))
    const killer = new QueryKiller({ openSession: () => new Session(openSession()), clock, log })
    return new Engine([first, ...others], killer, files, limits)
  }

  /** Runs a statement that is not an insert. When the signal aborts, the statement is stopped. */
  async run(statement: Statement, signal: AbortSignal): Promise<ChdbResult> {
    const settings = { ...this.#baseline, ...statement.settings }
    return this.#track(
      this.#readers.use((session) => this.#runStoppable(session, { ...statement, settings }, signal), signal),
    )
  }

  /** Runs an insert. It waits for its turn, and once begun it runs to its end: half an insert helps nobody. */
  async insert(statement: Statement, signal: AbortSignal): Promise<ChdbResult> {
    const settings = { ...this.#baseline, ...INSERT_SETTINGS, ...statement.settings }
    return this.#track(this.#writer.use((session) => session.run({ ...statement, settings }), signal))
  }

  /** Writes the data to a file and hands it to the work. */
  async withFile<T>(data: Readable, work: (file: string) => Promise<T>): Promise<T> {
    return this.#files.with(data, work)
  }

  /** Waits for what runs, then gives the directory back. */
  async close(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
    this.#killer.close()
    for (const session of this.#sessions) session.close()
  }

  async #track<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work)
    try {
      return await work
    } finally {
      this.#running.delete(work)
    }
  }

  async #runStoppable(session: Session, statement: Statement, signal: AbortSignal): Promise<ChdbResult> {
    let settled = false
    const stop = (): void => {
      void this.#killer.kill(statement.id, () => settled)
    }
    signal.addEventListener('abort', stop, { once: true })
    try {
      return await session.run(statement)
    } finally {
      settled = true
      signal.removeEventListener('abort', stop)
    }
  }
}
