import type { StepSeries, Value } from '../values.ts'
import { type FunctionCall, type PromqlFunction, vectorArg } from './function.ts'

/** By value, NaN last. A range query answers in the order of labels, so only an instant query shows the order. */
function sortBy(direction: 1 | -1): PromqlFunction {
  return {
    args: ['vector'],
    variadic: 0,
    returns: 'vector',
    evaluate: ({ args, context }: FunctionCall): Value => {
      const { series } = vectorArg(args, 0)
      if (context.grid.count !== 1) return { type: 'vector', series }
      return { type: 'vector', series: [...series].sort((a, b) => compare(a, b, direction)) }
    },
  }
}

function compare(a: StepSeries, b: StepSeries, direction: 1 | -1): number {
  const left = a.values[0] ?? NaN
  const right = b.values[0] ?? NaN
  if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right))
  if (left === right) return 0
  return left < right ? -direction : direction
}

export const sortFunctions: Readonly<Record<string, PromqlFunction>> = {
  sort: sortBy(1),
  sort_desc: sortBy(-1),
}
