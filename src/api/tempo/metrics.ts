import { AppError } from '../../core/index.ts'
import { evaluateTraceMetrics, parseTraceql, type TraceqlQuery, type TraceqlSeries } from '../../query/index.ts'
import type { ApiHandler, HandlerContext } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import { withTimeout } from '../handlers/timeout.ts'
import { jsonResponse } from '../messages.ts'
import { missingSpans } from './missing.ts'
import { MAX_QUERY_MS, metricsRange, stepParameter, wholeNumber } from './params.ts'
import { toMetricsJson } from './search.ts'
import { toDouble, toKeyValues } from './values.ts'

/** `/api/metrics/query_range`. */
export const queryRange: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const query = metricsQuery(params)
  const range = metricsRange(params, context.clock.now())
  const grid = { ...range, stepNs: stepParameter(params, range.endNs - range.startNs) }
  const exemplars = wholeNumber(params, 'exemplars') ?? 0
  const { series, inspectedSpans } = await evaluate(query, grid, exemplars, context)
  const partial = await missingSpans(request, context, Number(range.endNs / 1_000_000n))
  const metrics = toMetricsJson(inspectedSpans)
  return jsonResponse(JSON.stringify({ series: series.map(toSeriesJson), metrics, ...partial }))
}

/** `/api/metrics/query`: one value a series for the whole range. */
export const query: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const range = metricsRange(params, context.clock.now())
  const { series, inspectedSpans } = await evaluate(metricsQuery(params), range, 0, context)
  const values = series.flatMap(({ labels, samples: [sample] }) =>
    sample === undefined ? [] : [{ ...labelsJson(labels), ...valueJson(sample.value) }],
  )
  const partial = await missingSpans(request, context, Number(range.endNs / 1_000_000n))
  return jsonResponse(JSON.stringify({ series: values, metrics: toMetricsJson(inspectedSpans), ...partial }))
}

export function evaluate(
  query: TraceqlQuery,
  grid: Parameters<typeof evaluateTraceMetrics>[1],
  exemplars: number,
  { scope, sources, signal: caller }: HandlerContext,
): ReturnType<typeof evaluateTraceMetrics> {
  return withTimeout(caller, MAX_QUERY_MS, (signal) =>
    evaluateTraceMetrics(query, grid, { source: sources.traces, scope, exemplars, signal }),
  )
}

function metricsQuery(params: Params): TraceqlQuery {
  // Before it was called q it was called query.
  const text = params.queryText('q') || params.queryText('query')
  if (text === '') throw new AppError('invalid', 'missing required parameter q')
  return parseTraceql(text)
}

/** Without a `by` there are no labels but the function's name, which TraceQL gives. */
function toSeriesJson({ labels, samples, exemplars }: TraceqlSeries): unknown {
  return {
    ...labelsJson(labels),
    samples: samples.map(({ timeMs, value }) => ({ timestampMs: String(timeMs), ...valueJson(value) })),
    ...(exemplars.length === 0
      ? {}
      : {
          exemplars: exemplars.map((exemplar) => ({
            ...labelsJson(exemplar.labels),
            ...valueJson(exemplar.value),
            timestampMs: String(exemplar.timeMs),
          })),
        }),
  }
}

function labelsJson(labels: TraceqlSeries['labels']): Readonly<Record<string, unknown>> {
  return labels.length === 0 ? {} : { labels: toKeyValues(labels) }
}

/** Protobuf's JSON leaves out what is zero. */
function valueJson(value: number): Readonly<Record<string, unknown>> {
  return value === 0 ? {} : { value: toDouble(value) }
}
