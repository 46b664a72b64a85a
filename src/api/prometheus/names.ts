import { AppError } from '../../core/index.ts'
import type { NamesRequest } from '../../query/index.ts'
import type { ApiHandler, HandlerContext } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import type { ApiRequest, ApiResponse } from '../messages.ts'
import { renderLabels, successResponse } from './json.ts'
import { missingSamples } from './missing.ts'
import { limitParameter, matcherSets, parseParameter, rangeParameters } from './params.ts'

/** `/api/v1/series`. */
export const series: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const sets = parseParameter('match[]', () => matcherSets(params))
  if (sets.length === 0) throw new AppError('invalid', 'no match[] parameter provided')
  const limit = limitParameter(params)
  const asked = { matcherSets: sets, range: rangeParameters(params, context) }
  if (isEmpty(asked)) return successResponse('[]')
  const [found, missing] = await Promise.all([
    context.sources.metrics.series(context.scope, { ...asked, ...oneMore(limit) }, context.signal),
    missingOf(request, context, asked),
  ])
  return listResponse(found, limit, missing, renderLabels)
}

/** `/api/v1/labels`. */
export const labels: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const limit = limitParameter(params)
  const asked = { matcherSets: matcherSets(params), range: rangeParameters(params, context) }
  if (isEmpty(asked)) return successResponse('[]')
  const [found, missing] = await Promise.all([
    context.sources.metrics.labelNames(context.scope, { ...asked, ...oneMore(limit) }, context.signal),
    missingOf(request, context, asked),
  ])
  return listResponse(found, limit, missing, (name) => JSON.stringify(name))
}

/** `/api/v1/label/<name>/values`. */
export const labelValues: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const name = unescapeLabelName(request.path['name'] ?? '')
  if (name === '') throw new AppError('invalid', 'invalid label name: ""')
  const limit = limitParameter(params)
  const asked = { matcherSets: matcherSets(params), range: rangeParameters(params, context) }
  if (isEmpty(asked)) return successResponse('[]')
  const [found, missing] = await Promise.all([
    context.sources.metrics.labelValues(context.scope, name, { ...asked, ...oneMore(limit) }, context.signal),
    missingOf(request, context, asked),
  ])
  return listResponse(found, limit, missing, (value) => JSON.stringify(value))
}

/** A range that ends before it begins holds nothing. */
function isEmpty({ range }: NamesRequest): boolean {
  return range.endMs < range.startMs
}

/** Asks for one more than is wanted, to know whether there are more. */
function oneMore(limit: number | undefined): { readonly limit?: number } {
  return limit === undefined ? {} : { limit: limit + 1 }
}

async function missingOf(
  request: ApiRequest,
  context: HandlerContext,
  { matcherSets: sets, range }: NamesRequest,
): Promise<readonly string[]> {
  return await missingSamples(request, context, { matcherSets: sets, latestMs: range.endMs })
}

function listResponse<T>(
  items: readonly T[],
  limit: number | undefined,
  missing: readonly string[],
  render: (item: T) => string,
): ApiResponse {
  const shown = limit === undefined ? items : items.slice(0, limit)
  const warnings = shown.length < items.length ? [...missing, 'results truncated due to limit'] : missing
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
