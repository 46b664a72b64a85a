import '../no-eval.ts'
import { z } from 'zod'

/** Shapes of Loki's HTTP API. With `categorize-labels` a value's third part says where its labels come from. */
const labels = z.record(z.string(), z.string())

export const streamSchema = z.object({ stream: labels, values: z.array(z.unknown()) })

const data = z.discriminatedUnion('resultType', [
  z.object({ resultType: z.literal('streams'), result: z.array(streamSchema), stats: z.unknown().optional() }),
  z.object({
    resultType: z.literal('matrix'),
    result: z.array(z.object({ metric: labels, values: z.array(z.unknown()) })),
    stats: z.unknown().optional(),
  }),
  z.object({
    resultType: z.literal('vector'),
    result: z.array(z.object({ metric: labels, value: z.tuple([z.number(), z.string()]) })),
    stats: z.unknown().optional(),
  }),
])

export const answerSchema = z.object({ data, warnings: z.array(z.string()).optional() })

/** Names and values; Loki leaves `data` out when there are none. */
export const listSchema = z.object({ data: z.array(z.string()).nullish() })

export const tailSchema = z.object({
  streams: z.array(streamSchema).nullish(),
  dropped_entries: z.array(z.unknown()).nullish(),
})
