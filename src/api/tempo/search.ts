import { AppError, messageOf } from '../../core/index.ts'
import {
  type FoundSpan,
  type FoundSpanset,
  type FoundTrace,
  parseTags,
  parseTraceql,
  searchTraces,
  type TraceqlQuery,
} from '../../query/index.ts'
import type { ApiHandler } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import { withTimeout } from '../handlers/timeout.ts'
import { jsonResponse } from '../messages.ts'
import { durationParameter, MAX_QUERY_MS, rangeBefore, searchLimits } from './params.ts'
import { toKeyValues } from './values.ts'

/** What Tempo calls the service of a root that has not come. */
const NO_ROOT = '<root span not yet received>'

/** `/api/search`, by TraceQL (`q`) or in the old form (`tags`, `minDuration`, `maxDuration`). */
export const search: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const query = parseQuery(params)
  const asked = { ...rangeBefore(params, context.clock.now()), ...searchLimits(params), ...durations(params) }
  const { scope, sources } = context
  const { traces, inspectedTraces, inspectedSpans } = await withTimeout(context.signal, MAX_QUERY_MS, (signal) =>
    searchTraces(query, asked, { source: sources.traces, scope, signal }),
  )
  return jsonResponse(
    JSON.stringify({ traces: traces.map(toTraceJson), metrics: toMetricsJson(inspectedSpans, inspectedTraces) }),
  )
}

/** Work that was done, as Tempo counts it. */
export function toMetricsJson(inspectedSpans: number, inspectedTraces = 0): unknown {
  return {
    ...(inspectedTraces === 0 ? {} : { inspectedTraces }),
    completedJobs: 1,
    totalJobs: 1,
    ...(inspectedSpans === 0 ? {} : { inspectedSpans: String(inspectedSpans) }),
  }
}

function parseQuery(params: Params): TraceqlQuery {
  const q = params.queryText('q')
  const tags = params.queryText('tags')
  if (q === '') return parseTags(tags)
  if (tags !== '') throw new AppError('invalid', "invalid request: can't specify tags and q in the same query")
  try {
    return parseTraceql(q)
  } catch (reason) {
    throw new AppError('invalid', `invalid TraceQL query: ${messageOf(reason)}`, { cause: reason })
  }
}

function durations(params: Params): { readonly minDurationNs?: bigint; readonly maxDurationNs?: bigint } {
  const minDurationNs = durationParameter(params, 'minDuration')
  const maxDurationNs = durationParameter(params, 'maxDuration')
  if (minDurationNs !== undefined && maxDurationNs !== undefined && maxDurationNs <= minDurationNs) {
    throw new AppError('invalid', 'invalid maxDuration: must be greater than minDuration')
  }
  return {
    ...(minDurationNs === undefined ? {} : { minDurationNs }),
    ...(maxDurationNs === undefined ? {} : { maxDurationNs }),
  }
}

function toTraceJson({ traceId, rootServiceName, rootTraceName, startNs, durationNs, ...trace }: FoundTrace): unknown {
  const durationMs = Number(durationNs / 1_000_000n)
  const spanSets = trace.spansets.map(toSpanSetJson)
  const [spanSet] = spanSets
  return {
    traceID: traceId,
    rootServiceName: rootServiceName === '' ? NO_ROOT : rootServiceName,
    ...(rootTraceName === '' ? {} : { rootTraceName }),
    startTimeUnixNano: startNs.toString(),
    // Protobuf's JSON leaves out what is zero.
    ...(durationMs === 0 ? {} : { durationMs }),
    spanSet,
    spanSets,
    serviceStats: Object.fromEntries(
      [...trace.services].map(([name, { spans, errors }]) => [
        name,
        { spanCount: spans, ...(errors === 0 ? {} : { errorCount: errors }) },
      ]),
    ),
  }
}

function toSpanSetJson({ spans, matched, attributes }: FoundSpanset): unknown {
  return {
    spans: spans.map(toSpanJson),
    matched,
    ...(attributes.length === 0 ? {} : { attributes: toKeyValues(attributes) }),
  }
}

function toSpanJson({ span, attributes }: FoundSpan): unknown {
  const durationNs = span.endNs - span.startNs
  return {
    spanID: span.spanId,
    ...(span.name === '' ? {} : { name: span.name }),
    startTimeUnixNano: span.startNs.toString(),
    ...(durationNs === 0n ? {} : { durationNanos: durationNs.toString() }),
    ...(attributes.length === 0 ? {} : { attributes: toKeyValues(attributes) }),
  }
}
