import type { Clock } from '../../../core/index.ts'
import type { DeadLetterWriter } from '../../../pipeline/dead-letters/index.ts'
import type { UnstorableRecords } from '../../../storage/index.ts'

/** What the store's letters are called, as its cursor is. */
export const STORE_CONSUMER = 'store'

/** Makes dead letters of records that cannot be stored. */
export function toDeadLetters(writer: DeadLetterWriter, clock: Clock): UnstorableRecords {
  return {
    keep: async ({ epoch, sequence, bytes, batch, reason, message }, signal) => {
      const letter = {
        origin: { consumer: STORE_CONSUMER, epoch, first: sequence, last: sequence },
        atMs: clock.now(),
        reason,
        message,
        ...(batch === undefined ? { payload: bytes } : { envelope: batch.envelope, payload: batch.payload }),
      }
      await writer.keep(letter, signal)
    },
  }
}
