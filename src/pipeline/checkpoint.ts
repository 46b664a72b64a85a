import type { Checkpoint } from '../model/index.ts'
import { type DurableLog, openLogReader } from '../queue/index.ts'
import { decodeRecord } from './record.ts'

/**
 * How far back the log is searched. A receiver makes no batch before the checkpoint of the one before is saved, so only
 * its last batch can be ahead of what it saved; behind that batch stand at most the records that other receivers
 * appended within the few milliseconds that saving takes.
 */
const LAST_RECORDS = 4_096
const READ_BYTES = 8 << 20

export interface CheckpointSource {
  /** The directory of the log. */
  readonly dir: string
  readonly log: Pick<DurableLog, 'durable' | 'firstSequence' | 'nextSequence'>
}

/**
 * The newest checkpoint of each receiver at the end of the durable log. Call it when the log has been opened and before
 * receivers are started. Records that cannot be read are passed over: the reader of the log counts them.
 */
export async function readNewestCheckpoints(source: CheckpointSource): Promise<ReadonlyMap<string, Checkpoint>> {
  const { dir, log } = source
  const newest = new Map<string, Checkpoint>()
  const from = Math.max(log.firstSequence, log.nextSequence - LAST_RECORDS)
  const reader = await openLogReader({ dir, durable: log.durable, from })
  const signal = new AbortController().signal
  try {
    for (let before = -1; before < reader.position; ) {
      before = reader.position
      for (const record of await reader.next({ maxRecords: 256, maxBytes: READ_BYTES, signal, waitMs: 0 })) {
        const checkpoint = checkpointOf(record.bytes)
        if (checkpoint !== undefined) newest.set(checkpoint.receiver, checkpoint)
      }
    }
  } finally {
    await reader.close()
  }
  return newest
}

function checkpointOf(record: Uint8Array): Checkpoint | undefined {
  try {
    return decodeRecord(record).envelope.checkpoint
  } catch {
    return undefined
  }
}
