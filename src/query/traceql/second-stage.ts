import type { ComparisonOperator, SecondStage } from './ast.ts'
import { type MetricsSeries, seriesText } from './series.ts'

/** Runs one step behind a metrics function. Values that it takes away become NaN; series without values go. */
export function applySecondStage(stage: SecondStage, series: readonly MetricsSeries[]): readonly MetricsSeries[] {
  const kept =
    stage.kind === 'compare'
      ? series.map((one) => ({
          ...one,
          values: one.values.map((value) => (holds(stage.operator, value, stage.value) ? value : NaN)),
        }))
      : best(stage.kind, stage.limit, series)
  return kept.filter(({ values }) => values.some((value) => !Number.isNaN(value)))
}

function holds(operator: ComparisonOperator, value: number, bound: number): boolean {
  switch (operator) {
    case '=':
      return value === bound
    case '!=':
      return value !== bound
    case '>':
      return value > bound
    case '>=':
      return value >= bound
    case '<':
      return value < bound
    case '<=':
      return value <= bound
  }
}

/** The best at each time by itself. Of equal ones `topk` takes the first by its labels, `bottomk` the last. */
function best(kind: 'topk' | 'bottomk', limit: number, series: readonly MetricsSeries[]): MetricsSeries[] {
  const texts = series.map(seriesText)
  const sign = kind === 'topk' ? -1 : 1
  const results = series.map((one) => ({ ...one, values: one.values.map(() => NaN) }))
  for (let i = 0; i < (series[0]?.values.length ?? 0); i++) {
    const valueAt = (index: number): number => series[index]?.values[i] ?? NaN
    const order = series
      .map((_, index) => index)
      .filter((index) => !Number.isNaN(valueAt(index)))
      .sort((a, b) => sign * (valueAt(a) - valueAt(b)) || -sign * compare(texts[a] ?? '', texts[b] ?? ''))
    for (const index of order.slice(0, limit)) {
      const result = results[index]
      if (result !== undefined) result.values[i] = valueAt(index)
    }
  }
  return results
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
