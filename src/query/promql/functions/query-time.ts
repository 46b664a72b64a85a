import type { EvalContext } from '../context.ts'
import type { Value } from '../values.ts'
import { greater, lesser } from './extremes.ts'
import { type PromqlFunction, scalarArg } from './function.ts'

/** A number that is the same at every step: something of the times that the query was asked for. */
function ofQuery(milliseconds: (context: EvalContext) => number): PromqlFunction {
  return {
    args: [],
    variadic: 0,
    returns: 'scalar',
    experimental: true,
    evaluate: ({ context }): Value => {
      const values = new Float64Array(context.grid.count).fill(milliseconds(context) / 1000)
      return { type: 'scalar', values }
    },
  }
}

function ofTwo(choose: (a: number, b: number) => number): PromqlFunction {
  return {
    args: ['scalar', 'scalar'],
    variadic: 0,
    returns: 'scalar',
    experimental: true,
    evaluate: ({ args }) => {
      const other = scalarArg(args, 1).values
      return { type: 'scalar', values: scalarArg(args, 0).values.map((value, i) => choose(value, other[i] ?? NaN)) }
    },
  }
}

export const queryTimeFunctions: Readonly<Record<string, PromqlFunction>> = {
  start: ofQuery(({ queryStartMs }) => queryStartMs),
  end: ofQuery(({ queryEndMs }) => queryEndMs),
  step: ofQuery(({ queryStepMs }) => queryStepMs),
  range: ofQuery(({ queryStartMs, queryEndMs }) => queryEndMs - queryStartMs),
  min_of: ofTwo(lesser),
  max_of: ofTwo(greater),
}
