import { AppError } from '../../core/index.ts'
import { METRIC_NAME } from '../../model/index.ts'
import { compareLabels, labelsKey, labelValue, parseSelector, type SeriesSamples } from '../../query/index.ts'
import type { ApiHandler, HandlerContext } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import { type ApiResponse, textResponse } from '../messages.ts'
import { createTextExposition, expositionStyleOf } from './text-exposition.ts'
import { latestSample, LOOKBACK_MS } from './latest-sample.ts'

/** `/federate`: the last sample of every series that a `match[]` names, for another Prometheus to scrape. */
export const federate: ApiHandler = async (request, context) => {
  try {
    return await answer(new Params(request), request.headers.accept ?? '', context)
  } catch (reason) {
    const error = AppError.from(reason)
    // Scrapers read text; what is no fault of the request keeps its way to our log.
    if (error.code !== 'invalid') throw error
    return textResponse(`${error.message}\n`, 400)
  }
}

async function answer(params: Params, accept: string, context: HandlerContext): Promise<ApiResponse> {
  const { sources, scope, clock, signal } = context
  const endMs = clock.now()
  const range = { startMs: endMs - LOOKBACK_MS, endMs }
  const found = new Map<string, SeriesSamples>()
  // Matchers of an empty name would be everything; parseSelector refuses what names nothing.
  for (const matchers of params.queryTexts('match[]').map(parseSelector)) {
    for (const series of await sources.metrics.select(scope, { matchers, range }, signal)) {
      found.set(labelsKey(series.labels), series)
    }
  }
  const style = expositionStyleOf(accept)
  const text = createTextExposition(style)
  const ordered = [...found.values()].sort((a, b) => {
    const [left, right] = [labelValue(a.labels, METRIC_NAME), labelValue(b.labels, METRIC_NAME)]
    return left === right ? compareLabels(a.labels, b.labels) : left < right ? -1 : 1
  })
  for (const series of ordered) {
    const sample = latestSample(series)
    // A target's label that would be filled in by the scraper must be there to say that it is not its own.
    if (sample !== undefined) text.add({ instance: '', ...series.labels }, sample)
  }
  const response = textResponse(text.finish())
  return { ...response, headers: { 'content-type': style.contentType } }
}
