import { AppError } from '../../core/index.ts'
import type { ApiHandler } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import type { ApiResponse } from '../messages.ts'
import { renderLabels, successResponse } from './json.ts'
import { limitParameter, matcherSets, rangeParameters } from './params.ts'

/** `/api/v1/series`. */
export const series: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const sets = matcherSets(params)
  if (sets.length === 0) throw new AppError('invalid', 'no match[] parameter provided')
  const limit = limitParameter(params)
  const found = await context.sources.metrics.series(
    context.scope,
    { matcherSets: sets, range: rangeParameters(params, context), ...oneMore(limit) },
    context.signal,
  )
  return listResponse(found, limit, renderLabels)
}

/** `/api/v1/labels`. */
export const labels: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const limit = limitParameter(params)
  const found = await context.sources.metrics.labelNames(
    context.scope,
    { matcherSets: matcherSets(params), range: rangeParameters(params, context), ...oneMore(limit) },
    context.signal,
  )
  return listResponse(found, limit, (name) => JSON.stringify(name))
}

/** `/api/v1/label/<name>/values`. */
export const labelValues: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const name = unescapeLabelName(request.path['name'] ?? '')
  if (name === '') throw new AppError('invalid', 'invalid label name: ""')
  const limit = limitParameter(params)
  const found = await context.sources.metrics.labelValues(
    context.scope,
    name,
    { matcherSets: matcherSets(params), range: rangeParameters(params, context), ...oneMore(limit) },
    context.signal,
  )
  return listResponse(found, limit, (value) => JSON.stringify(value))
}

/** Asks for one more than is wanted, to know whether there are more. */
function oneMore(limit: number | undefined): { readonly limit?: number } {
  return limit === undefined ? {} : { limit: limit + 1 }
}

function listResponse<T>(items: readonly T[], limit: number | undefined, render: (item: T) => string): ApiResponse {
  const shown = limit === undefined ? items : items.slice(0, limit)
  const warnings = shown.length < items.length ? ['results truncated due to limit'] : []
  return successResponse(`[${shown.map(render).join(',')}]`, { warnings })
}

/**
 * Names that are no plain words come in paths as `U__` and the name with `_` doubled and other characters as `_hex_`:
 * `U__http_2e_status` is `http.status`. A text that is not well-formed stands for itself.
 */
function unescapeLabelName(text: string): string {
  if (!text.startsWith('U__')) return text
  const body = text.slice(3)
  if (!/^(?:[^_]|__|_[0-9a-fA-F]{1,6}_)*$/.test(body)) return text
  const points = body.match(/_([0-9a-fA-F]{1,6})_/g) ?? []
  if (!points.every((point) => isCharacter(parseInt(point.slice(1), 16)))) return text
  return body.replace(/__|_([0-9a-fA-F]{1,6})_/g, (_, hex?: string) =>
    hex === undefined ? '_' : String.fromCodePoint(parseInt(hex, 16)),
  )
}

function isCharacter(point: number): boolean {
  return point <= 0x10ffff && (point < 0xd800 || point > 0xdfff)
}
