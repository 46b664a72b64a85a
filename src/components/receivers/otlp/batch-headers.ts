import type { BatchId } from '../../../model/index.ts'

/** The metadata by which an edge says which records of its log a request holds. */
export const BATCH_ID_HEADER = 'fleetglass-batch-id'
/** When the edge took the oldest of them in, ms since the epoch. */
export const COLLECTED_AT_HEADER = 'fleetglass-collected-at'

/** How large the message is after decompression. A sender that says so needs no more memory kept for it than that. */
export const BYTES_HEADER = 'fleetglass-bytes'

const BATCH_ID = /^([a-z0-9-]{1,63}\/[A-Za-z0-9._-]{1,100});([A-Za-z0-9-]{1,64});(\d{1,16});(\d{1,16})$/
const MAX_RECORDS = 100_000

/** `<edge>;<epoch>;<first>;<last>`, or undefined if the text is anything else. */
export function parseBatchId(text: string): BatchId | undefined {
  const [, edge, epoch, firstText, lastText] = BATCH_ID.exec(text) ?? []
  if (edge === undefined || epoch === undefined) return undefined
  const first = Number(firstText)
  const last = Number(lastText)
  if (!Number.isSafeInteger(last) || last < first || last - first >= MAX_RECORDS) return undefined
  return { edge, epoch, first, last }
}

/** Milliseconds since the epoch, or undefined if the text is no time that an edge could have seen. */
export function parseCollectedAt(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined || !/^\d{1,15}$/.test(text)) return undefined
  // An edge whose clock runs ahead cannot have collected in the future.
  return Math.min(Number(text), nowMs)
}

/** Bytes, at most `limit`; without a usable statement, the limit. */
export function parseBytes(text: string | undefined, limit: number): number {
  return text !== undefined && /^\d{1,12}$/.test(text) ? Math.min(Number(text), limit) : limit
}
