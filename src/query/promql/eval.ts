import type { Labels, Scope } from '../../model/index.ts'
import { compareLabels } from '../labels.ts'
import type { MetricSource } from '../metric-source.ts'
import { createPacer } from '../pacer.ts'
import { evaluateAggregation } from './aggregate.ts'
import { Annotations } from './annotations.ts'
import { type Call, type Expr, type Subquery, type Unary, withoutParens } from './ast.ts'
import { evaluateBinary } from './binary.ts'
import { type EvalContext, SampleBudget } from './context.ts'
import { evaluationError } from './errors.ts'
import { findFunction, moveWindow, newWindow } from './functions/index.ts'
import { type FloatHistogram, scaleHistogram, withHint } from './histogram/index.ts'
import { resolveDurations } from './resolve-durations.ts'
import { lookTimes, selectInstant, selectRange, selectTimes } from './select.ts'
import {
  dropNames,
  FLOAT,
  HISTOGRAM,
  type MatrixValue,
  type RangeHistograms,
  type RangeSeries,
  sampleAt,
  stepTime,
  type StepSeries,
  type Value,
} from './values.ts'

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
}

export interface PointSeries {
  readonly labels: Labels
  /** Of the floats, ascending. */
  readonly timesMs: Float64Array
  readonly values: Float64Array
  readonly histograms?: HistogramPoints
}

export interface HistogramPoints {
  readonly timesMs: Float64Array
  readonly values: readonly FloatHistogram[]
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
  /** Samples read and points made, as they count against the limit. */
  readonly samples: number
}

/** Evaluates at one time. Throws AppError `invalid` for what the data does not allow, `exhausted` past the limit. */
export async function evaluateInstant(expr: Expr, timeMs: number, options: EvalOptions): Promise<QueryResult> {
  const context = newContext({ startMs: timeMs, stepMs: 1, count: 1 }, 0, options)
  const value = await evaluate(resolved(expr, context), context)
  const finish = (data: QueryData): QueryResult => ({
    data,
    ...context.annotations.texts(options.query),
    samples: context.samples.taken,
  })
  switch (value.type) {
    case 'scalar':
      return finish({ type: 'scalar', timeMs, value: value.values[0] ?? NaN })
    case 'string':
      return finish({ type: 'string', timeMs, value: value.value })
    case 'matrix':
      return finish({ type: 'matrix', series: pointsOfWindow(value) })
    case 'vector':
      return finish({ type: 'vector', timeMs, samples: dropNames(value.series, 1).map(vectorSample) })
  }
}

function vectorSample(row: StepSeries): VectorSample {
  const { labels } = row
  const sample = sampleAt(row, 0)
  if (typeof sample === 'object') return { labels, value: NaN, histogram: sample }
  return { labels, value: sample ?? NaN }
}

/** Evaluates at start, start + step, … ≤ end. The answer is a matrix ordered by labels. */
export async function evaluateRange(
  expr: Expr,
  range: { readonly startMs: number; readonly endMs: number; readonly stepMs: number },
  options: EvalOptions,
): Promise<QueryResult> {
  const { startMs, endMs, stepMs } = range
  const grid = { startMs, stepMs, count: Math.floor((endMs - startMs) / stepMs) + 1 }
  const context = { ...newContext(grid, stepMs, options), queryEndMs: endMs }
  const value = await evaluate(resolved(expr, context), context)
  const rows = rowsOf(value, context).sort((a, b) => compareLabels(a.labels, b.labels))
  const data: QueryData = { type: 'matrix', series: rows.map((row) => pointsOfRow(row, context)) }
  return { data, ...context.annotations.texts(options.query), samples: context.samples.taken }
}

/** Durations that depend on the times of the query are known now. */
function resolved(expr: Expr, { queryStartMs, queryEndMs, queryStepMs }: EvalContext): Expr {
  return resolveDurations(expr, { stepMs: queryStepMs, rangeMs: queryEndMs - queryStartMs })
}

function rowsOf(value: Value, context: EvalContext): StepSeries[] {
  const { count } = context.grid
  if (value.type === 'vector') return dropNames(value.series, count)
  if (value.type !== 'scalar') throw evaluationError(`a range query cannot answer a ${value.type}`)
  return [{ labels: {}, values: value.values, present: new Uint8Array(count).fill(FLOAT), dropName: false }]
}

function newContext(grid: EvalContext['grid'], queryStepMs: number, options: EvalOptions): EvalContext {
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
    annotations: new Annotations(),
  }
}

async function evaluate(expr: Expr, context: EvalContext): Promise<Value> {
  if (context.pacer.due()) await context.pacer.pause()
  switch (expr.kind) {
    case 'number':
      context.samples.check(context.grid.count)
      return { type: 'scalar', values: new Float64Array(context.grid.count).fill(expr.value) }
    case 'string':
      return { type: 'string', value: expr.value }
    case 'paren':
      return await evaluate(expr.expr, context)
    case 'vector-selector':
      return { type: 'vector', series: await selectInstant(expr, context) }
    case 'matrix-selector':
      return await selectRange(expr, context)
    case 'subquery':
      return await evaluateSubquery(expr, context)
    case 'unary':
      return await evaluateUnary(expr, context)
    case 'binary': {
      const [left, right] = await Promise.all([evaluate(expr.left, context), evaluate(expr.right, context)])
      return await evaluateBinary(expr, left, right, context)
    }
    case 'aggregation': {
      const operand = await evaluate(expr.expr, context)
      const parameter = expr.parameter === undefined ? undefined : await evaluate(expr.parameter, context)
      const series = operand.type === 'vector' ? operand.series : []
      return { type: 'vector', series: await evaluateAggregation(expr, series, parameter, context) }
    }
    case 'call':
      return await evaluateCall(expr, context)
  }
}

