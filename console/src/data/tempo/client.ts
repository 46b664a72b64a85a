import { ask, check } from '../ask.ts'
import type { Caller } from '../prometheus/client.ts'
import type { Interval } from '../time-range.ts'
import { readSpans, type TraceSpan } from '../trace/span.ts'
import { metricsSchema, searchSchema, tagsSchema, tagValuesSchema, traceSchema } from './schema.ts'

const BASE = '/tempo/api'

export interface TraceSummary {
  readonly traceId: string
  readonly service: string
  readonly name: string
  readonly startMs: number
  readonly durationMs: number
  /** Spans that the query found. */
  readonly matched: number
  /** Of the whole trace by service, where the hub says it. */
  readonly services: readonly { readonly name: string; readonly spans: number; readonly errors: number }[]
}

export interface TraceSearch {
  readonly traces: readonly TraceSummary[]
  readonly elapsedMs: number
  readonly raw: unknown
}

export async function searchTraces(
  query: string,
  within: Interval,
  limit: number,
  caller: Caller,
): Promise<TraceSearch> {
  const params = {
    q: query,
    start: Math.floor(within.fromMs / 1_000),
    end: Math.ceil(within.toMs / 1_000),
    limit,
    spss: 1,
  }
  const { body, elapsedMs } = await ask({ path: `${BASE}/search`, params, ...caller })
  const { traces = [] } = check(searchSchema, body)
  return {
    elapsedMs,
    raw: body,
    traces: traces.map((trace) => ({
      traceId: trace.traceID.padStart(32, '0'),
      service: trace.rootServiceName ?? '',
      name: trace.rootTraceName ?? '',
      startMs: Number(trace.startTimeUnixNano.slice(0, -6)),
      durationMs: trace.durationMs ?? 0,
      matched: trace.spanSets?.[0]?.matched ?? 0,
      services: Object.entries(trace.serviceStats ?? {}).map(([name, { spanCount = 0, errorCount = 0 }]) => ({
        name,
        spans: spanCount,
        errors: errorCount,
      })),
    })),
  }
}

export interface WholeTrace {
  readonly spans: readonly TraceSpan[]
  readonly elapsedMs: number
  /** What the hub says about an answer that is not whole. */
  readonly note: string | undefined
  readonly raw: unknown
}

export async function fetchTrace(traceId: string, caller: Caller): Promise<WholeTrace> {
  const { body, elapsedMs } = await ask({ path: `${BASE}/v2/traces/${encodeURIComponent(traceId)}`, ...caller })
  const checked = check(traceSchema, body)
  return { spans: readSpans(checked), elapsedMs, note: checked.message, raw: body }
}

/** Attribute names with their scope, as TraceQL writes them: `resource.service.name`, `name`. */
export async function fetchTraceTags(caller: Caller): Promise<readonly string[]> {
  const { body } = await ask({ path: `${BASE}/v2/search/tags`, ...caller })
  return (check(tagsSchema, body).scopes ?? []).flatMap(({ name, tags = [] }) =>
    tags.map((tag) => (name === 'intrinsic' ? tag : `${name}.${tag}`)),
  )
}

export async function fetchTraceTagValues(
  tag: string,
  caller: Caller,
): Promise<readonly { readonly type: string; readonly value: string }[]> {
  const { body } = await ask({ path: `${BASE}/v2/search/tag/${encodeURIComponent(tag)}/values`, ...caller })
  return check(tagValuesSchema, body).tagValues ?? []
}

/** One series of an instant query, by what TraceQL wrote behind `by`. */
export interface TraceSeries {
  readonly labels: ReadonlyMap<string, { readonly text: string /** As TraceQL writes it. */; readonly literal: string }>
  readonly value: number
}

/** A TraceQL metrics query, one value a series for the whole range. */
export async function queryTraceMetrics(
  query: string,
  within: Interval,
  caller: Caller,
): Promise<readonly TraceSeries[]> {
  const params = { q: query, start: Math.floor(within.fromMs / 1_000), end: Math.ceil(within.toMs / 1_000) }
  const { body } = await ask({ path: `${BASE}/metrics/query`, params, ...caller })
  const { series = [] } = check(metricsSchema, body)
  return series.map(({ labels = [], value = 0 }) => ({
    value,
    labels: new Map(
      labels.map(({ key, value: { stringValue, intValue, doubleValue, boolValue } }) => {
        if (stringValue !== undefined) return [key, { text: stringValue, literal: JSON.stringify(stringValue) }]
        const text = String(intValue ?? doubleValue ?? boolValue ?? '')
        return [key, { text, literal: text }]
      }),
    ),
  }))
}
