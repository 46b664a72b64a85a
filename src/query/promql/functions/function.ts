import { METRIC_NAME } from '../../../model/index.ts'
import { labelValue } from '../../labels.ts'
import type { Call, ValueType } from '../ast.ts'
import type { EvalContext } from '../context.ts'
import { evaluationError } from '../errors.ts'
import type { FloatHistogram } from '../histogram/index.ts'
import {
  FLOAT,
  hasValues,
  HISTOGRAM,
  type MatrixValue,
  RowWriter,
  type ScalarValue,
  type StepSeries,
  type Value,
  type VectorValue,
} from '../values.ts'

/** What the parser needs to know of a function. */
export interface FunctionSignature {
  readonly args: readonly ValueType[]
  /** How many more arguments of the last type may be given than the others require; 0: exactly `args`; -1: any. */
  readonly variadic: number
  readonly returns: ValueType
  /** The parser refuses it unless experimental functions are switched on, as Prometheus does. */
  readonly experimental?: boolean
}

export interface FunctionCall {
  readonly node: Call
  readonly args: readonly Value[]
  readonly context: EvalContext
}

export interface PromqlFunction extends FunctionSignature {
  /** It makes one row of each series by itself, so that series may come in pieces. Its other arguments are scalars. */
  readonly perSeries?: boolean
  evaluate(call: FunctionCall): Value | Promise<Value>
}

/** A function of each value of a vector, with the scalar arguments that stand behind it. */
export function sampleFunction(
  compute: (value: number, scalars: readonly number[]) => number | undefined,
  scalarArgs = 0,
): PromqlFunction {
  return {
    args: ['vector', ...Array.from({ length: scalarArgs }, () => 'scalar' as const)],
    variadic: 0,
    returns: 'vector',
    perSeries: true,
    evaluate: ({ args }) => {
      const scalars = args.slice(1).map((_, i) => scalarArg(args, i + 1))
      return { type: 'vector', series: mapSeries(vectorArg(args, 0).series, scalars, compute) }
    },
  }
}

/** Histograms are left out. The list of scalars is used again: nobody may keep it. */
export function mapSeries(
  series: readonly StepSeries[],
  scalars: readonly ScalarValue[],
  compute: (value: number, scalars: readonly number[]) => number | undefined,
): StepSeries[] {
  const parameters = scalars.map(() => NaN)
  return series
    .map((input) => {
      const row = new RowWriter(input.labels, input.values.length, true)
      for (let step = 0; step < input.values.length; step++) {
        if (input.present[step] !== FLOAT) continue
        for (let i = 0; i < parameters.length; i++) parameters[i] = scalars[i]?.values[step] ?? NaN
        const value = compute(input.values[step] ?? 0, parameters)
        if (value === undefined) continue
        row.present[step] = FLOAT
        row.values[step] = value
      }
      return row.finish()
    })
    .filter(hasValues)
}

/** A function of each histogram of a vector; floats are left out. */
export function mapHistograms(
  series: readonly StepSeries[],
  compute: (histogram: FloatHistogram, step: number, metric: string) => number,
): StepSeries[] {
  return series
    .flatMap((input) => {
      const { labels, histograms } = input
      if (histograms === undefined) return []
      const metric = labelValue(labels, METRIC_NAME)
      const row = new RowWriter(labels, input.values.length, true)
      histograms.forEach((histogram, step) => {
        if (histogram !== undefined && input.present[step] === HISTOGRAM)
          row.set(step, compute(histogram, step, metric))
      })
      return [row.finish()]
    })
    .filter(hasValues)
}

/** The parser has checked the types; these give them to the compiler. */
export function vectorArg(args: readonly Value[], i: number): VectorValue {
  const arg = args[i]
  if (arg?.type !== 'vector') throw evaluationError(`argument ${String(i + 1)} is no instant vector`)
  return arg
}

export function scalarArg(args: readonly Value[], i: number): ScalarValue {
  const arg = args[i]
  if (arg?.type !== 'scalar') throw evaluationError(`argument ${String(i + 1)} is no scalar`)
  return arg
}

export function matrixArg(args: readonly Value[], i: number): MatrixValue {
  const arg = args[i]
  if (arg?.type !== 'matrix') throw evaluationError(`argument ${String(i + 1)} is no range vector`)
  return arg
}

export function stringArg(args: readonly Value[], i: number): string {
  const arg = args[i]
  if (arg?.type !== 'string') throw evaluationError(`argument ${String(i + 1)} is no string`)
  return arg.value
}
