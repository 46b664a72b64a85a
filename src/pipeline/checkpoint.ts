import type { Checkpoint } from '../model/index.ts'
import { decodeRecord } from './record.ts'

/**
 * The newest checkpoint of each receiver among these records of the durable log, given oldest first. A receiver makes
 * no batch before the checkpoint of the one before is saved, so the end of the log is enough: give the records of the
 * last segments. Records that cannot be read are passed over.
 */
export async function newestCheckpoints(
  records: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<ReadonlyMap<string, Checkpoint>> {
  const newest = new Map<string, Checkpoint>()
  for await (const record of records) {
    const checkpoint = checkpointOf(record)
    if (checkpoint !== undefined) newest.set(checkpoint.receiver, checkpoint)
  }
  return newest
}

function checkpointOf(record: Uint8Array): Checkpoint | undefined {
  try {
    return decodeRecord(record).envelope.checkpoint
  } catch {
    // The reader of the log counts damaged records; here they only hold nothing.
    return undefined
  }
}
