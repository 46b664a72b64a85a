import type { Labels, Scope } from '../../model/index.ts'
import { compareLabels } from '../labels.ts'
import type { MetricSource } from '../metric-source.ts'
import { createPacer } from '../pacer.ts'
import { evaluateAggregation } from './aggregate.ts'
import { type Call, type Expr, type Subquery, type Unary, withoutParens } from './ast.ts'
import { evaluateBinary } from './binary.ts'
import { type EvalContext, SampleBudget } from './context.ts'
import { evaluationError } from './errors.ts'
import { findFunction } from './functions/index.ts'
import { lookTimes, selectInstant, selectRange } from './select.ts'
import { dropNames, type MatrixValue, type RangeSeries, stepTime, type StepSeries, type Value } from './values.ts'

/** Prometheus' defaults. */
const DEFAULT_LOOKBACK_MS = 300_000
const DEFAULT_SUBQUERY_STEP_MS = 60_000
const DEFAULT_MAX_SAMPLES = 50_000_000

export interface EvalOptions {
  readonly source: MetricSource
  readonly scope: Scope
  readonly signal: AbortSignal
  readonly lookbackMs?: number
  /** Samples and points that the query may hold at once. */
  readonly maxSamples?: number
}

export interface PointSeries {
  readonly labels: Labels
  /** Ascending. */
  readonly timesMs: Float64Array
  readonly values: Float64Array
}

export type QueryData =
  | { readonly type: 'scalar'; readonly timeMs: number; readonly value: number }
  | { readonly type: 'string'; readonly timeMs: number; readonly value: string }
  | {
      readonly type: 'vector'
      readonly timeMs: number
      readonly samples: readonly { readonly labels: Labels; readonly value: number }[]
    }
  | { readonly type: 'matrix'; readonly series: readonly PointSeries[] }

export interface QueryResult {
  readonly data: QueryData
  readonly warnings: readonly string[]
  readonly infos: readonly string[]
}

/** Evaluates at one time. Throws AppError `invalid` for what the data does not allow, `exhausted` past the limit. */
export async function evaluateInstant(expr: Expr, timeMs: number, options: EvalOptions): Promise<QueryResult> {
  const context = newContext({ startMs: timeMs, stepMs: 1, count: 1 }, options)
  const value = await evaluate(expr, context)
  const finish = (data: QueryData): QueryResult => ({ data, ...annotations(context) })
  switch (value.type) {
    case 'scalar':
      return finish({ type: 'scalar', timeMs, value: value.values[0] ?? NaN })
    case 'string':
      return finish({ type: 'string', timeMs, value: value.value })
    case 'matrix':
      return finish({ type: 'matrix', series: pointsOfWindow(value) })
    case 'vector': {
      const rows = dropNames(value.series, 1)
      return finish({
        type: 'vector',
        timeMs,
        samples: rows.map((row) => ({ labels: row.labels, value: row.values[0] ?? NaN })),
      })
    }
  }
}

/** Evaluates at start, start + step, … ≤ end. The answer is a matrix ordered by labels. */
export async function evaluateRange(
  expr: Expr,
  range: { readonly startMs: number; readonly endMs: number; readonly stepMs: number },
  options: EvalOptions,
): Promise<QueryResult> {
  const { startMs, endMs, stepMs } = range
  const context = newContext({ startMs, stepMs, count: Math.floor((endMs - startMs) / stepMs) + 1 }, options)
  const value = await evaluate(expr, context)
  const rows = rowsOf(value, context).sort((a, b) => compareLabels(a.labels, b.labels))
  return { data: { type: 'matrix', series: rows.map((row) => pointsOfRow(row, context)) }, ...annotations(context) }
}

function rowsOf(value: Value, context: EvalContext): StepSeries[] {
  const { count } = context.grid
  if (value.type === 'vector') return dropNames(value.series, count)
  if (value.type !== 'scalar') throw evaluationError(`a range query cannot answer a ${value.type}`)
  return [{ labels: {}, values: value.values, present: new Uint8Array(count).fill(1), dropName: false }]
}

