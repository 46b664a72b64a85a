import { AppError } from '../../core/index.ts'
import type { TraceOverview, WholeSpan } from '../../query/index.ts'
import type { ApiHandler } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import { type ApiResponse, jsonResponse } from '../messages.ts'
import { groupSpans } from '../otlp/group-spans.ts'
import { OTLP_JSON, toResourceSpansJson } from '../otlp/trace-json.ts'
import { FILTER_OPERATORS } from './filter.ts'
import { FILTER_LEVELS } from './filter-terms.ts'
import { ofKind } from './legacy.ts'
import { ofParameter, parseTraceId } from './parameters.ts'
import { spanKindWord } from './tags.ts'
import { named, parseFindTraces, parseTimeRange, parseTraceTimes } from './v3-params.ts'

/** `/api/v3/services`. */
export const services: ApiHandler = async (_request, { sources, scope, signal }) =>
  json({ services: await sources.services.services(scope, signal) })

/** `/api/v3/operations?service=&spanKind=`. A span whose kind is not given counts as internal. */
export const operations: ApiHandler = async (request, { sources, scope, signal }) => {
  const params = new Params(request)
  const service = params.get('service')
  if (service === '') throw new AppError('invalid', 'malformed parameter service: it is required')
  const found = await sources.services.operations(scope, service, signal)
  const wanted = ofKind(found, named(params, 'spanKind', 'span_kind').text)
  return json({
    operations: wanted.map(({ name, kind }) => ({ name, spanKind: spanKindWord(kind) || 'internal' })),
  })
}

/** `/api/v3/traces`: a search. */
export const traces: ApiHandler = async (request, { sources, scope, signal }) => {
  const ids = await sources.services.findTraces(scope, parseFindTraces(new Params(request)), signal)
  const spans = await sources.services.spansOf(scope, ids, {}, signal)
  const byTrace = groupByTrace(spans)
  return tracesData(ids.flatMap((id) => groupSpans(byTrace.get(id) ?? [])))
}

/** `/api/v3/traces/<id>`. */
export const trace: ApiHandler = async (request, { sources, scope, signal }) => {
  const id = ofParameter('malformed parameter trace_id', () => parseTraceId(request.path['id'] ?? ''))
  const spans = await sources.services.spansOf(scope, [id], parseTraceTimes(new Params(request)), signal)
  if (spans.length === 0) throw new AppError('not_found', 'No traces found')
  return tracesData(groupSpans(spans))
}

/** `/api/v3/trace-summaries`: a search, answered with a line for each trace. */
export const traceSummaries: ApiHandler = async (request, { sources, scope, signal }) => {
  const ids = await sources.services.findTraces(scope, parseFindTraces(new Params(request)), signal)
  const overviews = await sources.services.overviews(scope, ids, signal)
  return json({ summaries: overviews.map(toSummary) })
}

/** `/api/v3/dependencies?startTime=&endTime=`. Counts are 64-bit integers, which protobuf's JSON has as strings. */
export const dependencies: ApiHandler = async (request, { sources, scope, signal }) => {
  const { startNs, endNs } = parseTimeRange(new Params(request))
  const range = { startMs: Number(startNs / 1_000_000n), endMs: Number(endNs / 1_000_000n) }
  const links = await sources.services.links(scope, range, signal)
  return json({ dependencies: links.map(({ parent, child, calls }) => ({ parent, child, callCount: String(calls) })) })
}

/** `/api/v3/capabilities`: what searches can ask for. */
export const capabilities: ApiHandler = () =>
  json({
    search: {
      withoutServiceName: true,
      sameSpanConjunction: true,
      filter: { levels: FILTER_LEVELS, operators: FILTER_OPERATORS },
      paginated: false,
      spanSearch: false,
      spanSorting: false,
    },
  })

function toSummary(trace: TraceOverview): unknown {
  return {
    traceId: trace.traceId,
    rootServiceName: trace.rootServiceName,
    rootOperationName: trace.rootOperationName,
    minStartTimeUnixNano: trace.startNs.toString(),
    maxEndTimeUnixNano: trace.endNs.toString(),
    spanCount: trace.spans,
    errorSpanCount: trace.errors,
    orphanSpanCount: trace.orphans,
    services: trace.services.map(({ name, spans, errors }) => ({ name, spanCount: spans, errorSpanCount: errors })),
  }
}

function groupByTrace(spans: readonly WholeSpan[]): ReadonlyMap<string, readonly WholeSpan[]> {
  const traces = new Map<string, WholeSpan[]>()
  for (const span of spans) {
    const own = traces.get(span.traceId) ?? []
    traces.set(span.traceId, own)
    own.push(span)
  }
  return traces
}

function tracesData(groups: ReturnType<typeof groupSpans>): ApiResponse {
  return json({ result: { resourceSpans: toResourceSpansJson(groups, OTLP_JSON) } })
}

function json(value: unknown): ApiResponse {
  return jsonResponse(JSON.stringify(value))
}
