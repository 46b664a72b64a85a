import '../no-eval.ts'
import { z } from 'zod'

/** Shapes of Prometheus' HTTP API, version 1. Points are checked while they are read: there may be 50,000 of them. */
const labelsSchema = z.record(z.string(), z.string())

const envelope = {
  warnings: z.array(z.string()).optional(),
  infos: z.array(z.string()).optional(),
}

export const matrixSchema = z.object({
  data: z.object({
    resultType: z.literal('matrix'),
    result: z.array(
      z.object({
        metric: labelsSchema,
        values: z.array(z.unknown()).optional(),
        histograms: z.array(z.unknown()).optional(),
      }),
    ),
    stats: z.unknown().optional(),
  }),
  ...envelope,
})

const sampleSchema = z.tuple([z.number(), z.string()])
const vectorSchema = z.object({
  resultType: z.literal('vector'),
  result: z.array(
    z.object({
      metric: labelsSchema,
      value: sampleSchema.optional(),
      histogram: z.tuple([z.number(), z.looseObject({ count: z.string(), sum: z.string() })]).optional(),
    }),
  ),
  stats: z.unknown().optional(),
})

export const instantSchema = z.object({
  data: z.discriminatedUnion('resultType', [
    vectorSchema,
    z.object({ resultType: z.literal('scalar'), result: sampleSchema, stats: z.unknown().optional() }),
    z.object({ resultType: z.literal('string'), result: sampleSchema, stats: z.unknown().optional() }),
    z.object({
      resultType: z.literal('matrix'),
      result: z.array(z.object({ metric: labelsSchema, values: z.array(z.unknown()).optional() })),
      stats: z.unknown().optional(),
    }),
  ]),
  ...envelope,
})

export const namesSchema = z.object({ data: z.array(z.string()), ...envelope })

export const metadataSchema = z.object({
  data: z.record(z.string(), z.array(z.object({ type: z.string(), help: z.string(), unit: z.string() }))),
})

export const exemplarsSchema = z.object({
  data: z.array(
    z.object({
      seriesLabels: labelsSchema,
      exemplars: z.array(z.object({ labels: labelsSchema, value: z.string(), timestamp: z.number() })),
    }),
  ),
})

export const seriesSchema = z.object({ data: z.array(labelsSchema), ...envelope })
