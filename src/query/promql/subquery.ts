import type { Subquery } from './ast.ts'
import type { EvalContext } from './context.ts'
import { withHint } from './histogram/index.ts'
import { pointsOfRow } from './points.ts'
import { lookTimes } from './select.ts'
import type { MatrixValue, RangeSeries, StepSeries } from './values.ts'

/** What a subquery evaluates, and how a range vector is made of that. */
export interface SubqueryReader {
  /** With a grid of its own, aligned to its step; it may have no steps at all. */
  readonly inner: EvalContext
  readonly matrixOf: (rows: readonly StepSeries[]) => MatrixValue
}

/** Throws when its steps alone are past the limit on samples. */
export function subqueryReader(node: Subquery, context: EvalContext): SubqueryReader {
  const endsMs = lookTimes(context, node)
  const stepMs = node.stepMs ?? context.subqueryStepMs
  const lowest = (endsMs[0] ?? 0) - node.rangeMs
  const startMs = Math.floor(lowest / stepMs) * stepMs + stepMs
  const count = Math.max(0, Math.floor(((endsMs.at(-1) ?? 0) - startMs) / stepMs) + 1)
  // Before anything is made for so many steps.
  context.samples.check(count)
  const inner: EvalContext = { ...context, grid: { startMs, stepMs, count }, counts: undefined }
  const { rangeMs } = node
  const matrixOf = (rows: readonly StepSeries[]): MatrixValue => {
    return { type: 'matrix', series: rows.map((row) => samplesOfRow(row, inner)), rangeMs, endsMs }
  }
  return { inner, matrixOf }
}

/** Steps may lie further apart than samples, so what a histogram says of the one before it holds no longer. */
function samplesOfRow(row: StepSeries, context: EvalContext): RangeSeries {
  const { histograms, ...floats } = pointsOfRow(row, context.grid)
  if (histograms === undefined) return { ...floats, dropName: row.dropName }
  const { timesMs, values } = histograms
  const unsure = values.map((one) => (one.resetHint === 'gauge' ? one : withHint(one, 'unknown')))
  return { ...floats, histograms: { timesMs, values: unsure }, dropName: row.dropName }
}
