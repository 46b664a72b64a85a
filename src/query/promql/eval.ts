import { AppError } from '../../core/index.ts'
import type { Labels, Scope } from '../../model/index.ts'
import { compareLabels } from '../labels.ts'
import type { MetricSource } from '../metric-source.ts'
import { createPacer } from '../pacer.ts'
import { evaluateAggregation, finishQuantile } from './aggregate.ts'
import { Annotations } from './annotations.ts'
import type { Aggregation, Call, Expr, Subquery, Unary } from './ast.ts'
import { evaluateBinary } from './binary.ts'
import { type EvalContext, type QueryPlan, SampleBudget } from './context.ts'
import { evaluationError } from './errors.ts'
import { findFunction } from './functions/index.ts'
import { GroupFold } from './group-fold.ts'
import type { FloatHistogram } from './histogram/index.ts'
import { readLeaf } from './leaf.ts'
import { LeafShare } from './leaf-share.ts'
import { isFolded, isRanked, labelsNeeded } from './plan.ts'
import { type PointSeries, pointsOfRow, pointsOfWindow } from './points.ts'
import { QuantileFold } from './quantile-fold.ts'
import { placesOf, RankFold } from './rank-fold.ts'
import { SampleCounts, weightOfHistogram } from './sample-counts.ts'
import { resolveDurations } from './resolve-durations.ts'
import { instantReader, matrixReader, type RowReader, rowsOf, timesReader } from './select.ts'
import { isStreamed, streamRows, timesSelector } from './stream.ts'
import { subqueryReader } from './subquery.ts'
import { negateRow } from './unary.ts'
import {
  dropNames,
  FLOAT,
  hasHistograms,
  type MatrixValue,
  sampleAt,
  type StepGrid,
  stepTime,
  type StepSeries,
  type Value,
} from './values.ts'

export type { HistogramPoints, PointSeries } from './points.ts'

/** Prometheus' defaults. */
const DEFAULT_LOOKBACK_MS = 300_000
const DEFAULT_SUBQUERY_STEP_MS = 60_000
const DEFAULT_MAX_SAMPLES = 50_000_000

export interface EvalOptions {
  readonly source: MetricSource
  readonly scope: Scope
  readonly signal: AbortSignal
  /** The text that was parsed, so that warnings can name places in it. */
  readonly query?: string
  readonly lookbackMs?: number
  /** Whether rates look at when counters began; Prometheus does so behind a feature flag only. */
  readonly startTimes?: boolean
  /** Samples and points that the query may hold at once. */
  readonly maxSamples?: number
  /** Whether to count what each step looks at. */
  readonly counted?: boolean
  /** Default: `streamed`. Both give the same answer. */
  readonly plan?: QueryPlan
}

/** A float, or a native histogram; then `value` means nothing. */
export interface VectorSample {
  readonly labels: Labels
  readonly value: number
  readonly histogram?: FloatHistogram
}

export type QueryData =
  | { readonly type: 'scalar'; readonly timeMs: number; readonly value: number }
  | { readonly type: 'string'; readonly timeMs: number; readonly value: string }
  | { readonly type: 'vector'; readonly timeMs: number; readonly samples: readonly VectorSample[] }
  | { readonly type: 'matrix'; readonly series: readonly PointSeries[] }

export interface QueryResult {
  readonly data: QueryData
  readonly warnings: readonly string[]
  readonly infos: readonly string[]
  /** More infos: which selectors were read from rollups. */
  readonly rollups: readonly string[]
  /** Samples read and points made, as they count against the limit. */
  readonly samples: number
  /** Most of them at once. */
  readonly peak: number
  /** What each step looked at, where that was asked for. */
  readonly counts?: SampleCounts
}

/** Evaluates at one time. Throws AppError `invalid` for what the data does not allow, `exhausted` past the limit. */
export async function evaluateInstant(expr: Expr, timeMs: number, options: EvalOptions): Promise<QueryResult> {
  return await toItsEnd(options, (bounded) => instantResult(expr, timeMs, bounded))
}

async function instantResult(expr: Expr, timeMs: number, options: EvalOptions): Promise<QueryResult> {
  const context = newContext(expr, { grid: { startMs: timeMs, stepMs: 1, count: 1 }, stepMs: 0 }, options)
  const value = await evaluate(resolved(expr, context), context)
  const finish = (data: QueryData): QueryResult => ({
    data,
    ...context.annotations.texts(options.query),
    ...usage(context),
  })
  switch (value.type) {
    case 'scalar':
      return finish({ type: 'scalar', timeMs, value: value.values[0] ?? NaN })
    case 'string':
      return finish({ type: 'string', timeMs, value: value.value })
    case 'matrix': {
      const series = pointsOfWindow(value)
      for (const one of series) context.counts?.add(0, weightOfPoints(one))
      return finish({ type: 'matrix', series })
    }
    case 'vector':
      return finish({ type: 'vector', timeMs, samples: dropNames(value.series, 1).map(vectorSample) })
  }
}

