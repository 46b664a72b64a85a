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

/** An attribute's value; what is nested is shown as JSON. Numbers that are none are words. */
const anyValue = z.looseObject({
  stringValue: z.string().optional(),
  boolValue: z.boolean().optional(),
  intValue: z.union([z.string(), z.number()]).optional(),
  doubleValue: z.union([z.number(), z.string()]).optional(),
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

export interface KeyValue {
  readonly key: string
  readonly value?: AnyValue | undefined
}

export interface SpanBody {
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name?: string
  readonly kind?: string | number
  readonly startTimeUnixNano: string | number
  readonly endTimeUnixNano: string | number
  readonly attributes?: readonly KeyValue[]
  readonly status?: { readonly code?: string | number; readonly message?: string }
  readonly events?: readonly {
    readonly timeUnixNano: string | number
    readonly name?: string
    readonly attributes?: readonly KeyValue[]
  }[]
  readonly links?: readonly {
    readonly traceId: string
    readonly spanId: string
    readonly attributes?: readonly KeyValue[]
  }[]
}

const isText = (value: unknown): boolean => typeof value === 'string'
const isNumeral = (value: unknown): boolean => typeof value === 'string' || typeof value === 'number'
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function isListOf(list: unknown, isItem: (item: Readonly<Record<string, unknown>>) => boolean): boolean {
  return list === undefined || (Array.isArray(list) && list.every((item) => isRecord(item) && isItem(item)))
}

function isKeyValue({ key, value }: Readonly<Record<string, unknown>>): boolean {
  if (value === undefined) return isText(key)
  if (!isText(key) || !isRecord(value)) return false
  const { stringValue, boolValue, intValue, doubleValue } = value
  return (
    (stringValue === undefined || isText(stringValue)) &&
    (boolValue === undefined || typeof boolValue === 'boolean') &&
    (intValue === undefined || isNumeral(intValue)) &&
    (doubleValue === undefined || isNumeral(doubleValue))
  )
}

/** By hand: a trace may have tens of thousands, for which a general check takes longer than reading them. */
function isSpan(span: unknown): span is SpanBody {
  if (!isRecord(span)) return false
  const { spanId, parentSpanId, name, kind, startTimeUnixNano, endTimeUnixNano, attributes, status } = span
  return (
    isText(spanId) &&
    (parentSpanId === undefined || isText(parentSpanId)) &&
    (name === undefined || isText(name)) &&
    (kind === undefined || isNumeral(kind)) &&
    isNumeral(startTimeUnixNano) &&
    isNumeral(endTimeUnixNano) &&
    isListOf(attributes, isKeyValue) &&
    (status === undefined ||
      (isRecord(status) &&
        (status['code'] === undefined || isNumeral(status['code'])) &&
        (status['message'] === undefined || isText(status['message'])))) &&
    isListOf(
      span['events'],
      (event) =>
        isNumeral(event['timeUnixNano']) &&
        (event['name'] === undefined || isText(event['name'])) &&
        isListOf(event['attributes'], isKeyValue),
    ) &&
    isListOf(
      span['links'],
      (link) => isText(link['traceId']) && isText(link['spanId']) && isListOf(link['attributes'], isKeyValue),
    )
  )
}

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
                spans: z.array(z.custom<SpanBody>(isSpan)).optional(),
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
