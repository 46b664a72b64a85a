import path from 'node:path'
import { AppError } from '../../core/index.ts'

/**
 * Where dead letters are, on the hub and on an edge alike:
 *
 *     <state>/dead-letters/<consumer>/<id>.letter    put aside, waits for somebody to decide
 *     <state>/dead-letters/<consumer>/<id>.replay    is to be delivered again
 *     <state>/dead-letters/<consumer>/<id>.*.tmp     being written; left by a crash, it means nothing
 *
 * Putting a letter into the other state is a rename, so it can be done by whoever has access to the directory, also
 * while the program that owns it is running or stopped. The owner alone delivers, and removes what it has delivered.
 */
export const DEAD_LETTERS_DIR = 'dead-letters'

export type LetterState = 'letter' | 'replay'

const CONSUMER = /^[a-z0-9][a-z0-9_-]{0,99}$/
const LETTER = /^([A-Za-z0-9_-]{1,200})\.(letter|replay)$/

/** The directory of one consumer's letters. Throws `invalid` for a name that is none. */
export function consumerDir(root: string, consumer: string): string {
  if (!CONSUMER.test(consumer)) {
    throw new AppError('invalid', `${JSON.stringify(consumer)} is no name of a reader of the log`)
  }
  return path.join(root, consumer)
}

export function isConsumerName(name: string): boolean {
  return CONSUMER.test(name)
}

/** What a file in a consumer's directory is, or undefined when it is none of ours. */
export function parseLetterName(name: string): { readonly id: string; readonly state: LetterState } | undefined {
  const match = LETTER.exec(name)
  const [, id, state] = match ?? []
  if (id === undefined || (state !== 'letter' && state !== 'replay')) return undefined
  return { id, state }
}

export function letterPath(dir: string, id: string, state: LetterState): string {
  return path.join(dir, `${id}.${state}`)
}
