import { AppError } from '../../core/index.ts'
import {
  evaluateInstant,
  evaluateRange,
  evaluateRangeCached,
  type Expr,
  latestLookMs,
  parsePromql,
  type QueryData,
  type QueryResult,
  selectorsOf,
  TYPE_WORDS,
} from '../../query/index.ts'
import type { ApiHandler, HandlerContext } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import { withTimeout } from '../handlers/timeout.ts'
import type { ApiRequest, ApiResponse } from '../messages.ts'
import { prometheusErrorResponse } from '../render-error.ts'
import { queryResponse } from './json.ts'
import { missingSamples } from './missing.ts'
import { durationParameter, limitParameter, parseDuration, parseParameter, timeParameter } from './params.ts'

const MAX_POINTS = 11_000
const MAX_TIMEOUT_MS = 60_000
const TRUNCATED = 'results truncated due to limit'

/** `/api/v1/query`. */
export const query: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const limit = limitParameter(params)
  const timeMs = timeParameter(params, 'time', context.clock.now())
  const timeoutMs = timeoutParameter(params)
  const lookbackMs = lookbackParameter(params)
  const expr = parseParameter('query', () => parsePromql(params.queryText('query'), context.features))
  const { features } = context
  const missing = () => missingOf(request, context, expr, { startMs: timeMs, endMs: timeMs })
  return await answer({ params, limit, features, grid: { startMs: timeMs, stepMs: 1 } }, missing, () =>
    withTimeout(context.signal, timeoutMs, (signal) =>
      evaluateInstant(expr, timeMs, options(params, context, { lookbackMs, signal })),
    ),
  )
}

/** `/api/v1/query_range`. */
export const queryRange: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const limit = limitParameter(params)
  const range = rangeOf(params)
  const timeoutMs = timeoutParameter(params)
  const lookbackMs = lookbackParameter(params)
  const expr = parseParameter('query', () => {
    const parsed = parsePromql(params.queryText('query'), context.features)
    if (parsed.type === 'scalar' || parsed.type === 'vector') return parsed
    const word = JSON.stringify(TYPE_WORDS[parsed.type])
    throw new AppError('invalid', `invalid expression type ${word} for range query, must be Scalar or instant Vector`)
  })
  // Who wants to know what a query costs is not given what another one found.
  const uncached = request.headers.noStore === true || params.get('stats') !== ''
  const cache = uncached ? undefined : context.cache
  const { features } = context
  const missing = () => missingOf(request, context, expr, range)
  return await answer({ params, limit, features, grid: range }, missing, () =>
    withTimeout(context.signal, timeoutMs, (signal) => {
      const how = options(params, context, { lookbackMs, signal })
      return cache === undefined ? evaluateRange(expr, range, how) : evaluateRangeCached(expr, range, how, cache)
    }),
  )
}

/** Clusters whose newest samples the query would see if they were there; looked up beside the evaluation. */
async function missingOf(
  request: ApiRequest,
  context: HandlerContext,
  expr: Expr,
  range: { readonly startMs: number; readonly endMs: number },
): Promise<readonly string[]> {
  const matcherSets = selectorsOf(expr)
  if (matcherSets.length === 0) return []
  return await missingSamples(request, context, { matcherSets, latestMs: latestLookMs(expr, range) })
}

function rangeOf(params: Params): { startMs: number; endMs: number; stepMs: number } {
  const startMs = timeParameter(params, 'start')
  const endMs = timeParameter(params, 'end')
  if (endMs < startMs) {
    throw new AppError('invalid', 'invalid parameter "end": end timestamp must not be before start time')
  }
  const exactMs = durationParameter(params, 'step')
  if (exactMs <= 0) throw zeroStep()
  if ((endMs - startMs) / exactMs > MAX_POINTS) {
    throw new AppError(
      'invalid',
      'exceeded maximum resolution of 11,000 points per timeseries. ' +
        'Try decreasing the query resolution (?step=XX)',
    )
  }
  const stepMs = Math.trunc(exactMs)
  if (stepMs === 0) throw zeroStep()
  return { startMs, endMs, stepMs }
}

function zeroStep(): AppError {
  const message = 'zero or negative query resolution step widths are not accepted. Try a positive integer'
  return new AppError('invalid', `invalid parameter "step": ${message}`)
}

function timeoutParameter(params: Params): number {
  if (params.get('timeout') === '') return MAX_TIMEOUT_MS
  const timeoutMs = durationParameter(params, 'timeout')
  // It is over before the query begins.
  if (timeoutMs <= 0) throw new AppError('timeout', 'query timed out in query execution')
  return Math.min(MAX_TIMEOUT_MS, Math.ceil(timeoutMs))
}

