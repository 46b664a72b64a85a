import { AppError } from '../../core/index.ts'
import type { Batch } from '../../model/index.ts'
import type { StoreClient } from '../client.ts'
import { Transcoder } from '../write/transcoder.ts'

let stored = 0

/** Stores batches as the hub's writer would, without its log: the same columns, the same tables. */
export async function storeBatches(client: StoreClient, batches: readonly Batch[]): Promise<void> {
  const { blocks, outcomes } = new Transcoder({}).transcode(batches.map((batch, i) => ({ sequence: i + 1, batch })))
  const rejected = outcomes.flatMap((outcome) => [...outcome.rejected])
  if (rejected.length > 0) throw new AppError('invalid', `the test's data was refused: ${JSON.stringify(rejected)}`)
  for (const { table, columns, bytes } of blocks) {
    await client.insertNative(table, columns, bytes, `test ${String(++stored)}`)
  }
}
