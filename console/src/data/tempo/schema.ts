import '../no-eval.ts'
import { z } from 'zod'

/** Shapes of Tempo's HTTP API and of OTLP's JSON within it. */
const text = z.union([z.string(), z.number()]).transform(String)

export const searchSchema = z.object({
  traces: z
    .array(
      z.object({
        traceID: z.string(),
        rootServiceName: z.string().optional(),
        rootTraceName: z.string().optional(),
        startTimeUnixNano: text,
        durationMs: z.number().optional(),
        spanSets: z.array(z.object({ matched: z.number().optional() })).optional(),
        serviceStats: z
          .record(z.string(), z.object({ spanCount: z.number().optional(), errorCount: z.number().optional() }))
          .optional(),
      }),
    )
    .optional(),
})

export const tagsSchema = z.object({
  scopes: z.array(z.object({ name: z.string(), tags: z.array(z.string()).optional() })).optional(),
})

export const tagValuesSchema = z.object({
  tagValues: z.array(z.object({ type: z.string(), value: z.string() })).optional(),
})

/** An attribute's value; what is nested is shown as JSON. */
const anyValue = z.looseObject({
  stringValue: z.string().optional(),
  boolValue: z.boolean().optional(),
  intValue: text.optional(),
  doubleValue: z.number().optional(),
})
export type AnyValue = z.infer<typeof anyValue>
const attributes = z.array(z.object({ key: z.string(), value: anyValue.optional() })).optional()

const label = z.object({ key: z.string(), value: anyValue.optional() })
/** Protobuf's JSON leaves out what is zero; numbers that are none are words. */
const value = z.union([z.number(), z.string()]).optional()

export const metricsRangeSchema = z.object({
  series: z
    .array(
      z.object({
        labels: z.array(label).optional(),
        samples: z.array(z.object({ timestampMs: text.optional(), value })).optional(),
        exemplars: z
          .array(z.object({ labels: z.array(label).optional(), value, timestampMs: text.optional() }))
          .optional(),
      }),
    )
    .optional(),
})

export const metricsInstantSchema = z.object({
  series: z.array(z.object({ labels: z.array(label).optional(), value })).optional(),
})

const span = z.object({
  traceId: z.string().optional(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string().optional(),
  kind: z.union([z.string(), z.number()]).optional(),
  startTimeUnixNano: text,
  endTimeUnixNano: text,
  attributes,
  status: z.object({ code: z.union([z.string(), z.number()]).optional(), message: z.string().optional() }).optional(),
  events: z.array(z.object({ timeUnixNano: text, name: z.string().optional(), attributes })).optional(),
  links: z.array(z.object({ traceId: z.string(), spanId: z.string(), attributes })).optional(),
})

export const traceSchema = z.object({
  trace: z.object({
    resourceSpans: z
      .array(
        z.object({
          resource: z.object({ attributes }).optional(),
          scopeSpans: z
            .array(
              z.object({
                scope: z.object({ name: z.string().optional() }).optional(),
                spans: z.array(span).optional(),
              }),
            )
            .optional(),
        }),
      )
      .optional(),
  }),
  message: z.string().optional(),
})
export type TraceBody = z.infer<typeof traceSchema>

const number = z.union([z.string(), z.number()])

export const metricsSchema = z.object({
  series: z
    .array(
      z.object({
        labels: z
          .array(
            z.object({
              key: z.string(),
              value: z.object({
                stringValue: z.string().optional(),
                intValue: number.optional(),
                doubleValue: number.optional(),
                boolValue: z.boolean().optional(),
              }),
            }),
          )
          .optional(),
        value: z.number().optional(),
      }),
    )
    .optional(),
})
