import { FLOAT } from '../values.ts'
import { type PromqlFunction, scalarArg, vectorArg } from './function.ts'
import { constantVector } from './time.ts'

export const convertFunctions: Readonly<Record<string, PromqlFunction>> = {
  vector: {
    args: ['scalar'],
    variadic: 0,
    returns: 'vector',
    evaluate: ({ args }) => constantVector(scalarArg(args, 0).values),
  },
  // The value of the only float at a step, NaN when there is none or more than one.
  scalar: {
    args: ['vector'],
    variadic: 0,
    returns: 'scalar',
    evaluate: ({ args, context: { grid } }) => {
      const { series } = vectorArg(args, 0)
      const values = new Float64Array(grid.count)
      for (let step = 0; step < grid.count; step++) {
        const there = series.filter((row) => row.present[step] === FLOAT)
        values[step] = there.length === 1 ? (there[0]?.values[step] ?? NaN) : NaN
      }
      return { type: 'scalar', values }
    },
  },
  pi: {
    args: [],
    variadic: 0,
    returns: 'scalar',
    evaluate: ({ context: { grid } }) => ({ type: 'scalar', values: new Float64Array(grid.count).fill(Math.PI) }),
  },
}
