import { AppError } from '../../core/index.ts'
import type { ApiHandler } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import { successResponse } from './json.ts'
import { integerOf } from './params.ts'

const DEFAULT_LIMIT = 10
const MAX_LIMIT = 10_000

/**
 * `/api/v1/status/tsdb`: what makes series many. All stored series of the caller's scope count, not those of the last
 * hours as in Prometheus; the store has no chunks, so their number is 0.
 */
export const tsdbStatus: ApiHandler = async (request, { sources, scope, signal }) => {
  const text = new Params(request).get('limit')
  const limit = text === '' ? DEFAULT_LIMIT : integerOf(text)
  if (limit === undefined || limit < 1) throw new AppError('invalid', 'limit must be a positive number')
  if (limit > MAX_LIMIT) throw new AppError('invalid', `limit must not exceed ${String(MAX_LIMIT)}`)
  const found = await sources.cardinality.cardinality(scope, limit, signal)
  return successResponse(
    JSON.stringify({
      headStats: {
        numSeries: found.series,
        numLabelPairs: found.labelPairs,
        chunkCount: 0,
        minTime: found.firstMs,
        maxTime: found.lastMs,
      },
      seriesCountByMetricName: found.seriesByMetric,
      labelValueCountByLabelName: found.valuesByLabel,
      memoryInBytesByLabelName: found.bytesByLabel,
      seriesCountByLabelValuePair: found.seriesByPair,
    }),
  )
}