/** 0 for the usual one. */
function lookbackParameter(params: Params): number {
  const text = params.get('lookback_delta')
  if (text === '') return 0
  const ms = parseDuration(text)
  if (typeof ms === 'number') return Math.trunc(ms)
  throw new AppError('invalid', `error parsing lookback delta duration: ${ms.problem}`)
}

function options(
  params: Params,
  { scope, sources }: HandlerContext,
  { lookbackMs, signal }: { readonly lookbackMs: number; readonly signal: AbortSignal },
): Parameters<typeof evaluateRangeCached>[2] {
  const query = params.queryText('query')
  const counted = params.get('stats') !== ''
  return { source: sources.metrics, scope, signal, query, counted, ...(lookbackMs > 0 ? { lookbackMs } : {}) }
}

interface Asked extends Pick<HandlerContext, 'features'>, Pick<StatsWanted, 'grid'> {
  readonly params: Params
  readonly limit: number | undefined
}

/** A parsed query that cannot be answered is an execution error, whatever the code says of the request. */
async function answer(
  { params, limit, features, grid }: Asked,
  findMissing: () => Promise<readonly string[]>,
  evaluate: () => Promise<QueryResult>,
): Promise<ApiResponse> {
  const startMs = performance.now()
  let result: QueryResult
  let missing: readonly string[]
  try {
    ;[result, missing] = await Promise.all([evaluate(), findMissing()])
  } catch (reason) {
    const error = AppError.from(reason)
    const execution = error.code === 'invalid' || error.code === 'exhausted' || error.code === 'too_large'
    if (!execution) throw error
    return prometheusErrorResponse(422, 'execution', error.message)
  }
  const { data, truncated } = limitData(result.data, limit)
  const shown = firstOf(result.warnings, 'warning')
  const wanted = params.get('stats')
  const warnings = [...shown, ...missing, ...(truncated ? [TRUNCATED] : []), ...statsWarning(wanted)]
  const seconds = (performance.now() - startMs) / 1000
  const perStep = wanted === 'all' && features.has('promql-per-step-stats')
  const stats = wanted === '' ? undefined : statsOf(seconds, result, { grid, perStep })
  return queryResponse(data, stats, {
    warnings,
    infos: firstOf([...result.infos, ...result.rollups], 'info'),
  })
}

/**
 * What `stats` asks for. The evaluation is timed as a whole. Samples are counted as Prometheus counts them; where rollups
 * were read instead, those that were read.
 */
function statsOf(seconds: number, result: QueryResult, { grid, perStep }: StatsWanted): string {
  const { samples, peak, counts, rollups } = result
  const total = counts === undefined || rollups.length > 0 ? samples : counts.total
  const steps = perStep && counts !== undefined ? Array.from(counts.perStep, stepOf(grid)) : undefined
  return JSON.stringify({
    timings: {
      evalTotalTime: seconds,
      resultSortTime: 0,
      queryPreparationTime: 0,
      innerEvalTime: seconds,
      execQueueTime: 0,
      execTotalTime: seconds,
    },
    samples: {
      ...(steps === undefined ? {} : { totalQueryableSamplesPerStep: steps }),
      totalQueryableSamples: total,
      samplesRead: samples,
      peakSamples: peak,
    },
  })
}

interface StatsWanted {
  readonly grid: { readonly startMs: number; readonly stepMs: number }
  /** `stats=all`, where the part is switched on. */
  readonly perStep: boolean
}

function stepOf({ startMs, stepMs }: StatsWanted['grid']): (samples: number, step: number) => readonly number[] {
  return (samples, step) => [(startMs + step * stepMs) / 1000, samples]
}

function statsWarning(wanted: string): readonly string[] {
  if (['', 'true', 'all'].includes(wanted)) return []
  const deprecated = 'is deprecated and will be rejected in the next major release'
  return [`value ${JSON.stringify(wanted)} for parameter "stats" ${deprecated}, use "true" or "all"`]
}

/** Prometheus shows so many annotations of each kind and counts the others. */
const MAX_ANNOTATIONS = 10

function firstOf(texts: readonly string[], kind: 'warning' | 'info'): readonly string[] {
  const others = texts.length - MAX_ANNOTATIONS
  if (others <= 0) return texts
  return [...texts.slice(0, MAX_ANNOTATIONS), `${String(others)} more ${kind} annotations omitted`]
}

function limitData(data: QueryData, limit: number | undefined): { data: QueryData; truncated: boolean } {
  if (limit !== undefined && data.type === 'vector' && data.samples.length > limit) {
    return { data: { ...data, samples: data.samples.slice(0, limit) }, truncated: true }
  }
  if (limit !== undefined && data.type === 'matrix' && data.series.length > limit) {
    return { data: { ...data, series: data.series.slice(0, limit) }, truncated: true }
  }
  return { data, truncated: false }
}
