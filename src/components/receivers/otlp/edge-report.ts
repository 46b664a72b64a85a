import { z } from 'zod'
import { AppError } from '../../../core/index.ts'
import type { EdgeReport, Identity } from '../../../model/index.ts'

const count = z.number().nonnegative()
const text = z.string().max(2_000)

const booksSchema = z.object({
  collected: count,
  scrubbed: count,
  sent: count,
  rejected: count,
  dropped: count,
  deadLettered: count,
  queued: count,
})

/** Unknown keys are passed over: an edge may be newer than its hub. */
const edgeReportSchema = z.object({
  edge: z.string().max(200),
  version: z.string().max(100),
  startedAtMs: count,
  sentAtMs: count,
  queue: z.object({ bytes: count, limitBytes: count, records: count, oldestAtMs: count.optional() }),
  dropped: z.record(z.string().max(100), count),
  books: z.object({ metrics: booksSchema, logs: booksSchema, traces: booksSchema }).optional(),
  deadLetters: count.optional(),
  lastError: z.object({ atMs: count, message: text }).optional(),
})

const MAX_BYTES = 65_536

/** Reads a report. Throws `invalid`, or `forbidden` if it speaks for an edge of another cluster. */
export function parseEdgeReport(bytes: Uint8Array, identity: Identity): EdgeReport {
  if (bytes.length > MAX_BYTES) throw new AppError('too_large', `a report of ${String(bytes.length)} bytes`)
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder().decode(bytes))
  } catch (reason) {
    throw new AppError('invalid', 'the report is no JSON', { cause: reason })
  }
  const result = edgeReportSchema.safeParse(json)
  if (!result.success) throw new AppError('invalid', `the report is malformed: ${z.prettifyError(result.error)}`)
  const { queue, books, deadLetters, lastError, ...rest } = result.data
  if (!rest.edge.startsWith(`${identity.cluster}/`)) {
    throw new AppError('forbidden', `a report of ${rest.edge} from the cluster ${identity.cluster}`)
  }
  const { oldestAtMs, ...sizes } = queue
  return {
    ...rest,
    queue: oldestAtMs === undefined ? sizes : { ...sizes, oldestAtMs },
    ...(books === undefined ? {} : { books }),
    ...(deadLetters === undefined ? {} : { deadLetters }),
    ...(lastError === undefined ? {} : { lastError }),
  }
}
