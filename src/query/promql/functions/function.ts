import type { Call, ValueType } from '../ast.ts'
import type { EvalContext } from '../context.ts'
import { evaluationError } from '../errors.ts'
import {
  hasValues,
  type MatrixValue,
  newSeries,
  type RangeSeries,
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
  evaluate(call: FunctionCall): Value | Promise<Value>
}

/** The samples of one series in one step's window. The object is reused: nothing may keep it. */
export interface SampleWindow {
  timesMs: Float64Array
  values: Float64Array
  /** First index in the window, and the first behind it. */
  from: number
  to: number
  startMs: number
  endMs: number
  rangeMs: number
}

/** One value from one window; undefined when there are too few samples. `scalars` are the scalar arguments in order. */
export type WindowFunction = (window: SampleWindow, scalars: readonly number[], stepMs: number) => number | undefined

/** A function from a range vector, and maybe scalars before or behind it, to an instant vector. */
export function rangeFunction(
  compute: WindowFunction,
  options: { readonly args?: readonly ValueType[]; readonly keepName?: boolean } = {},
): PromqlFunction {
  return {
    args: options.args ?? ['matrix'],
    variadic: 0,
    returns: 'vector',
    evaluate: async ({ args, context }) => {
      const matrix = matrixArg(
        args,
        args.findIndex((arg) => arg.type === 'matrix'),
      )
      const scalars = args.filter((arg) => arg.type === 'scalar')
      const series: StepSeries[] = []
      for (const input of matrix.series) {
        if (context.pacer.due()) await context.pacer.pause()
        const row = slide(input, matrix, scalars, { compute, context, keepName: options.keepName === true })
        if (hasValues(row)) series.push(row)
      }
      context.samples.take(series.length * context.grid.count)
      return { type: 'vector', series }
    },
  }
}

interface Slide {
  readonly compute: WindowFunction
  readonly context: EvalContext
  readonly keepName: boolean
}

function slide(input: RangeSeries, matrix: MatrixValue, scalars: readonly ScalarValue[], how: Slide): StepSeries {
  const { startMs, stepMs, count } = how.context.grid
  const row = newSeries(input.labels, count, how.keepName ? input.dropName : true)
  const { timesMs, values } = input
  const window: SampleWindow = { timesMs, values, from: 0, to: 0, startMs: 0, endMs: 0, rangeMs: matrix.rangeMs }
  const parameters = scalars.map(() => 0)
  for (let step = 0; step < count; step++) {
    moveWindow(window, matrix.endsMs[step] ?? 0)
    if (window.to === window.from) continue
    for (let i = 0; i < scalars.length; i++) parameters[i] = scalars[i]?.values[step] ?? NaN
    const value = how.compute(window, parameters, startMs + step * stepMs)
    if (value === undefined) continue
    row.present[step] = 1
    row.values[step] = value
  }
  return row
}

/** Windows only move forward, so both ends advance over the samples once. */
export function moveWindow(window: SampleWindow, endMs: number): void {
  window.endMs = endMs
  window.startMs = endMs - window.rangeMs
  const { timesMs } = window
  while (window.to < timesMs.length && (timesMs[window.to] ?? 0) <= endMs) window.to += 1
  while (window.from < window.to && (timesMs[window.from] ?? 0) <= window.startMs) window.from += 1
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
    evaluate: ({ args }) => {
      const scalars = args.slice(1).map((_, i) => scalarArg(args, i + 1))
      return { type: 'vector', series: mapSeries(vectorArg(args, 0).series, scalars, compute) }
    },
  }
}

export function mapSeries(
  series: readonly StepSeries[],
  scalars: readonly ScalarValue[],
  compute: (value: number, scalars: readonly number[]) => number | undefined,
): StepSeries[] {
  return series
    .map((input) => {
      const row = newSeries(input.labels, input.values.length, true)
      for (let step = 0; step < input.values.length; step++) {
        if (input.present[step] !== 1) continue
        const value = compute(
          input.values[step] ?? 0,
          scalars.map((scalar) => scalar.values[step] ?? NaN),
        )
        if (value === undefined) continue
        row.present[step] = 1
        row.values[step] = value
      }
      return row
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
