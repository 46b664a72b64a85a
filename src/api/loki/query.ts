import { AppError } from '../../core/index.ts'
import { evaluateLogs, evaluateMetric, parseLogql } from '../../query/index.ts'
import type { ApiHandler } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import { renderCategorized, renderInstant, renderMatrix, renderStreams, successResponse } from './json.ts'
import { directionParameter, limitParameter, rangeParameters, stepParameter, timeParameter } from './params.ts'

/** `/loki/api/v1/query`: a metric query at one time. */
export const query: ApiHandler = async (request, context) => {
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
  return successResponse(renderInstant(await evaluateMetric(expr, grid, options(context)), timeMs))
}

/** `/loki/api/v1/query_range`: log lines, or a metric query at each step. */
export const queryRange: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const expr = parseLogql(params.queryText('query'))
  const range = rangeParameters(params, context)
  if (expr.kind === 'logs') {
    const limits = { limit: limitParameter(params), direction: directionParameter(params) }
    const streams = await evaluateLogs(expr, { ...range, ...limits }, options(context))
    const categorize = (request.headers.encodingFlags ?? '')
      .split(',')
      .some((flag) => flag.trim() === 'categorize-labels')
    return successResponse(categorize ? renderCategorized(streams) : renderStreams(streams))
  }
  const stepMs = stepParameter(params, range)
  const startMs = Number(range.startNs / 1_000_000n)
  const endMs = Number(range.endNs / 1_000_000n)
  const grid = { startMs, stepMs, count: Math.floor((endMs - startMs) / stepMs) + 1 }
  return successResponse(renderMatrix(await evaluateMetric(expr, grid, options(context)), grid))
}

function options(context: Parameters<ApiHandler>[1]): Parameters<typeof evaluateMetric>[2] {
  return { source: context.sources.logs, scope: context.scope, signal: context.signal }
}
