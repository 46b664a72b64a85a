import { AppError } from '../../core/index.ts'
import type { Batch, BatchId } from '../../model/index.ts'
import type { Consumer } from '../consumer.ts'
import type { DurableWindows } from '../durable-windows.ts'
import { decodeRecord } from '../record.ts'
import type { DeadLetterBox } from './box.ts'
import type { DeadLetter } from './letter.ts'
import type { ReplayOutcome } from './replay.ts'

/** No edge has such a name: it is no DNS label. */
const INSTANCE = '~dead-letters'

/** The windows keep a thousand ranges apart; well before that, what lies between them is settled. */
const MANY_RANGES = 100
const TOO_MANY_RANGES = 900

export interface ReplayIntoLogOptions {
  readonly box: DeadLetterBox
  readonly windows: Pick<DurableWindows, 'windows'>
  readonly sink: Consumer
}

/**
 * Puts a letter's batch into the hub's log once more. Its sender's id is held already, so it goes under one of its own:
 * the record of the log that it was when it was put aside. That id is held in turn, so a letter that comes a second
 * time, after a crash or from a copy, is acknowledged and not stored.
 */
export function replayIntoLog(options: ReplayIntoLogOptions): (letter: DeadLetter) => Promise<ReplayOutcome> {
  return async (letter) => {
    const batch = batchOf(letter)
    const id = replayIdOf(letter, batch.envelope.identity.cluster)
    await makeRoom(options, letter, id)
    await options.sink({ envelope: { ...batch.envelope, id }, payload: batch.payload })
    return 'delivered'
  }
}

function batchOf({ envelope, payload, encoding }: DeadLetter): Batch {
  if (encoding !== undefined) throw new AppError('invalid', `a letter in the form ${encoding} is no batch`)
  // A record that this program could not read may be one that it can read now.
  return envelope === undefined ? decodeRecord(payload) : { envelope, payload }
}

function replayIdOf({ origin }: DeadLetter, cluster: string): BatchId {
  const { consumer, epoch, first, last } = origin
  return { edge: `${cluster}/${INSTANCE}`, epoch: `${consumer}-${epoch}`, first, last }
}

/** Each letter replayed is a range of its own. Where no letter is left below, nothing will come: that is one range. */
async function makeRoom({ box, windows }: ReplayIntoLogOptions, letter: DeadLetter, id: BatchId): Promise<void> {
  const known = windows.windows
  if (known.ranges(id.edge, id.epoch).length < MANY_RANGES) return
  const lowest = await box.lowestOf(letter.origin)
  if (lowest !== undefined && lowest > 0) known.add({ ...id, first: 0, last: lowest - 1 })
  if (known.ranges(id.edge, id.epoch).length < TOO_MANY_RANGES) return
  throw new AppError('exhausted', 'too many letters were replayed out of order: replay or discard the oldest first')
}
