import { AppError } from '../../core/index.ts'
import { evaluateLogs, evaluateMetric, type LogSource, type MetricResult, parseLogql } from '../../query/index.ts'
import type { ApiHandler, HandlerContext } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import { renderCategorized, renderInstant, renderMatrix, renderStreams, successResponse } from './json.ts'
import { missingLines } from './missing.ts'
import {
  directionParameter,
  intervalParameter,
  limitParameter,
  rangeParameters,
  stepParameter,
  timeParameter,
} from './params.ts'
import { renderStatistics } from './statistics.ts'

/** `/loki/api/v1/query`: a metric query at one time. */
export const query: ApiHandler = async (request, context) => {
  const beganAt = performance.now()
  const params = new Params(request)
  const expr = parseLogql(params.queryText('query'))
  if (expr.kind === 'logs') {
    throw new AppError(
      'invalid',
      'log queries are not supported as an instant query type, please change your query to a range query type',
    )
  }
  const timeNs = timeParameter(params, 'time', BigInt(context.clock.now()) * 1_000_000n)
  const timeMs = Number(timeNs / 1_000_000n)
  const grid = { startMs: timeMs, stepMs: 1, count: 1 }
  const result = await evaluateMetric(expr, grid, options(context, context.sources.logs))
  const warnings = await missingLines(request, context, expr, timeMs)
  const stats = renderStatistics(result.statistics, beganAt, rowsOf(result))
  return successResponse(renderInstant(result, timeMs, stats), warnings)
}

/** `/loki/api/v1/query_range`: log lines, or a metric query at each step. */
export const queryRange: ApiHandler = async (request, context) => {
  const beganAt = performance.now()
  const params = new Params(request)
  const expr = parseLogql(params.queryText('query'))
  const range = rangeParameters(params, context)
  const { logs } = context.sources
  if (expr.kind === 'logs') {
    const direction = directionParameter(params)
    const wanted = { ...range, limit: limitParameter(params), direction, intervalNs: intervalParameter(params) }
    const categorize = (request.headers.encodingFlags ?? '')
      .split(',')
      .some((flag) => flag.trim() === 'categorize-labels')
    const source = categorize ? withReceipt(logs) : logs
    const { streams, statistics } = await evaluateLogs(expr, wanted, options(context, source))
    const entries = streams.reduce((sum, { lines }) => sum + lines.length, 0)
    const stats = renderStatistics(statistics, beganAt, entries)
    const data = categorize ? renderCategorized(streams, direction, stats) : renderStreams(streams, stats)
    return successResponse(data, await missingLines(request, context, expr, Number(range.endNs / 1_000_000n)))
  }
  const stepMs = stepParameter(params, range)
  const startMs = Number(range.startNs / 1_000_000n)
  const endMs = Number(range.endNs / 1_000_000n)
  const grid = { startMs, stepMs, count: Math.floor((endMs - startMs) / stepMs) + 1 }
  const result = await evaluateMetric(expr, grid, options(context, logs))
  const stats = renderStatistics(result.statistics, beganAt, rowsOf(result))
  return successResponse(renderMatrix(result, grid, stats), await missingLines(request, context, expr, endMs))
}

function options(context: HandlerContext, source: LogSource): Parameters<typeof evaluateMetric>[2] {
  return { source, scope: context.scope, signal: context.signal }
}

/** The source with the hub's time of receipt among the metadata: where metadata stand apart, they split no streams. */
function withReceipt(source: LogSource): LogSource {
  return {
    labelNames: (...request) => source.labelNames(...request),
    labelValues: (...request) => source.labelValues(...request),
    streams: (...request) => source.streams(...request),
    select: (scope, request, signal) =>
      source.select(scope, { ...request, columns: { ...request.columns, received: true } }, signal),
  }
}

function rowsOf(result: MetricResult): number {
  return result.type === 'scalar' ? 1 : result.series.length
}
