import { AppError } from '../../core/index.ts'
import type { ApiHandler } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import { successResponse } from './json.ts'
import { integerOf } from './params.ts'

/** `/api/v1/metadata`: `{"<metric>":[{"type","help","unit"}]}`. */
export const metadata: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const limit = wholeNumber(params, 'limit')
  const perMetric = wholeNumber(params, 'limit_per_metric')
  const metric = params.get('metric')
  const found = await context.sources.metrics.metadata(
    context.scope,
    metric === '' ? undefined : metric,
    context.signal,
  )
  const byName = new Map<string, string[]>()
  for (const { name, type, help, unit } of found) {
    const entries = byName.get(name) ?? []
    const entry = JSON.stringify({ type, help, unit })
    // Several clusters may say the same of a metric.
    if ((perMetric <= 0 || entries.length < perMetric) && !entries.includes(entry)) entries.push(entry)
    if (byName.has(name) || limit < 0 || byName.size < limit) byName.set(name, entries)
  }
  const rows = [...byName].map(([name, entries]) => `${JSON.stringify(name)}:[${entries.join(',')}]`)
  return successResponse(`{${rows.join(',')}}`)
}

/** Negative, as when it is missing, for no limit; a limit of no metrics at all is one. */
function wholeNumber(params: Params, name: string): number {
  const text = params.get(name)
  const number = text === '' ? -1 : integerOf(text)
  if (number === undefined) throw new AppError('invalid', `${name} must be a number`)
  return number
}