function newContext(grid: EvalContext['grid'], options: EvalOptions): EvalContext {
  return {
    grid,
    queryStartMs: grid.startMs,
    queryEndMs: stepTime(grid, grid.count - 1),
    lookbackMs: options.lookbackMs ?? DEFAULT_LOOKBACK_MS,
    subqueryStepMs: DEFAULT_SUBQUERY_STEP_MS,
    source: options.source,
    scope: options.scope,
    signal: options.signal,
    pacer: createPacer(options.signal),
    samples: new SampleBudget(options.maxSamples ?? DEFAULT_MAX_SAMPLES),
    warnings: new Set(),
    infos: new Set(),
  }
}

function annotations(context: EvalContext): Pick<QueryResult, 'warnings' | 'infos'> {
  return { warnings: [...context.warnings], infos: [...context.infos] }
}

async function evaluate(expr: Expr, context: EvalContext): Promise<Value> {
  if (context.pacer.due()) await context.pacer.pause()
  switch (expr.kind) {
    case 'number':
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
  const series = value.series.map((row) => ({ ...row, values: row.values.map((number) => -number), dropName: true }))
  return { type: 'vector', series }
}

async function evaluateCall(node: Call, context: EvalContext): Promise<Value> {
  const definition = findFunction(node.name)
  if (definition === undefined) throw evaluationError(`unknown function ${node.name}`)
  const [first] = node.args
  const selector = first === undefined ? undefined : withoutParens(first)
  if (node.name === 'timestamp' && selector?.kind === 'vector-selector') {
    const series = await selectInstant(selector, context, 'time')
    return { type: 'vector', series: series.map((row) => ({ ...row, dropName: true })) }
  }
  const args = await Promise.all(node.args.map((arg) => evaluate(arg, context)))
  return await definition.evaluate({ node, args, context })
}

/** Evaluates the inner expression on a grid of its own, aligned to its step, and takes the results as samples. */
async function evaluateSubquery(node: Subquery, context: EvalContext): Promise<MatrixValue> {
  const endsMs = lookTimes(context, node)
  const stepMs = node.stepMs ?? context.subqueryStepMs
  const lowest = (endsMs[0] ?? 0) - node.rangeMs
  const startMs = Math.floor(lowest / stepMs) * stepMs + stepMs
  const count = Math.max(0, Math.floor(((endsMs.at(-1) ?? 0) - startMs) / stepMs) + 1)
  const inner: EvalContext = { ...context, grid: { startMs, stepMs, count } }
  const value: Value = count === 0 ? { type: 'vector', series: [] } : await evaluate(node.expr, inner)
  const series = value.type === 'vector' ? value.series.map((row) => samplesOfRow(row, inner)) : []
  return { type: 'matrix', series, rangeMs: node.rangeMs, endsMs }
}

function samplesOfRow(row: StepSeries, context: EvalContext): RangeSeries {
  return { ...pointsOfRow(row, context), dropName: row.dropName }
}

function pointsOfRow(row: StepSeries, { grid }: EvalContext): PointSeries {
  const size = row.present.reduce((sum, one) => sum + one, 0)
  const timesMs = new Float64Array(size)
  const values = new Float64Array(size)
  let to = 0
  for (let step = 0; step < grid.count; step++) {
    if (row.present[step] !== 1) continue
    timesMs[to] = stepTime(grid, step)
    values[to] = row.values[step] ?? NaN
    to += 1
  }
  return { labels: row.labels, timesMs, values }
}

/** An instant query for `x[5m]` answers the raw samples. */
function pointsOfWindow(value: MatrixValue): PointSeries[] {
  const end = value.endsMs[0] ?? 0
  return value.series
    .map(({ labels, timesMs, values }) => {
      const from = timesMs.findIndex((time) => time > end - value.rangeMs)
      const to = timesMs.findLastIndex((time) => time <= end) + 1
      const empty = from === -1
      return { labels, timesMs: timesMs.slice(empty ? to : from, to), values: values.slice(empty ? to : from, to) }
    })
    .filter((series) => series.timesMs.length > 0)
    .sort((a, b) => compareLabels(a.labels, b.labels))
}