function weightOfPoints({ timesMs, histograms }: PointSeries): number {
  return (histograms?.values ?? []).reduce((sum, one) => sum + weightOfHistogram(one), timesMs.length)
}

function vectorSample(row: StepSeries): VectorSample {
  const { labels } = row
  const sample = sampleAt(row, 0)
  if (typeof sample === 'object') return { labels, value: NaN, histogram: sample }
  return { labels, value: sample ?? NaN }
}

export interface EvalRange {
  readonly startMs: number
  readonly endMs: number
  readonly stepMs: number
}

/** Evaluates at start, start + step, … ≤ end. The answer is a matrix ordered by labels. */
export async function evaluateRange(expr: Expr, range: EvalRange, options: EvalOptions): Promise<QueryResult> {
  return await toItsEnd(options, (bounded) => rangeResult(expr, range, bounded))
}

/** When one side of an operation fails, what is under way for the other side is stopped, too. */
async function toItsEnd<T>(options: EvalOptions, run: (bounded: EvalOptions) => Promise<T>): Promise<T> {
  const ended = new AbortController()
  try {
    return await run({ ...options, signal: AbortSignal.any([options.signal, ended.signal]) })
  } finally {
    ended.abort(new AppError('cancelled', 'the query has come to its end'))
  }
}

async function rangeResult(expr: Expr, range: EvalRange, options: EvalOptions): Promise<QueryResult> {
  const { startMs, endMs, stepMs } = range
  const grid = { startMs, stepMs, count: Math.floor((endMs - startMs) / stepMs) + 1 }
  const context = { ...newContext(expr, { grid, stepMs }, options), queryEndMs: endMs }
  const value = await evaluate(resolved(expr, context), context)
  const rows = answerRows(value, context).sort((a, b) => compareLabels(a.labels, b.labels))
  const data: QueryData = { type: 'matrix', series: rows.map((row) => pointsOfRow(row, grid)) }
  return { data, ...context.annotations.texts(options.query), ...usage(context) }
}

function usage({ samples, counts }: EvalContext): Pick<QueryResult, 'samples' | 'peak' | 'counts'> {
  const { taken, peak } = samples
  return { samples: taken, peak, ...(counts === undefined ? {} : { counts }) }
}

/** Durations that depend on the times of the query are known now. */
function resolved(expr: Expr, { queryStartMs, queryEndMs, queryStepMs }: EvalContext): Expr {
  return resolveDurations(expr, { stepMs: queryStepMs, rangeMs: queryEndMs - queryStartMs })
}

function answerRows(value: Value, context: EvalContext): StepSeries[] {
  const { count } = context.grid
  if (value.type === 'vector') return dropNames(value.series, count)
  if (value.type !== 'scalar') throw evaluationError(`a range query cannot answer a ${value.type}`)
  return [{ labels: {}, values: value.values, present: new Uint8Array(count).fill(FLOAT), dropName: false }]
}

function newContext(
  expr: Expr,
  { grid, stepMs: queryStepMs }: { readonly grid: StepGrid; readonly stepMs: number },
  options: EvalOptions,
): EvalContext {
  return {
    grid,
    queryStartMs: grid.startMs,
    queryEndMs: stepTime(grid, grid.count - 1),
    queryStepMs,
    lookbackMs: options.lookbackMs ?? DEFAULT_LOOKBACK_MS,
    subqueryStepMs: DEFAULT_SUBQUERY_STEP_MS,
    startTimes: options.startTimes ?? false,
    source: options.source,
    scope: options.scope,
    signal: options.signal,
    pacer: createPacer(options.signal),
    samples: new SampleBudget(options.maxSamples ?? DEFAULT_MAX_SAMPLES),
    ...(options.counted === true ? { counts: new SampleCounts(grid.count) } : {}),
    leaves: new LeafShare(expr),
    plan: options.plan ?? 'streamed',
    annotations: new Annotations(),
  }
}

async function evaluate(expr: Expr, context: EvalContext): Promise<Value> {
  if (context.pacer.due()) await context.pacer.pause()
  if (context.plan === 'streamed' && isStreamed(expr) && expr.type === 'vector') {
    return { type: 'vector', series: await collectRows(expr, context) }
  }
  switch (expr.kind) {
    case 'number':
      context.samples.check(context.grid.count)
      return { type: 'scalar', values: new Float64Array(context.grid.count).fill(expr.value) }
    case 'string':
      return { type: 'string', value: expr.value }
    case 'paren':
      return await evaluate(expr.expr, context)
    case 'vector-selector':
      return { type: 'vector', series: await selected(instantReader(expr, context), context) }
    case 'matrix-selector': {
      const { leaf, matrixOf } = matrixReader(expr, context)
      return matrixOf(await readLeaf(leaf, context))
    }
    case 'subquery':
      return await evaluateSubquery(expr, context)
    case 'unary':
      return await evaluateUnary(expr, context)
    case 'binary': {
      const [left, right] = await evaluateBeside([expr.left, expr.right], context)
      if (left === undefined || right === undefined) throw new AppError('internal', 'BUG: an operation without a side')
      return await evaluateBinary(expr, left, right, context)
    }
    case 'aggregation':
      return { type: 'vector', series: await evaluateAggregate(expr, context) }
    case 'call':
      return await evaluateCall(expr, context)
  }
}

