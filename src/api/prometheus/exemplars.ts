import { AppError } from '../../core/index.ts'
import { clampTimeMs, formatFloatSample, parsePromql, selectorsOf } from '../../query/index.ts'
import type { ApiHandler } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import { emptyResponse } from '../messages.ts'
import { AHEAD_MS, timeParameter } from './params.ts'
import { renderLabels, renderTime, successResponse } from './json.ts'

/** The year 5138 in seconds, 1973 in milliseconds: Grafana asks in milliseconds when it tries whether there are any. */
const FIRST_THAT_MUST_BE_MS = 100_000_000_000_000

/** `/api/v1/query_exemplars`: the exemplars of every series that a selector of the query names. */
export const exemplars: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const startMs = lenient(timeParameter(params, 'start', 0))
  const endMs = lenient(timeParameter(params, 'end', context.clock.now() + AHEAD_MS))
  if (endMs < startMs) throw new AppError('invalid', 'end timestamp must not be before start timestamp')
  const selectors = selectorsOf(parsePromql(params.queryText('query'), context.features))
  if (selectors.length === 0) return emptyResponse()
  const found = await context.sources.exemplars.exemplars(
    context.scope,
    { matcherSets: selectors, range: { startMs: clampTimeMs(startMs), endMs: clampTimeMs(endMs) } },
    context.signal,
  )
  const rows = found.map(({ labels, exemplars: list }) => {
    const each = list.map(
      ({ labels: own, value, timeMs }) =>
        `{"labels":${renderLabels(own)},"value":"${formatFloatSample(value)}","timestamp":${renderTime(timeMs)}}`,
    )
    return `{"seriesLabels":${renderLabels(labels)},"exemplars":[${each.join(',')}]}`
  })
  return successResponse(`[${rows.join(',')}]`)
}

function lenient(timeMs: number): number {
  return timeMs >= FIRST_THAT_MUST_BE_MS ? timeMs / 1000 : timeMs
}
