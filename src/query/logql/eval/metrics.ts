import { AppError } from '../../../core/index.ts'
import { compareLabels, setLabel } from '../../labels.ts'
import { createPacer } from '../../pacer.ts'
import { Annotations } from '../../promql/annotations.ts'
import { hasValues, newSeries, type StepGrid, type StepSeries } from '../../promql/values.ts'
import { compileRegexp } from '../../regexp.ts'
import type {
  Binary,
  LabelReplace,
  LogqlExpr,
  MetricExpr,
  RangeOperation,
  Variants,
  VectorAggregation,
} from '../ast.ts'
import { combine, type MetricValue } from './binary.ts'
import { Budget, DEFAULT_LOGQL_LIMITS, type LogqlOptions, type MetricContext, tooManySeries } from './options.ts'
import { evaluateRangeAggregation } from './range-aggregation.ts'
import { aggregateVector } from './vector-aggregation.ts'

/** What a query has read. */
export interface QueryStatistics {
  readonly lines: number
  readonly bytes: number
}

/** A metric query's value at each step: one number, or rows with labels. */
export type MetricResult = (
  | { readonly type: 'scalar'; readonly values: Float64Array }
  | { readonly type: 'vector'; readonly series: readonly StepSeries[] }
) & { readonly statistics: QueryStatistics }

/**
 * Evaluates a metric query at every step of the grid. Rows are in the order of their labels, but where the query sorts
 * an instant's values.
 */
export async function evaluateMetric(
  expr: MetricExpr | Variants,
  grid: StepGrid,
  options: LogqlOptions,
): Promise<MetricResult> {
  const limits = { ...DEFAULT_LOGQL_LIMITS, ...options.limits }
  const { source, scope, signal, pushdown = true } = options
  const budget = new Budget(limits)
  const context: MetricContext = { grid, source, scope, signal, pacer: createPacer(signal), limits, pushdown, budget }
  if (expr.kind === 'variants' && options.variants !== true) {
    throw new AppError('invalid', 'multi variant queries are disabled for this instance')
  }
  const value = expr.kind === 'variants' ? await evaluateVariants(expr, context) : await evaluate(expr, context)
  const statistics = { lines: budget.lines, bytes: budget.bytes }
  if (value.type === 'scalar') {
    return { type: 'scalar', values: new Float64Array(grid.count).fill(value.value), statistics }
  }
  const series = value.series.filter(hasValues)
  if (series.length > limits.maxSeries) throw tooManySeries(limits.maxSeries)
  if (!sorts(expr)) series.sort((a, b) => compareLabels(a.labels, b.labels))
  return { type: 'vector', series, statistics }
}

function sorts(expr: LogqlExpr): boolean {
  switch (expr.kind) {
    case 'vector-aggregation':
      return expr.operation === 'sort' || expr.operation === 'sort_desc' || sorts(expr.expr)
    case 'binary':
      return sorts(expr.left) || sorts(expr.right)
    case 'label-replace':
      return sorts(expr.expr)
    default:
      return false
  }
}

async function evaluate(expr: MetricExpr, context: MetricContext): Promise<MetricValue> {
  switch (expr.kind) {
    case 'number':
      return { type: 'scalar', value: expr.value }
    case 'vector': {
      const row = newSeries({}, context.grid.count, false)
      row.values.fill(expr.value)
      row.present.fill(1)
      return { type: 'vector', series: [row] }
    }
    case 'binary':
      return { type: 'vector', series: await evaluateBinary(expr, context) }
    case 'label-replace':
      return { type: 'vector', series: await replaceLabels(expr, context) }
    case 'vector-aggregation':
      return { type: 'vector', series: await evaluateAggregation(expr, context) }
    case 'range-aggregation':
      return { type: 'vector', series: (await evaluateRangeAggregation(expr, context)).filter(hasValues) }
  }
}

async function evaluateBinary(expr: Binary, context: MetricContext): Promise<StepSeries[]> {
  const left = await evaluate(expr.left, context)
  const right = await evaluate(expr.right, context)
  const { grid, pacer } = context
  return await combine(expr, left, right, { grid, pacer, annotations: new Annotations() })
}

/** Aggregations that give the same if lines are put together before and not their results after. */
const ADDITIVE: ReadonlySet<RangeOperation> = new Set<RangeOperation>([
  ...(['bytes_over_time', 'bytes_rate', 'sum_over_time', 'rate', 'count_over_time'] as const),
])

async function evaluateAggregation(expr: VectorAggregation, context: MetricContext): Promise<StepSeries[]> {
  const { operation, expr: inner, grouping } = expr
  let operand: readonly StepSeries[]
  if (operation === 'sum' && inner.kind === 'range-aggregation' && ADDITIVE.has(inner.operation)) {
    const clause = grouping ?? { labels: [], without: false }
    operand = await evaluateRangeAggregation(inner, context, clause)
  } else {
    const value = await evaluate(inner, context)
    operand = value.type === 'vector' ? value.series : [numberRow(value.value, context)]
  }
  return aggregateVector(expr, operand, context.grid.count)
}

function numberRow(value: number, { grid }: MetricContext): StepSeries {
  const row = newSeries({}, grid.count, false)
  row.values.fill(value)
  row.present.fill(1)
  return row
}

async function replaceLabels(expr: LabelReplace, context: MetricContext): Promise<StepSeries[]> {
  const value = await evaluate(expr.expr, context)
  const regexp = compileRegexp(`^(?:${expr.expression})$`, { dotMatchesNewline: false })
  const rows = value.type === 'vector' ? value.series : [numberRow(value.value, context)]
  return rows.map((row) => {
    const match = regexp.find(row.labels[expr.source] ?? '')
    if (match === undefined) return row
    const text = expr.replacement.replace(/\$(?:\$|\{(\w+)\}|(\w+))/g, (whole, braced?: string, bare?: string) => {
      if (whole === '$$') return '$'
      const name = braced ?? bare ?? ''
      const index = /^\d+$/.test(name) ? Number(name) : (regexp.names[name] ?? -1)
      return match.groups[index] ?? ''
    })
    return { ...row, labels: setLabel(row.labels, expr.target, text) }
  })
}

const VARIANT_LABEL = '__variant__'

/** Each variant's rows with its number. */
async function evaluateVariants({ variants }: Variants, context: MetricContext): Promise<MetricValue> {
  const series: StepSeries[] = []
  for (const [i, variant] of variants.entries()) {
    const value = await evaluate(variant, context)
    const rows = value.type === 'vector' ? value.series : [numberRow(value.value, context)]
    series.push(...rows.map((row) => ({ ...row, labels: { ...row.labels, [VARIANT_LABEL]: String(i) } })))
  }
  return { type: 'vector', series }
}
