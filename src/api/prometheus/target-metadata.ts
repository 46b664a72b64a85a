import { AppError } from '../../core/index.ts'
import { type Labels, type Matcher, METRIC_NAME } from '../../model/index.ts'
import { compileMatchers, type MetricMetadata, parseSelector } from '../../query/index.ts'
import type { ApiHandler, HandlerContext } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import { renderLabels, successResponse } from './json.ts'
import { LOOKBACK_MS } from './latest-sample.ts'
import { integerOf, parseParameter } from './params.ts'
import { activeTargets } from './targets.ts'

/** Each target's metrics are looked up; more than so many are not worth waiting for. */
const MAX_TARGETS = 1_000
/** What the series of a family append to its name. */
const SUFFIXES = ['', '_total', '_bucket', '_sum', '_count', '_info', '_created']

/**
 * `/api/v1/targets/metadata`: what the metrics mean that each target has sent lately. Metadata belongs to a tenant, so
 * targets of one that describe a metric in different words show all of these.
 */
export const targetMetadata: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const limit = limitOf(params.get('limit'))
  const selector = params.queryText('match_target')
  const matchers = selector === '' ? [] : parseParameter('match_target', () => parseSelector(selector))
  const metric = params.get('metric')
  const { sources, scope, signal } = context
  const known = await sources.metrics.metadata(scope, metric === '' ? undefined : metric, signal)
  const targets = known.length === 0 ? [] : await activeTargets(context)
  const isMatched = compileMatchers(matchers)
  const matched = targets.filter(({ labels }) => isMatched(labels))
  if (matched.length > MAX_TARGETS && limit === undefined) {
    throw new AppError('invalid', `more than ${String(MAX_TARGETS)} targets: use match_target or limit`)
  }
  const rows: string[] = []
  for (const { labels } of matched) {
    if (limit !== undefined && rows.length >= limit) break
    const names = await namesOf(labels, context)
    for (const entry of known) if (isOfOne(entry, names)) rows.push(render(labels, entry, metric === ''))
  }
  return successResponse(`[${rows.join(',')}]`)
}

function limitOf(text: string): number | undefined {
  if (text === '') return undefined
  const limit = integerOf(text)
  if (limit === undefined) throw new AppError('invalid', 'limit must be a number')
  return limit < 0 ? undefined : limit
}

/** The names of the series that the target has sent lately. */
async function namesOf(
  labels: Labels,
  { sources, scope, clock, signal }: HandlerContext,
): Promise<ReadonlySet<string>> {
  const matchers = Object.entries(labels).map(([name, value]): Matcher => ({ name, operator: '=', value }))
  const endMs = clock.now()
  const request = { matcherSets: [matchers], range: { startMs: endMs - LOOKBACK_MS, endMs } }
  return new Set(await sources.metrics.labelValues(scope, METRIC_NAME, request, signal))
}

function isOfOne({ name }: MetricMetadata, names: ReadonlySet<string>): boolean {
  return SUFFIXES.some((suffix) => names.has(name + suffix))
}

function render(target: Labels, { name, type, help, unit }: MetricMetadata, named: boolean): string {
  const metric = named ? `"metric":${JSON.stringify(name)},` : ''
  const rest = `"type":${JSON.stringify(type)},"help":${JSON.stringify(help)},"unit":${JSON.stringify(unit)}`
  return `{"target":${renderLabels(target)},${metric}${rest}}`
}
