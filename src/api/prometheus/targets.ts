import { type Labels, METRIC_NAME } from '../../model/index.ts'
import { labelsKey, labelValue, type SeriesSamples } from '../../query/index.ts'
import type { ApiHandler, HandlerContext } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import { successResponse } from './json.ts'
import { latestSample, LOOKBACK_MS } from './latest-sample.ts'

/**
 * `/api/v1/targets`: what the edges scrape, read off the series that every scrape leaves (`up`,
 * `scrape_duration_seconds`). Addresses before relabelling, the texts of errors and what was dropped stay at the edges,
 * so these are empty; the interval is the time between the last two scrapes.
 */
export const targets: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const state = params.get('state').toLowerCase()
  const pool = params.get('scrapePool')
  const active = await activeTargets(context)
  const isAny = state === '' || state === 'any'
  const shown = active.filter(({ scrapePool }) => pool === '' || scrapePool === pool)
  const dropped = Object.fromEntries(poolsOf(active).map((name) => [name, 0]))
  return successResponse(
    JSON.stringify({
      activeTargets: isAny || state === 'active' ? shown : [],
      droppedTargets: [],
      droppedTargetCounts: isAny || state === 'dropped' ? dropped : null,
    }),
  )
}

/** `/api/v1/scrape_pools`. */
export const scrapePools: ApiHandler = async (_request, context) => {
  return successResponse(JSON.stringify({ scrapePools: poolsOf(await activeTargets(context)) }))
}

function poolsOf(targets: readonly Target[]): string[] {
  return [...new Set(targets.map(({ scrapePool }) => scrapePool))].sort()
}

export interface Target {
  readonly discoveredLabels: Labels
  readonly labels: Labels
  readonly scrapePool: string
  readonly scrapeUrl: string
  readonly globalUrl: string
  readonly lastError: string
  readonly lastScrape: string
  /** Seconds. */
  readonly lastScrapeDuration: number
  readonly health: 'up' | 'down'
  readonly scrapeInterval: string
  readonly scrapeTimeout: string
}

/** In the order of their labels. */
export async function activeTargets(context: HandlerContext): Promise<readonly Target[]> {
  const [up, durations] = await Promise.all([lately('up', context), lately('scrape_duration_seconds', context)])
  const durationOf = new Map(durations.map((series) => [targetKey(series.labels), latestSample(series)?.value ?? 0]))
  const found = up.flatMap((series): (readonly [string, Target])[] => {
    const sample = latestSample(series)
    if (sample === undefined || sample.histogram !== undefined) return []
    const key = targetKey(series.labels)
    return [[key, targetOf(series, sample, durationOf.get(key) ?? 0)]]
  })
  return found.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, target]) => target)
}

async function lately(
  metric: string,
  { sources, scope, clock, signal }: HandlerContext,
): Promise<readonly SeriesSamples[]> {
  const endMs = clock.now()
  const matchers = [{ name: METRIC_NAME, operator: '=', value: metric }] as const
  return await sources.metrics.select(scope, { matchers, range: { startMs: endMs - LOOKBACK_MS, endMs } }, signal)
}

function targetOf(
  { labels, timesMs }: SeriesSamples,
  { timeMs, value }: { readonly timeMs: number; readonly value: number },
  seconds: number,
): Target {
  const before = timesMs.at(-2)
  return {
    discoveredLabels: {},
    labels: targetLabels(labels),
    scrapePool: labelValue(labels, 'job'),
    scrapeUrl: '',
    globalUrl: '',
    lastError: '',
    lastScrape: new Date(timeMs).toISOString(),
    lastScrapeDuration: Number.isFinite(seconds) ? seconds : 0,
    health: value === 1 ? 'up' : 'down',
    scrapeInterval: before === undefined ? '' : `${String(Math.round((timeMs - before) / 1000))}s`,
    scrapeTimeout: '',
  }
}

function targetLabels(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => name !== METRIC_NAME))
}

function targetKey(labels: Labels): string {
  return labelsKey(targetLabels(labels))
}