async function evaluateUnary(expr: Unary, context: EvalContext): Promise<Value> {
  const value = await evaluate(expr.expr, context)
  if (expr.operator === '+') return value
  if (value.type === 'scalar') return { type: 'scalar', values: value.values.map((number) => -number) }
  if (value.type !== 'vector') throw evaluationError(`unary minus on a ${value.type}`)
  return { type: 'vector', series: value.series.map(negated) }
}

function negated(row: StepSeries): StepSeries {
  const { labels, present, histograms } = row
  const values = row.values.map((number) => -number)
  if (histograms === undefined) return { labels, values, present, dropName: true }
  const scaled = histograms.map((histogram) => (histogram === undefined ? undefined : scaleHistogram(histogram, -1)))
  return { labels, values, present, histograms: scaled, dropName: true }
}

async function evaluateCall(node: Call, context: EvalContext): Promise<Value> {
  const definition = findFunction(node.name)
  if (definition === undefined) throw evaluationError(`unknown function ${node.name}`)
  const [first] = node.args
  const selector = first === undefined ? undefined : withoutParens(first)
  if (node.name === 'timestamp' && selector?.kind === 'vector-selector') {
    const series = await selectTimes(selector, context)
    return { type: 'vector', series: series.map((row) => ({ ...row, dropName: true })) }
  }
  // The selector of labels is not evaluated; info() reads it from the tree.
  const evaluated = node.name === 'info' ? node.args.slice(0, 1) : node.args
  const args = await Promise.all(evaluated.map((arg) => evaluate(arg, context)))
  return await definition.evaluate({ node, args, context })
}

/** Evaluates the inner expression on a grid of its own, aligned to its step, and takes the results as samples. */
async function evaluateSubquery(node: Subquery, context: EvalContext): Promise<MatrixValue> {
  const endsMs = lookTimes(context, node)
  const stepMs = node.stepMs ?? context.subqueryStepMs
  const lowest = (endsMs[0] ?? 0) - node.rangeMs
  const startMs = Math.floor(lowest / stepMs) * stepMs + stepMs
  const count = Math.max(0, Math.floor(((endsMs.at(-1) ?? 0) - startMs) / stepMs) + 1)
  // Before anything is made for so many steps.
  context.samples.check(count)
  const inner: EvalContext = { ...context, grid: { startMs, stepMs, count } }
  const value: Value = count === 0 ? { type: 'vector', series: [] } : await evaluate(node.expr, inner)
  const series = value.type === 'vector' ? value.series.map((row) => samplesOfRow(row, inner)) : []
  return { type: 'matrix', series, rangeMs: node.rangeMs, endsMs }
}

/** Steps may lie further apart than samples, so what a histogram says of the one before it holds no longer. */
function samplesOfRow(row: StepSeries, context: EvalContext): RangeSeries {
  const { histograms, ...floats } = pointsOfRow(row, context)
  if (histograms === undefined) return { ...floats, dropName: row.dropName }
  const { timesMs, values } = histograms
  const unsure = values.map((one) => (one.resetHint === 'gauge' ? one : withHint(one, 'unknown')))
  return { ...floats, histograms: { timesMs, values: unsure }, dropName: row.dropName }
}

function pointsOfRow(row: StepSeries, { grid }: EvalContext): PointSeries {
  const { labels, present } = row
  const size = present.reduce((sum, one) => sum + (one === FLOAT ? 1 : 0), 0)
  const timesMs = new Float64Array(size)
  const values = new Float64Array(size)
  let to = 0
  for (let step = 0; step < grid.count; step++) {
    if (present[step] !== FLOAT) continue
    timesMs[to] = stepTime(grid, step)
    values[to] = row.values[step] ?? NaN
    to += 1
  }
  if (row.histograms === undefined) return { labels, timesMs, values }
  const found: FloatHistogram[] = []
  const times: number[] = []
  row.histograms.forEach((histogram, step) => {
    if (histogram === undefined || present[step] !== HISTOGRAM) return
    found.push(histogram)
    times.push(stepTime(grid, step))
  })
  if (found.length === 0) return { labels, timesMs, values }
  return { labels, timesMs, values, histograms: { timesMs: Float64Array.from(times), values: found } }
}

/** An instant query for `x[5m]` answers the raw samples. */
function pointsOfWindow(value: MatrixValue): PointSeries[] {
  if (value.extension !== undefined)
    throw evaluationError(`${value.extension.kind} modifier is only allowed in functions`)
  return value.series
    .map((input): PointSeries => {
      const window = newWindow(input, value)
      moveWindow(window, value.endsMs[0] ?? 0)
      const { from, to, histograms } = window
      const floats = {
        labels: input.labels,
        timesMs: input.timesMs.slice(from, to),
        values: input.values.slice(from, to),
      }
      const inside = histograms === undefined ? undefined : partOf(histograms, histograms.from, histograms.to)
      return inside === undefined ? floats : { ...floats, histograms: inside }
    })
    .filter((series) => series.timesMs.length > 0 || series.histograms !== undefined)
    .sort((a, b) => compareLabels(a.labels, b.labels))
}

function partOf(
  { timesMs, values }: Pick<RangeHistograms, 'timesMs' | 'values'>,
  from: number,
  to: number,
): HistogramPoints | undefined {
  return from === to ? undefined : { timesMs: timesMs.slice(from, to), values: values.slice(from, to) }
}
