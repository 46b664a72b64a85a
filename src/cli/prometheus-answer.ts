import { z } from 'zod'

const sample = z.tuple([z.number(), z.string()])
const histogram = z.tuple([z.number(), z.looseObject({ count: z.string(), sum: z.string() })])
const labels = z.record(z.string(), z.string())

const vectorSchema = z.object({
  resultType: z.literal('vector'),
  result: z.array(z.object({ metric: labels, value: sample.optional(), histogram: histogram.optional() })),
})
const matrixSchema = z.object({
  resultType: z.literal('matrix'),
  result: z.array(
    z.object({ metric: labels, values: z.array(sample).optional(), histograms: z.array(histogram).optional() }),
  ),
})
const scalarSchema = z.object({ resultType: z.literal('scalar'), result: sample })
const stringSchema = z.object({ resultType: z.literal('string'), result: sample })

/** The answer of Prometheus' `/api/v1/query` and `/api/v1/query_range`. */
export const prometheusAnswerSchema = z.object({
  status: z.literal('success'),
  data: z.discriminatedUnion('resultType', [vectorSchema, matrixSchema, scalarSchema, stringSchema]),
  warnings: z.array(z.string()).default([]),
  infos: z.array(z.string()).default([]),
})

export type PrometheusData = z.output<typeof prometheusAnswerSchema>['data']
export type Vector = z.output<typeof vectorSchema>['result']
export type Matrix = z.output<typeof matrixSchema>['result']
