import { AppError } from '../../core/index.ts'
import { type Labels, METRIC_NAME } from '../../model/index.ts'
import { compareLabels, labelsKey, labelValue, parseSelector, piecesOf } from '../../query/index.ts'
import type { ApiHandler, HandlerContext } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import { type ApiResponse, textResponse } from '../messages.ts'
import { createProtoExposition } from './proto-exposition.ts'
import { createTextExposition, expositionStyleOf } from './text-exposition.ts'
import { type LatestSample, latestSample, LOOKBACK_MS } from './latest-sample.ts'

/** As many as a query may have; their lines come to some 50 MB. */
const MAX_SERIES = 200_000

interface Latest {
  readonly labels: Labels
  readonly sample: LatestSample
}

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
  const found = new Map<string, Latest>()
  // Matchers of an empty name would be everything; parseSelector refuses what names nothing.
  for (const matchers of params.queryTexts('match[]').map(parseSelector)) {
    for await (const piece of piecesOf(sources.metrics, scope, { matchers, range }, signal)) {
      for (const series of piece) {
        const sample = latestSample(series)
        if (sample !== undefined) found.set(labelsKey(series.labels), { labels: series.labels, sample })
      }
    }
    if (found.size > MAX_SERIES) {
      throw new AppError('invalid', `more than ${String(MAX_SERIES)} series: federate fewer, or use remote read`)
    }
  }
  const style = expositionStyleOf(accept)
  const exposition = style.format === 'protobuf' ? createProtoExposition(style) : createTextExposition(style)
  const ordered = [...found.values()].sort((a, b) => {
    const [left, right] = [labelValue(a.labels, METRIC_NAME), labelValue(b.labels, METRIC_NAME)]
    return left === right ? compareLabels(a.labels, b.labels) : left < right ? -1 : 1
  })
  // A target's label that would be filled in by the scraper must be there to say that it is not its own.
  for (const { labels, sample } of ordered) exposition.add({ instance: '', ...labels }, sample)
  const body = Buffer.from(exposition.finish())
  return { status: 200, headers: { 'content-type': style.contentType }, body: Uint8Array.from(body) }
}
