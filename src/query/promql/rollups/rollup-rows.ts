import { METRIC_NAME } from '../../../model/index.ts'
import { labelValue } from '../../labels.ts'
import type { BucketRequest, SeriesBuckets } from '../../metric-source.ts'
import { ROLLUP_SIZES_MS, type RollupSizeMs } from '../../rollups/index.ts'
import { clampTimeMs } from '../../time-bounds.ts'
import type { Range } from '../ast.ts'
import type { EvalContext } from '../context.ts'
import type { Notes } from '../functions/range-function.ts'
import type { Leaf } from '../plan.ts'
import { FLOAT, hasValues, RowWriter, type StepSeries } from '../values.ts'
import type { BucketWindow } from './bucket-window.ts'
import type { RollupFunction } from './rollup-functions.ts'

/** The leaf's place in the query, and the function over its windows. */
export interface RollupUse {
  readonly reduce: RollupFunction
  readonly at: Range
  /** How long a window is. */
  readonly rangeMs: number
}

/**
 * The rows that a function makes of a leaf's windows, from rollups; undefined where the samples must be read: windows
 * (but for a single one) are no whole buckets, or the source has no rollups of most of the range. Rows are made piece by piece; each piece
 * counts against the limit until the next is asked for.
 */
export async function rollupRows(
  leaf: Leaf,
  use: RollupUse,
  context: EvalContext,
): Promise<AsyncIterable<readonly StepSeries[]> | undefined> {
  const { source, scope, signal } = context
  if (source.buckets === undefined || context.plan === 'naive') return undefined
  const request = requestOf(leaf, use, context)
  if (request === undefined) return undefined
  const pieces = await source.buckets(scope, request, signal)
  if (pieces === undefined) return undefined
  context.annotations.readRollups(ROLLUP_WORDS[request.sizeMs], use.at)
  return rowsOfPieces(pieces, leaf, use, context)
}

const ROLLUP_WORDS: Readonly<Record<RollupSizeMs, string>> = { 3600000: '1h', 300000: '5m' }

function requestOf(leaf: Leaf, { reduce, rangeMs }: RollupUse, { startTimes }: EvalContext): BucketRequest | undefined {
  const { endsMs, matchers, labels } = leaf
  if (leaf.beforeMs !== rangeMs || leaf.behindMs !== 0 || rangeMs <= 0) return undefined
  const [first, last] = [endsMs[0], endsMs.at(-1)]
  const aligned = ROLLUP_SIZES_MS.find((size) => rangeMs % size === 0 && endsMs.every((end) => end % size === 0))
  const sizeMs = aligned ?? (first === last ? sizeWithin(rangeMs) : undefined)
  if (sizeMs === undefined || first === undefined || last === undefined) return undefined
  const range = { startMs: first - rangeMs, endMs: last }
  if (clampTimeMs(range.startMs) !== range.startMs || clampTimeMs(range.endMs) !== range.endMs) return undefined
  const everyMs = stepOf(endsMs)
  return {
    matchers,
    sizeMs,
    range,
    facts: reduce.facts,
    ...(startTimes ? { starts: true } : {}),
    ...(everyMs > rangeMs ? { windows: { everyMs, spanMs: rangeMs } } : {}),
    ...(labels === undefined ? {} : { labels }),
  }
}

/** One window need not begin and end with buckets: what is beside them is read from the samples. */
function sizeWithin(rangeMs: number): RollupSizeMs | undefined {
  return ROLLUP_SIZES_MS.find((size) => rangeMs >= 2 * size)
}

/** How far apart the ends of windows are; 0 where there are no two, or they are not evenly apart. */
function stepOf(endsMs: Float64Array): number {
  const stepMs = (endsMs[1] ?? 0) - (endsMs[0] ?? 0)
  if (endsMs.length < 2) return 0
  for (let i = 1; i < endsMs.length; i++) if ((endsMs[i] ?? 0) - (endsMs[i - 1] ?? 0) !== stepMs) return 0
  return stepMs
}

async function* rowsOfPieces(
  pieces: AsyncIterable<readonly SeriesBuckets[]>,
  leaf: Leaf,
  use: RollupUse,
  context: EvalContext,
): AsyncGenerator<readonly StepSeries[]> {
  const { samples, pacer, grid } = context
  for await (const piece of pieces) {
    const weight = piece.reduce((sum, { buckets }) => sum + buckets.endMs.length, 0)
    samples.take(weight)
    let rows: StepSeries[] = []
    for (const series of piece) {
      if (pacer.due()) await pacer.pause()
      samples.check(grid.count)
      const row = rowOf(series, leaf.endsMs, use, context)
      if (!hasValues(row)) {
        context.rows?.giveBack(row)
        continue
      }
      samples.take(grid.count)
      rows.push(row)
      if (rows.length * grid.count < POINTS_AT_ONCE) continue
      yield rows
      rows = []
    }
    if (rows.length > 0) yield rows
    samples.release(weight)
  }
}

const POINTS_AT_ONCE = 500_000

function rowOf(
  { labels, buckets }: SeriesBuckets,
  endsMs: Float64Array,
  { reduce, at, rangeMs }: RollupUse,
  { annotations, rows }: EvalContext,
): StepSeries {
  const row = new RowWriter(labels, endsMs.length, reduce.keepName !== true, rows?.take(endsMs.length))
  const notes: Notes = { annotations, at, metric: labelValue(labels, METRIC_NAME), isNamed: false }
  const window: BucketWindow = { buckets, from: 0, to: 0, startMs: 0, endMs: 0, rangeMs }
  const ends = buckets.endMs
  for (let step = 0; step < endsMs.length; step++) {
    const endMs = endsMs[step] ?? 0
    window.endMs = endMs
    window.startMs = endMs - rangeMs
    while (window.to < ends.length && (ends[window.to] ?? 0) <= endMs) window.to += 1
    while (window.from < window.to && (ends[window.from] ?? 0) <= window.startMs) window.from += 1
    if (window.from === window.to) continue
    const value = reduce.compute(window, notes)
    if (value === undefined) continue
    row.present[step] = FLOAT
    row.values[step] = value
  }
  return row.finish()
}
