import type { ApiHandler } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import { successResponse } from './json.ts'
import { limitParameter } from './params.ts'

/** `/api/v1/metadata`: `{"<metric>":[{"type","help","unit"}]}`. */
export const metadata: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const limit = limitParameter(params) ?? Infinity
  const perMetric = limitParameter(params, 'limit_per_metric') ?? Infinity
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
    if (entries.length < perMetric && !entries.includes(entry)) entries.push(entry)
    if (byName.has(name) || byName.size < limit) byName.set(name, entries)
  }
  const rows = [...byName].map(([name, entries]) => `${JSON.stringify(name)}:[${entries.join(',')}]`)
  return successResponse(`{${rows.join(',')}}`)
}
