import { AppError, messageOf, systemCode } from '../../core/index.ts'
import { type FileSystem, nodeFileSystem } from '../../queue/index.ts'
import { consumerDir, isConsumerName, type LetterState, letterPath, parseLetterName } from './layout.ts'
import { type DeadLetter, type LetterHead, type LetterOrigin, sequenceIn } from './letter.ts'
import { readLetter, readLetterHead } from './letter-files.ts'

/** A letter as lists show it. */
export interface LetterSummary {
  readonly consumer: string
  readonly id: string
  readonly state: LetterState
  readonly head: LetterHead
  readonly payloadBytes: number
}

export interface LetterList {
  readonly letters: readonly LetterSummary[]
  /** Files that look like letters and cannot be read, as `<consumer>/<id>: why`. */
  readonly damaged: readonly string[]
}

/** Names one letter among those of all consumers. */
export interface LetterName {
  readonly consumer: string
  readonly id: string
}

/**
 * The dead letters of one state directory, for people and for whoever delivers them again. Nothing is held in memory,
 * and changes are renames and removals: it can be used beside the program that owns the directory.
 */
export class DeadLetterBox {
  readonly #root: string
  readonly #fs: FileSystem

  constructor(root: string, fs: FileSystem = nodeFileSystem) {
    this.#root = root
    this.#fs = fs
  }

  /** The letters of one consumer, or of all, by consumer and in the order of the log. */
  async list(consumer?: string): Promise<LetterList> {
    const consumers = consumer === undefined ? await this.#consumers() : [consumer]
    const letters: LetterSummary[] = []
    const damaged: string[] = []
    for (const name of consumers) await this.#listOne(name, letters, damaged)
    return { letters, damaged }
  }

  /** The letter with its payload; undefined when it is not there. Throws `corrupt`. */
  async read({ consumer, id }: LetterName): Promise<DeadLetter | undefined> {
    for (const state of ['letter', 'replay'] as const) {
      try {
        return await readLetter(this.#fs, this.#path(consumer, id, state))
      } catch (reason) {
        if (systemCode(reason) !== 'ENOENT') throw reason
      }
    }
    return undefined
  }

  /** Marks a letter for its owner, who delivers it when it runs. False when there is no such letter. */
  async markForReplay(name: LetterName): Promise<boolean> {
    return (await this.#move(name, 'letter', 'replay')) || (await this.#exists(name, 'replay'))
  }

  /** Takes the mark away: delivering it failed for good. */
  async returnToSender(name: LetterName): Promise<boolean> {
    return await this.#move(name, 'replay', 'letter')
  }

  /** Removes a letter for good, in either state; false when there was none. */
  async remove(name: LetterName): Promise<boolean> {
    let removed = false
    for (const state of ['letter', 'replay'] as const) {
      removed = (await this.#ignoreAbsent(() => this.#fs.remove(this.#path(name.consumer, name.id, state)))) || removed
    }
    if (removed) await this.#fs.syncDirectory(consumerDir(this.#root, name.consumer))
    return removed
  }

  /** The ids of the letters of one consumer that are to be delivered again, in the order of the log. */
  async marked(consumer: string): Promise<readonly string[]> {
    return (await this.#names(consumer)).filter(({ state }) => state === 'replay').map(({ id }) => id)
  }

  /** The lowest sequence of all letters about the same log, in either state. */
  async lowestOf({ consumer, epoch }: LetterOrigin): Promise<number | undefined> {
    const sequences = (await this.#names(consumer)).flatMap(({ id }) => sequenceIn(id, epoch) ?? [])
    return sequences.length === 0 ? undefined : Math.min(...sequences)
  }

  async #consumers(): Promise<readonly string[]> {
    try {
      return [...(await this.#fs.list(this.#root))].filter(isConsumerName).sort()
    } catch (reason) {
      if (systemCode(reason) === 'ENOENT') return []
      throw reason
    }
  }

  async #names(consumer: string): Promise<readonly { readonly id: string; readonly state: LetterState }[]> {
    try {
      const names = await this.#fs.list(consumerDir(this.#root, consumer))
      return [...names].sort().flatMap((name) => parseLetterName(name) ?? [])
    } catch (reason) {
      if (systemCode(reason) === 'ENOENT' || systemCode(reason) === 'ENOTDIR') return []
      throw reason
    }
  }

  async #listOne(consumer: string, letters: LetterSummary[], damaged: string[]): Promise<void> {
    for (const { id, state } of await this.#names(consumer)) {
      try {
        const { head, payloadBytes } = await readLetterHead(this.#fs, this.#path(consumer, id, state))
        letters.push({ consumer, id, state, head, payloadBytes })
      } catch (reason) {
        // Gone since it was listed: somebody was quicker.
        if (systemCode(reason) !== 'ENOENT') damaged.push(`${consumer}/${id}: ${messageOf(reason)}`)
      }
    }
  }

  async #move({ consumer, id }: LetterName, from: LetterState, to: LetterState): Promise<boolean> {
    const rename = (): Promise<void> => this.#fs.rename(this.#path(consumer, id, from), this.#path(consumer, id, to))
    const moved = await this.#ignoreAbsent(rename)
    if (moved) await this.#fs.syncDirectory(consumerDir(this.#root, consumer))
    return moved
  }

  async #exists({ consumer, id }: LetterName, state: LetterState): Promise<boolean> {
    return (await this.#names(consumer)).some((name) => name.id === id && name.state === state)
  }

  async #ignoreAbsent(change: () => Promise<void>): Promise<boolean> {
    try {
      await change()
      return true
    } catch (reason) {
      if (systemCode(reason) === 'ENOENT') return false
      throw AppError.from(reason, 'unavailable', `change the dead letters in ${this.#root}`)
    }
  }

  #path(consumer: string, id: string, state: LetterState): string {
    if (parseLetterName(`${id}.${state}`) === undefined) throw new AppError('invalid', 'that is no id of a dead letter')
    return letterPath(consumerDir(this.#root, consumer), id, state)
  }
}
