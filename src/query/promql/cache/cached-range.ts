import type { Expr } from '../ast.ts'
import { type EvalOptions, evaluateRange, type QueryResult } from '../eval.ts'
import { cutExtent, type Extent, joinExtents } from './extent.ts'
import type { ResultsCache } from './results-cache.ts'
import { lookAheadMs } from './stepwise.ts'

interface QueryRange {
  readonly startMs: number
  readonly endMs: number
  readonly stepMs: number
}

/** Evaluates like `evaluateRange`, but only the steps that the cache does not have. `options.query` must be the text. */
export async function evaluateRangeCached(
  expr: Expr,
  range: QueryRange,
  options: EvalOptions & { readonly query: string },
  cache: ResultsCache,
): Promise<QueryResult> {
  const aheadMs = lookAheadMs(expr)
  if (aheadMs === undefined) return await evaluateRange(expr, range, options)
  const { startMs, stepMs } = range
  const lastMs = startMs + Math.floor((range.endMs - startMs) / stepMs) * stepMs
  const key = keyOf(range, options)
  // Learning what came late is a statement: it need not be waited for where nothing depends on it yet.
  const beside = cache.mayRefreshBeside(key)
  const learnt = beside ? cache.arrivals : undefined
  const fresh = isFresh(cache)
  if (!beside && !(await fresh)) return await evaluateRange(expr, range, options)
  const arrivals = learnt ?? cache.arrivals
  const settledMs = cache.settledMs({ aheadMs })
  const { known, kept } = cache.get(key, startMs, lastMs) ?? {}

  let samples = 0
  let peak = 0
  const warnings = new Set<string>()
  const infos = new Set<string>()
  const evaluate = async (firstMs: number, endMs: number): Promise<readonly Extent[]> => {
    if (firstMs > endMs) return []
    const result = await evaluateRange(expr, { startMs: firstMs, endMs, stepMs }, options)
    samples += result.samples
    peak = Math.max(peak, result.peak)
    for (const text of result.warnings) warnings.add(text)
    for (const text of result.infos) infos.add(text)
    const series = result.data.type === 'matrix' ? result.data.series : []
    return [{ firstMs, lastMs: endMs, stepMs, series, rollups: result.rollups }]
  }
  const parts =
    kept === undefined
      ? await evaluate(startMs, lastMs)
      : [...(await evaluate(startMs, kept.firstMs - stepMs)), kept, ...(await evaluate(kept.lastMs + stepMs, lastMs))]
  const whole = joinExtents(parts) ?? { firstMs: startMs, lastMs, stepMs, series: [], rollups: [] }
  // Which step an annotation is of is not known, so it cannot go with a part of the answer; of rollups it is.
  const isPlain = warnings.size === 0 && infos.size === 0
  if (isPlain && (await fresh))
    keep(cache, { key, known, kept, whole, settledMs, arrivals }, { tenants: options.scope.tenants, aheadMs })
  const data = { type: 'matrix', series: whole.series } as const
  return { data, warnings: [...warnings], infos: [...infos], rollups: whole.rollups, samples, peak }
}

interface Calculated {
  readonly key: string
  readonly known: Extent | undefined
  readonly kept: Extent | undefined
  readonly whole: Extent
  readonly settledMs: number
  readonly arrivals: number
}

function keep(
  cache: ResultsCache,
  { key, known, kept, whole, settledMs, arrivals }: Calculated,
  facts: Parameters<ResultsCache['put']>[2],
): void {
  // Nothing new that may be kept.
  if (kept !== undefined && kept.firstMs === whole.firstMs && Math.min(whole.lastMs, settledMs) <= kept.lastMs) return
  const around =
    known === undefined || kept === undefined
      ? [whole]
      : [cutExtent(known, -Infinity, whole.firstMs - 1), whole, cutExtent(known, whole.lastMs + 1, Infinity)].filter(
          (part) => part !== undefined,
        )
  const joined = joinExtents(around)
  const settled = joined && cutExtent(joined, joined.firstMs, settledMs)
  if (settled !== undefined) cache.put(key, settled, facts, { arrivals, extends: kept !== undefined })
}

/** The cache is left aside while nobody can tell what came late. */
async function isFresh(cache: ResultsCache): Promise<boolean> {
  try {
    await cache.refresh()
    return true
  } catch {
    return false
  }
}

/** Everything that the answer at a step depends on besides the store. */
function keyOf({ startMs, stepMs }: QueryRange, { scope, query, lookbackMs, startTimes }: EvalOptions): string {
  const { tenants, clusters } = scope
  const sorted = (names: readonly string[] | 'all' | undefined): readonly string[] | string =>
    names === undefined || names === 'all' ? (names ?? 'any') : [...names].sort()
  const phaseMs = ((startMs % stepMs) + stepMs) % stepMs
  return JSON.stringify([sorted(tenants), sorted(clusters), stepMs, phaseMs, lookbackMs, startTimes, query])
}
