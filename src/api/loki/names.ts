import { AppError } from '../../core/index.ts'
import type { Labels, Matcher } from '../../model/index.ts'
import { labelsKey } from '../../query/index.ts'
import type { ApiHandler, HandlerContext } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import type { ApiResponse } from '../messages.ts'
import { renderLabels, successResponse } from './json.ts'
import { type NsRange, rangeParameters, toTimeRange } from './params.ts'
import { matchersOf } from './sample-lines.ts'

/** `/loki/api/v1/labels`, optionally only those of streams that a selector selects. */
export const labels: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const range = rangeParameters(params, context)
  const selector = params.queryText('query')
  if (selector === '') {
    const names = await context.sources.logs.labelNames(context.scope, toTimeRange(range), context.signal)
    return listResponse(names)
  }
  const streams = await streamsOf(matchersOf(selector), range, context)
  return listResponse([...new Set(streams.flatMap((stream) => Object.keys(stream)))].sort())
}

/** `/loki/api/v1/label/<name>/values`. */
export const labelValues: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const range = rangeParameters(params, context)
  const selector = params.queryText('query')
  const matchers = matchersOf(selector)
  const values = await context.sources.logs.labelValues(
    context.scope,
    request.path['name'] ?? '',
    { matchers, range: toTimeRange(range) },
    context.signal,
  )
  return listResponse(values)
}

/** `/loki/api/v1/series`. */
export const series: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const range = rangeParameters(params, context)
  const selectors = [...params.queryTexts('match[]'), ...params.queryTexts('match')]
  if (selectors.length === 0) throw new AppError('invalid', '0 matcher groups supplied')
  const found = new Map<string, Labels>()
  for (const selector of selectors) {
    for (const stream of await streamsOf(matchersOf(selector), range, context)) {
      found.set(labelsKey(stream), stream)
    }
  }
  return successResponse(`[${[...found.values()].map(renderLabels).join(',')}]`)
}

async function streamsOf(
  matchers: readonly Matcher[],
  range: NsRange,
  { sources, scope, signal }: HandlerContext,
): Promise<readonly Labels[]> {
  return await sources.logs.streams(scope, { matchers, range: toTimeRange(range) }, signal)
}

function listResponse(items: readonly string[]): ApiResponse {
  return successResponse(JSON.stringify(items))
}
