import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { AppError, Backoff, type Clock, type Logger, messageOf, type Metrics, systemCode } from '../../core/index.ts'
import { type FileSystem, nodeFileSystem, removeIfPresent, writeFully } from '../../queue/index.ts'
import { consumerDir, letterPath, parseLetterName } from './layout.ts'
import { type DeadLetter, encodeLetter, letterId } from './letter.ts'
import { readLetter, sizeOf } from './letter-files.ts'

/** `dropped`: the letters are at their limit; what it held is counted and gone. */
export type KeepOutcome = 'kept' | 'dropped'

/** Where a reader of the log puts what it can never deliver. */
export interface DeadLetterWriter {
  /**
   * Resolves when the letter is on disk and synced, or given up because of the limit: only then may the reader move
   * on. The same origin makes the same file, so whoever repeats after a crash adds nothing. A disk that fails is
   * waited for; throws `cancelled` when the signal aborts meanwhile.
   */
  keep(letter: DeadLetter, signal: AbortSignal): Promise<KeepOutcome>
}

export interface DeadLetterOptions {
  /** `<state>/dead-letters`; each reader has a folder in it. */
  readonly directory: string
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly fs?: FileSystem
}

export interface DeadLetterPlace {
  readonly consumer: string
  /** Of the reader's letters together; at the limit the newest are not kept, so that nobody's evidence goes. */
  readonly limitBytes: number
}

const BACKOFF = { initialMs: 100, maxMs: 10_000 }
/** A full disk may be full of what we are here to empty: after some tries the letter has to go. */
const NO_SPACE_TRIES = 8
const NO_SPACE: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT'])

/** Makes the writers of one program's readers; they count under the same names. */
export function createDeadLetterWriters(options: DeadLetterOptions): (place: DeadLetterPlace) => DeadLetterWriter {
  const { clock, log, metrics } = options
  const labels = ['consumer', 'reason', 'outcome'] as const
  const letters = metrics.counter('fleetglass_dead_letters_total', 'Records put aside, by what came of it.', labels)
  const items = metrics.counter('fleetglass_dead_letter_items_total', 'Items in records put aside.', labels)
  return ({ consumer, limitBytes }) => {
    const folder = new LetterFolder(consumerDir(options.directory, consumer), limitBytes, options.fs ?? nodeFileSystem)
    const count = ({ reason, message, origin, envelope }: DeadLetter, outcome: KeepOutcome, why?: string) => {
      letters.inc({ consumer, reason, outcome })
      items.inc({ consumer, reason, outcome }, envelope?.items ?? 0)
      log.error({ consumer, first: origin.first, last: origin.last, reason, message, outcome, why }, 'dead letter')
      return outcome
    }
    const keep = async (letter: DeadLetter, signal: AbortSignal): Promise<KeepOutcome> => {
      const backoff = new Backoff(clock, BACKOFF)
      for (;;) {
        if (signal.aborted) throw new AppError('cancelled', `keep a dead letter of ${consumer}: cancelled`)
        try {
          if (await folder.write(letter)) return count(letter, 'kept')
          return count(letter, 'dropped', 'the dead letters are at their size limit')
        } catch (failure) {
          if (NO_SPACE.has(systemCode(failure)) && backoff.failures + 1 >= NO_SPACE_TRIES) {
            return count(letter, 'dropped', messageOf(failure))
          }
          log.warn({ consumer, error: messageOf(failure) }, 'a dead letter cannot be written; trying again')
          await backoff.wait(signal)
        }
      }
    }
    return { keep }
  }
}

/** The folder of one reader's letters and how full it is. */
class LetterFolder {
  readonly #dir: string
  readonly #limitBytes: number
  readonly #fs: FileSystem
  /** Undefined until it has been measured. */
  #bytes: number | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor(dir: string, limitBytes: number, fs: FileSystem) {
    this.#dir = dir
    this.#limitBytes = limitBytes
    this.#fs = fs
  }

  /** False when there is no room. One after the other, so that the limit holds. */
  write(letter: DeadLetter): Promise<boolean> {
    const writing = this.#turn.then(() => this.#write(letter))
    this.#turn = writing.catch(() => undefined)
    return writing
  }

  async #write(letter: DeadLetter): Promise<boolean> {
    const parts = encodeLetter(letter)
    const bytes = parts.reduce((sum, part) => sum + part.length, 0)
    const id = letterId(letter.origin)
    if (this.#bytes === undefined) await this.#open()
    if (await this.#isThere(id)) return true
    // Others remove letters: what was counted may be there no more.
    if ((this.#bytes ?? 0) + bytes > this.#limitBytes) await this.#measure()
    if ((this.#bytes ?? 0) + bytes > this.#limitBytes) return false
    await this.#store(id, parts)
    this.#bytes = (this.#bytes ?? 0) + bytes
    return true
  }

  async #open(): Promise<void> {
    await this.#fs.makeDirectory(this.#dir)
    for (const name of await this.#fs.list(this.#dir)) {
      if (name.endsWith('.tmp')) await removeIfPresent(this.#fs, path.join(this.#dir, name))
    }
    await this.#measure()
  }

  async #measure(): Promise<void> {
    let bytes = 0
    for (const name of await this.#fs.list(this.#dir)) bytes += await sizeOf(this.#fs, path.join(this.#dir, name))
    this.#bytes = bytes
  }

  /** In either state, whole: a file that a power cut has torn is written again. */
  async #isThere(id: string): Promise<boolean> {
    for (const name of await this.#fs.list(this.#dir)) {
      const parsed = parseLetterName(name)
      if (parsed?.id === id) return await this.#isWhole(letterPath(this.#dir, id, parsed.state))
    }
    return false
  }

  async #isWhole(file: string): Promise<boolean> {
    try {
      await readLetter(this.#fs, file)
      return true
    } catch (reason) {
      if (AppError.from(reason).code === 'corrupt') return false
      throw reason
    }
  }

  /** The record leaves the log after this: the letter and its name must outlive a power cut. */
  async #store(id: string, parts: readonly Uint8Array[]): Promise<void> {
    const temporary = path.join(this.#dir, `${id}.${randomUUID()}.tmp`)
    try {
      const file = await this.#fs.open(temporary, 'create')
      try {
        await writeFully(file, parts, 0)
        await file.datasync()
      } finally {
        await file.close()
      }
      await this.#fs.rename(temporary, letterPath(this.#dir, id, 'letter'))
    } catch (reason) {
      await removeIfPresent(this.#fs, temporary).catch(() => undefined)
      throw reason
    }
    await this.#fs.syncDirectory(this.#dir)
  }
}
