import {
  type AttributeValue,
  parseTags,
  parseTraceql,
  type Span,
  type SpanCondition,
  type TraceSummary,
} from '../../query/index.ts'
import type { ApiHandler } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import { jsonResponse } from '../messages.ts'
import { toValueJson } from '../otlp/value-json.ts'
import { durationParameter, limits, searchRange } from './params.ts'

/** `/api/search`, by TraceQL (`q`) or in the old form (`tags`, `minDuration`, `maxDuration`). */
export const search: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const q = params.queryText('q')
  const conditions = q === '' ? parseTags(params.queryText('tags')) : parseTraceql(q)
  const minDurationNs = durationParameter(params, 'minDuration')
  const maxDurationNs = durationParameter(params, 'maxDuration')
  const found = await context.sources.traces.search(
    context.scope,
    {
      conditions,
      ...searchRange(params, context.clock.now()),
      ...(minDurationNs === undefined ? {} : { minDurationNs }),
      ...(maxDurationNs === undefined ? {} : { maxDurationNs }),
      ...limits(params),
    },
    context.signal,
  )
  const traces = found.map((summary) => toTraceJson(summary, conditions))
  return jsonResponse(JSON.stringify({ traces, metrics: {} }))
}

function toTraceJson(summary: TraceSummary, conditions: readonly SpanCondition[]): unknown {
  const spanSet = { spans: summary.spans.map((span) => toSpanJson(span, conditions)), matched: summary.matched }
  const durationMs = Number(summary.durationNs / 1_000_000n)
  return {
    traceID: summary.traceId,
    rootServiceName: summary.rootServiceName,
    rootTraceName: summary.rootTraceName,
    startTimeUnixNano: summary.startNs.toString(),
    // Protobuf's JSON leaves out what is zero.
    ...(durationMs === 0 ? {} : { durationMs }),
    spanSet,
    spanSets: [spanSet],
  }
}

function toSpanJson(span: Span, conditions: readonly SpanCondition[]): unknown {
  return {
    spanID: span.spanId,
    name: span.name,
    startTimeUnixNano: span.startNs.toString(),
    durationNanos: (span.endNs - span.startNs).toString(),
    attributes: askedAttributes(span, conditions).map(([key, value]) => ({ key, value: toValueJson(value) })),
  }
}

/** The attributes that the query asks about, as this span has them. */
function askedAttributes(span: Span, conditions: readonly SpanCondition[]): (readonly [string, AttributeValue])[] {
  const found = new Map<string, AttributeValue>()
  for (const { field } of conditions) {
    if (field.kind !== 'attribute') continue
    const places =
      field.scope === 'any'
        ? [span.attributes, span.resource]
        : [field.scope === 'span' ? span.attributes : span.resource]
    const value = places.find((place) => Object.hasOwn(place, field.name))?.[field.name]
    if (value !== undefined) found.set(field.name, value)
  }
  return [...found]
}
