import { compareLabels, labelValue } from '../../labels.ts'
import type { Call } from '../ast.ts'
import type { EvalContext } from '../context.ts'
import { isStepInvariant } from '../step-invariant.ts'
import { FLOAT, hasValues, type StepSeries, type Value } from '../values.ts'
import { type FunctionCall, type PromqlFunction, stringArg, vectorArg } from './function.ts'

/** By value, NaN last; histograms are left out. A range query answers in the order of labels, whatever this does. */
function sortBy(direction: 1 | -1): PromqlFunction {
  return {
    args: ['vector'],
    variadic: 0,
    returns: 'vector',
    evaluate: ({ node, args, context }: FunctionCall): Value => {
      warnOfRange(node, context)
      const series = vectorArg(args, 0).series.map(floatsOnly).filter(hasValues)
      if (context.grid.count !== 1) return { type: 'vector', series }
      return { type: 'vector', series: series.sort((a, b) => compare(a, b, direction)) }
    },
  }
}

/** What is the same at all steps is sorted once, as Prometheus sees it. */
function warnOfRange(node: Call, { grid, annotations }: EvalContext): void {
  if (grid.count > 1 && !node.args.every(isStepInvariant)) annotations.sortInRange(node)
}

function floatsOnly(row: StepSeries): StepSeries {
  if (row.histograms === undefined) return row
  const { labels, values, dropName } = row
  return { labels, values, present: row.present.map((one) => (one === FLOAT ? FLOAT : 0)), dropName }
}

function compare(a: StepSeries, b: StepSeries, direction: 1 | -1): number {
  const left = a.values[0] ?? NaN
  const right = b.values[0] ?? NaN
  if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right))
  if (left === right) return 0
  return left < right ? -direction : direction
}

/** By the values of the labels, one after the other, in natural order; then by all labels. */
function sortByLabel(direction: 1 | -1): PromqlFunction {
  return {
    args: ['vector', 'string'],
    variadic: -1,
    returns: 'vector',
    experimental: true,
    evaluate: ({ node, args, context }) => {
      warnOfRange(node, context)
      const names = args.slice(1).map((_, i) => stringArg(args, i + 1))
      const series = [...vectorArg(args, 0).series].sort((a, b) => {
        for (const name of names) {
          const order = compareNatural(labelValue(a.labels, name), labelValue(b.labels, name))
          if (order !== 0) return order * direction
        }
        return compareLabels(a.labels, b.labels) * direction
      })
      return { type: 'vector', series }
    },
  }
}

/** Runs of digits compare as numbers, all else by code units: `a2` comes before `a10`. */
function compareNatural(a: string, b: string): number {
  const left = a.match(/\d+|\D+/g) ?? []
  const right = b.match(/\d+|\D+/g) ?? []
  const shared = Math.min(left.length, right.length)
  for (let i = 0; i < shared; i++) {
    const [x = '', y = ''] = [left[i], right[i]]
    if (x === y) continue
    if (/^\d/.test(x) && /^\d/.test(y)) {
      const order = compareDigits(x, y)
      if (order !== 0) return order
    }
    return x < y ? -1 : 1
  }
  return left.length - right.length
}

/** Numbers of any length: without leading zeros the longer is the larger. */
function compareDigits(a: string, b: string): number {
  const x = a.replace(/^0+(?=\d)/, '')
  const y = b.replace(/^0+(?=\d)/, '')
  if (x.length !== y.length) return x.length - y.length
  if (x === y) return 0
  return x < y ? -1 : 1
}

export const sortFunctions: Readonly<Record<string, PromqlFunction>> = {
  sort: sortBy(1),
  sort_desc: sortBy(-1),
  sort_by_label: sortByLabel(1),
  sort_by_label_desc: sortByLabel(-1),
}