/** All at once; what they say is said in the order of the text, whichever comes to its end first. */
async function evaluateBeside(exprs: readonly Expr[], context: EvalContext): Promise<Value[]> {
  // Each level begins on an empty stack: a chain of operators is as deep as it is long.
  await Promise.resolve()
  const [only] = exprs
  if (only !== undefined && exprs.length === 1) return [await evaluate(only, context)]
  const contexts = exprs.map(() => ({ ...context, annotations: new Annotations() }))
  const values = await Promise.all(exprs.map((expr, i) => evaluate(expr, contexts[i] ?? context)))
  for (const { annotations } of contexts) context.annotations.merge(annotations)
  return values
}

async function evaluateAggregate(node: Aggregation, context: EvalContext): Promise<StepSeries[]> {
  const { operator } = node
  if (context.plan === 'naive' || !isFolded(operator)) {
    if (context.plan === 'streamed' && isRanked(operator) && node.parameter !== undefined) {
      const places = placesOf(await evaluate(node.parameter, context))
      if (places !== undefined)
        return await evaluateRanking(new RankFold(operator, node, places, context), node, context)
    }
    if (context.plan === 'streamed' && operator === 'quantile') return await evaluateQuantile(node, context)
    const operand = await evaluate(node.expr, context)
    const parameter = node.parameter === undefined ? undefined : await evaluate(node.parameter, context)
    return await evaluateAggregation(node, operand.type === 'vector' ? operand.series : [], parameter, context)
  }
  const fold = new GroupFold(operator, node, context)
  let groups = 0
  for await (const rows of streamRows(node.expr, context, { evaluate, labels: labelsNeeded(node), passing: true })) {
    await fold.add(rows)
    context.samples.take((fold.size - groups) * context.grid.count)
    groups = fold.size
  }
  return await fold.finish()
}

/** `quantile` holds the rows of its operand, but no more than their values. */
async function evaluateQuantile(node: Aggregation, context: EvalContext): Promise<StepSeries[]> {
  const fold = new QuantileFold(node, context)
  let ignores = false
  for await (const rows of streamRows(node.expr, context, { evaluate, labels: labelsNeeded(node), passing: false })) {
    fold.add(rows)
    ignores ||= hasHistograms(rows)
  }
  const parameter = node.parameter === undefined ? undefined : await evaluate(node.parameter, context)
  return await finishQuantile(fold, node, { parameter, ignores }, context)
}

/** `topk` and `bottomk` hold only what is among the first, whatever their operand has. */
async function evaluateRanking(fold: RankFold, node: Aggregation, context: EvalContext): Promise<StepSeries[]> {
  const { operator, expr } = node
  let held = 0
  for await (const rows of streamRows(expr, context, { evaluate, passing: true })) {
    fold.add(rows)
    if (hasHistograms(rows)) context.annotations.histogramIgnored(operator, node)
    context.samples.take(fold.size - held)
    held = fold.size
  }
  return fold.finish()
}

/** Rows as they come in pieces, put together: samples are gone when their rows are there. */
async function collectRows(expr: Expr, context: EvalContext): Promise<StepSeries[]> {
  const rows: StepSeries[] = []
  for await (const piece of streamRows(expr, context, { evaluate, passing: false })) {
    for (const row of piece) rows.push(row)
  }
  return rows
}

async function evaluateUnary(expr: Unary, context: EvalContext): Promise<Value> {
  const value = await evaluate(expr.expr, context)
  if (expr.operator === '+') return value
  if (value.type === 'scalar') return { type: 'scalar', values: value.values.map((number) => -number) }
  if (value.type !== 'vector') throw evaluationError(`unary minus on a ${value.type}`)
  return { type: 'vector', series: value.series.map(negateRow) }
}

async function evaluateCall(node: Call, context: EvalContext): Promise<Value> {
  const definition = findFunction(node.name)
  if (definition === undefined) throw evaluationError(`unknown function ${node.name}`)
  const selector = timesSelector(node)
  if (selector !== undefined) return { type: 'vector', series: await selected(timesReader(selector, context), context) }
  // The selector of labels is not evaluated; info() reads it from the tree.
  const evaluated = node.name === 'info' ? node.args.slice(0, 1) : node.args
  const args = await evaluateBeside(evaluated, context)
  return await definition.evaluate({ node, args, context })
}

async function selected(reader: RowReader, context: EvalContext): Promise<StepSeries[]> {
  return await rowsOf(await readLeaf(reader.leaf, context), reader, context)
}

async function evaluateSubquery(node: Subquery, context: EvalContext): Promise<MatrixValue> {
  const { inner, matrixOf } = subqueryReader(node, context)
  if (inner.grid.count === 0) return matrixOf([])
  const value = await evaluate(node.expr, inner)
  return matrixOf(value.type === 'vector' ? value.series : [])
}
