import { type Labels, METRIC_NAME } from '../../../model/index.ts'
import { type Expr, withoutParens } from '../ast.ts'
import { FLOAT, hasValues, RowWriter, type Value } from '../values.ts'
import { matrixArg, type PromqlFunction, vectorArg } from './function.ts'
import { countHistograms, moveWindow, newWindow, samplesIn } from './window.ts'

/** Labels of the answer: those that the selector asks for with one `=` and nothing else. */
function labelsOf(expr: Expr | undefined): Labels {
  const inner = expr === undefined ? undefined : withoutParens(expr)
  const selector = inner?.kind === 'matrix-selector' ? inner.selector : inner
  if (selector?.kind !== 'vector-selector') return {}
  const matchers = selector.matchers.filter((matcher) => matcher.name !== METRIC_NAME)
  const sure = matchers.filter(
    (matcher) =>
      matcher.operator === '=' && matcher.value !== '' && matchers.filter((m) => m.name === matcher.name).length === 1,
  )
  return Object.fromEntries(sure.map((matcher) => [matcher.name, matcher.value]))
}

/** One row with 1 at every step at which `there` is 0. */
function complement(labels: Labels, there: Uint8Array): Value {
  const writer = new RowWriter(labels, there.length, false)
  for (let step = 0; step < there.length; step++) {
    if (there[step] !== 0) continue
    writer.present[step] = FLOAT
    writer.values[step] = 1
  }
  const row = writer.finish()
  return { type: 'vector', series: hasValues(row) ? [row] : [] }
}

export const absentFunctions: Readonly<Record<string, PromqlFunction>> = {
  absent: {
    args: ['vector'],
    variadic: 0,
    returns: 'vector',
    evaluate: ({ node, args, context: { grid } }) => {
      const there = new Uint8Array(grid.count)
      for (const { present } of vectorArg(args, 0).series) present.forEach((one, step) => (there[step] ||= one))
      return complement(labelsOf(node.args[0]), there)
    },
  },
  absent_over_time: {
    args: ['matrix'],
    variadic: 0,
    returns: 'vector',
    evaluate: ({ node, args, context: { grid, counts } }) => {
      const matrix = matrixArg(args, 0)
      const there = new Uint8Array(grid.count)
      for (const input of matrix.series) {
        const window = newWindow(input, matrix)
        for (let step = 0; step < grid.count; step++) {
          moveWindow(window, matrix.endsMs[step] ?? 0)
          counts?.add(step, samplesIn(window))
          if (window.to > window.from || countHistograms(window) > 0) there[step] = 1
        }
      }
      return complement(labelsOf(node.args[0]), there)
    },
  },
}
