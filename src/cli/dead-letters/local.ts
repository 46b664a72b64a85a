import path from 'node:path'
import { AppError } from '../../core/index.ts'
import { DEAD_LETTERS_DIR, DeadLetterBox, type LetterName } from '../../pipeline/dead-letters/index.ts'

/** One letter, those of a consumer, or all. */
export type Target =
  | { readonly consumer: string; readonly id: string }
  | { readonly consumer: string }
  | { readonly all: true }

/** The letters in a state directory: nothing is locked, so the program that owns it may be running. */
export interface LocalLetters extends Pick<DeadLetterBox, 'list' | 'read'> {
  /** Marks letters; the owner delivers them, now or when it is started. Tells how many. */
  replay(target: Target): Promise<number>
  discard(target: Target): Promise<number>
}

export function openLetters(stateDir: string): LocalLetters {
  const box = new DeadLetterBox(path.resolve(stateDir, DEAD_LETTERS_DIR))
  const each = async (target: Target, act: (name: LetterName) => Promise<boolean>): Promise<number> => {
    if ('id' in target) {
      if (await act(target)) return 1
      throw new AppError('not_found', `there is no dead letter ${target.consumer}/${target.id}`)
    }
    const { letters } = await box.list('consumer' in target ? target.consumer : undefined)
    let count = 0
    for (const { consumer, id } of letters) count += (await act({ consumer, id })) ? 1 : 0
    return count
  }
  return {
    list: (consumer) => box.list(consumer),
    read: (name) => box.read(name),
    replay: (target) => each(target, (name) => box.markForReplay(name)),
    discard: (target) => each(target, (name) => box.remove(name)),
  }
}
