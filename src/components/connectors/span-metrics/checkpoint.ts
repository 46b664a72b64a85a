import { z } from 'zod'
import type { Checkpoint, Envelope } from '../../../model/index.ts'
import type { Cursor } from '../../../queue/index.ts'
import { bookKey } from './books.ts'

/** The source of the batches that the connector writes. They are never read as its input. */
export const SPAN_METRICS = 'span-metrics'

/** How far the log is in the series of a batch, written into the batch itself: the log has both or neither. */
const checkpointSchema = z.object({
  /** Everything below this sequence is counted. */
  counted: z.int().nonnegative(),
  /** The time of the samples, ms since the epoch. */
  atMs: z.number(),
})

type CountedCheckpoint = z.infer<typeof checkpointSchema>

export function encodeCheckpoint(checkpoint: CountedCheckpoint): Checkpoint {
  return { receiver: SPAN_METRICS, data: JSON.stringify(checkpoint) }
}

/** How far the connector has come in the log, as its cursor remembers it. */
const placeSchema = z.object({
  /** Where the next life begins to read: so far before that it meets both sides of every request. */
  from: z.int().nonnegative(),
  /** Everything below this sequence is in series that are in the log. */
  counted: z.int().nonnegative(),
})

export type Place = z.infer<typeof placeSchema>

/** The place is kept as the cursor's intent, since both sequences have to change at once. */
export function placeOf({ position, intent }: Pick<Cursor, 'position' | 'intent'>): Place {
  const parsed = placeSchema.safeParse(intent)
  return parsed.success ? parsed.data : { from: position, counted: position }
}

/** What the newest batches of the connector say, by book; they may be ahead of what its cursor says. */
export class CountedSoFar {
  readonly countedBelow = new Map<string, number>()
  /** The time of the newest samples; 0 if there are none. */
  newestMs = 0

  /** Looks at an envelope of the log and its sequence; those of others are passed over. */
  see({ source, identity, checkpoint }: Envelope, sequence: number): void {
    if (source !== SPAN_METRICS || checkpoint?.receiver !== SPAN_METRICS) return
    const parsed = checkpointSchema.safeParse(parseJson(checkpoint.data))
    if (!parsed.success) return
    const { counted, atMs } = parsed.data
    // A batch counts what stands before it. One that was brought back from the dead letters of another log does not.
    if (counted > sequence) return
    const key = bookKey(identity)
    this.countedBelow.set(key, Math.max(counted, this.countedBelow.get(key) ?? 0))
    this.newestMs = Math.max(this.newestMs, atMs)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
