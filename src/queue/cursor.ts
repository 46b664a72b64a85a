import { AppError, type Logger } from '../core/index.ts'
import type { FileSystem } from './file-system.ts'
import { epochIn, layoutOf, openMeta } from './layout.ts'
import { nodeFileSystem } from './node-file-system.ts'
import { openStateFile, type StateFile } from './state-file.ts'

const NAME = /^[a-z0-9][a-z0-9_-]{0,99}$/

export interface CursorOptions {
  /** The directory of the log. */
  readonly dir: string
  /** Lower-case letters, digits, `-` and `_`; at most 100. */
  readonly name: string
  /** Where a cursor begins that has never been committed. Default 0. */
  readonly initial?: number
  readonly log?: Logger
  readonly fs?: FileSystem
}

interface CursorState {
  readonly epoch: string
  readonly position: number
  readonly intent?: unknown
}

/**
 * Opens a reader's position, in any thread. A name may have one holder at a time: opening writes the position once more,
 * to be sure that it is on disk, and would undo what another holder commits meanwhile. A cursor that belongs to another
 * log (the directory was replaced under it) begins anew: its numbers mean nothing here.
 */
export async function openCursor(options: CursorOptions): Promise<Cursor> {
  const { dir, name, initial = 0, fs = nodeFileSystem } = options
  if (!NAME.test(name)) throw new AppError('invalid', `cursor ${JSON.stringify(name)}: not a name for a file`)
  const layout = layoutOf(dir)
  const epoch = epochIn(await openMeta(fs, layout))
  if (epoch === undefined) throw new AppError('not_found', `cursor ${name}: there is no log in ${dir}`)
  const file = await openStateFile({ fs, directory: layout.cursors, name })
  if (file.damagedFiles > 0) options.log?.warn({ cursor: name }, 'log: cursor damaged, its previous position is used')
  await file.confirm()
  const saved = parseState(file.value)
  if (saved !== undefined && saved.epoch !== epoch) options.log?.warn({ cursor: name }, 'log: cursor of another log')
  return new Cursor(name, file, { epoch, position: initial })
}

/**
 * How far a reader has come, and what it is about to do. Commit only what is finished elsewhere: the log may delete
 * everything before the position as soon as it is told of it.
 */
export class Cursor {
  readonly name: string
  readonly #file: StateFile
  readonly #initial: CursorState

  /** `initial` holds as long as the file has no state of the same log. */
  constructor(name: string, file: StateFile, initial: CursorState) {
    this.name = name
    this.#file = file
    this.#initial = initial
  }

  get #state(): CursorState {
    const saved = parseState(this.#file.value)
    return saved?.epoch === this.#initial.epoch ? saved : this.#initial
  }

  /** The next sequence wanted, as persisted. */
  get position(): number {
    return this.#state.position
  }

  /** What `commitIntent` persisted since the last `commit`; undefined when nothing was under way. */
  get intent(): unknown {
    return this.#state.intent
  }

  /** Everything before `position` is done with, and so is the intent. Resolves when that is on disk. */
  async commit(position: number): Promise<void> {
    await this.#persist(({ epoch, position: before }) => {
      if (Number.isSafeInteger(position) && position >= before) return { epoch, position }
      throw new AppError('internal', `BUG: cursor ${this.name} from ${String(before)} to ${String(position)}`)
    })
  }

  /** Remembers a small JSON value beside the position; after a crash it tells what may be half done. */
  async commitIntent(intent: unknown): Promise<void> {
    await this.#persist(({ epoch, position }) => ({ epoch, position, intent }))
  }

  async #persist(change: (state: CursorState) => CursorState): Promise<void> {
    // The file does one write after the other: a commit that was called before this one is in the state by then.
    await this.#file.write(() => change(this.#state))
  }
}

/** The position in a cursor's state file, if it belongs to this log. */
export function positionIn(file: StateFile, epoch: string): number | undefined {
  const state = parseState(file.value)
  return state?.epoch === epoch ? state.position : undefined
}

function parseState(value: unknown): CursorState | undefined {
  if (typeof value !== 'object' || value === null || !('epoch' in value) || !('position' in value)) return undefined
  const { epoch, position } = value
  if (typeof epoch !== 'string' || !Number.isSafeInteger(position)) return undefined
  return { epoch, position: Number(position), ...('intent' in value ? { intent: value.intent } : {}) }
}
