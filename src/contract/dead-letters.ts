import { z } from 'zod'

/** `GET /api/v1/dead-letters`: what could never be delivered as it is. Payloads are not shown here. */
const deadLetterSchema = z.object({
  /** The reader of the log that put it aside: `store`, or a destination. */
  consumer: z.string(),
  id: z.string(),
  /** `waiting` for somebody to decide; `replaying`: it will be delivered again. */
  state: z.enum(['waiting', 'replaying']),
  atMs: z.number(),
  reason: z.string(),
  message: z.string(),
  payloadBytes: z.number(),
  /** Absent when the record could not be read at all. */
  cluster: z.string().optional(),
  tenant: z.string().optional(),
  signal: z.enum(['metrics', 'logs', 'traces']).optional(),
  items: z.number().optional(),
})
export type DeadLetterEntry = z.infer<typeof deadLetterSchema>

export const deadLettersSchema = z.object({
  /** Oldest records first; at most 1000. */
  letters: z.array(deadLetterSchema),
  /** Of all of them. */
  total: z.number(),
  /** Files that cannot be read. */
  damaged: z.number(),
})
export type DeadLetters = z.infer<typeof deadLettersSchema>

/** What came of `POST /api/v1/dead-letters/replay` and `/discard`. */
export const deadLetterActionSchema = z.object({ affected: z.number() })
