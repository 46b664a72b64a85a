import { METRIC_NAME } from '../../../model/index.ts'
import { labelValue } from '../../labels.ts'
import type { Annotations } from '../annotations.ts'
import type { Extension, Range, ValueType } from '../ast.ts'
import type { EvalContext } from '../context.ts'
import { evaluationError } from '../errors.ts'
import {
  FLOAT,
  type MatrixValue,
  type RangeSeries,
  RowWriter,
  type Sample,
  type ScalarValue,
  type StepSeries,
} from '../values.ts'
import { type FloatKernel, FloatWindows, STEPS_AT_ONCE } from './float-windows.ts'
import { matrixArg, type PromqlFunction } from './function.ts'
import { countHistograms, extendWindow, moveWindow, newWindow, samplesIn, type SampleWindow } from './window.ts'

/** Where a function says what the caller should know. */
export interface Notes {
  readonly annotations: Annotations
  /** The argument. */
  readonly at: Range
  readonly metric: string
  /** Whether it was looked at whether the name is that of a counter. */
  isNamed: boolean
}

/** One value from one window; undefined when there are too few samples. `scalars` are the scalar arguments in order. */
export type WindowFunction<T extends Sample = Sample> = (
  window: SampleWindow,
  scalars: readonly number[],
  stepMs: number,
  notes: Notes,
) => T | undefined

interface RangeOptions {
  readonly args?: readonly ValueType[]
  readonly keepName?: boolean
  /** What may stand behind the range: `m[5m] anchored`. */
  readonly extensions?: readonly Extension[]
  /** Makes the same function once more, for the many windows of plain floats: without a call and a number object for each. */
  readonly kernel?: () => FloatKernel
}

/**
 * A function from a range vector, and maybe scalars before or behind it, to an instant vector. Windows without floats
 * have no result; histograms beside floats are left out, and the caller is told.
 */
export function rangeFunction(compute: WindowFunction, options: RangeOptions = {}): PromqlFunction {
  return sampleRangeFunction((window, scalars, stepMs, notes) => {
    if (window.to === window.from) return undefined
    if (countHistograms(window) > 0) notes.annotations.histogramsIgnoredInRange(notes.metric, notes.at)
    return compute(window, scalars, stepMs, notes)
  }, options)
}

/** The same for functions that take histograms, too: windows have at least one sample. */
export function sampleRangeFunction(compute: WindowFunction, options: RangeOptions = {}): PromqlFunction {
  return {
    args: options.args ?? ['matrix'],
    variadic: 0,
    returns: 'vector',
    perSeries: true,
    evaluate: async ({ node, args, context }) => {
      const matrix = matrixArg(
        args,
        args.findIndex((arg) => arg.type === 'matrix'),
      )
      checkExtension(node.name, matrix)
      const scalars = args.filter((arg) => arg.type === 'scalar')
      const at = node.args[0] ?? node
      const series: StepSeries[] = []
      const plain = options.kernel && {
        kernel: options.kernel(),
        windows: new FloatWindows(matrix, scalars, context.grid),
      }
      for (const input of matrix.series) {
        if (context.pacer.due()) await context.pacer.pause()
        const notes = {
          annotations: context.annotations,
          at,
          metric: labelValue(input.labels, METRIC_NAME),
          isNamed: false,
        }
        const keepName = options.keepName === true
        const slid = slide(input, matrix, scalars, { compute, plain, context, keepName, notes })
        const row = slid instanceof Promise ? await slid : slid
        if (row !== undefined) series.push(row)
      }
      context.samples.take(series.length * context.grid.count)
      return { type: 'vector', series }
    },
  }
}

const EXTENSIBLE: Readonly<Record<Extension, readonly string[]>> = {
  anchored: ['changes', 'delta', 'increase', 'rate', 'resets'],
  smoothed: ['delta', 'increase', 'rate'],
}

function checkExtension(name: string, { extension }: MatrixValue): void {
  if (extension === undefined) return
  const allowed = EXTENSIBLE[extension.kind]
  if (allowed.includes(name)) return
  throw evaluationError(`${extension.kind} modifier can only be used with: ${allowed.join(', ')} - not with ${name}`)
}

interface Slide {
  readonly compute: WindowFunction
  /** Memory of its own for each evaluation: others may come in between when this one gives them a turn. */
  readonly plain: { readonly kernel: FloatKernel; readonly windows: FloatWindows } | undefined
  readonly context: EvalContext
  readonly keepName: boolean
  readonly notes: Notes
}

/** The row of a series; undefined when it has no value at any step. A promise only when others had to get a turn. */
function slide(
  input: RangeSeries,
  matrix: MatrixValue,
  scalars: readonly ScalarValue[],
  how: Slide,
): StepSeries | undefined | Promise<StepSeries | undefined> {
  const slider = new Slider(input, matrix, scalars, how)
  return slider.run() ? slider.row() : slider.finish()
}

class Slider {
  readonly #matrix: MatrixValue
  readonly #scalars: readonly ScalarValue[]
  readonly #how: Slide
  readonly #row: RowWriter
  readonly #window: SampleWindow
  readonly #view: SampleWindow
  readonly #parameters: number[]
  #step = 0
  #isEmpty = true

  constructor(input: RangeSeries, matrix: MatrixValue, scalars: readonly ScalarValue[], how: Slide) {
    const { count } = how.context.grid
    this.#matrix = matrix
    this.#scalars = scalars
    this.#how = how
    const dropName = how.keepName ? input.dropName : true
    this.#row = new RowWriter(input.labels, count, dropName, how.context.rows?.take(count))
    this.#window = newWindow(input, matrix)
    this.#view = matrix.extension === undefined ? this.#window : newWindow(input, matrix)
    this.#parameters = scalars.map(() => 0)
  }

  /** Goes on until all steps are done, or others are to get a turn: then false. */
  run(): boolean {
    const { count } = this.#how.context.grid
    const { pacer } = this.#how.context
    while (this.#step < count) {
      this.#steps(Math.min(count, this.#step + STEPS_AT_ONCE))
      if (this.#step < count && pacer.due()) return false
    }
    return true
  }

  async finish(): Promise<StepSeries | undefined> {
    do await this.#how.context.pacer.pause()
    while (!this.run())
    return this.row()
  }

  row(): StepSeries | undefined {
    if (!this.#isEmpty) return this.#row.finish()
    this.#how.context.rows?.giveBack(this.#row)
    return undefined
  }

  #steps(end: number): void {
    const { compute, plain, notes, context } = this.#how
    const { startMs, stepMs } = context.grid
    const { endsMs, extension } = this.#matrix
    const [row, window, view, parameters] = [this.#row, this.#window, this.#view, this.#parameters]
    if (plain !== undefined && extension === undefined && isPlain(window)) {
      const { kernel, windows } = plain
      if (this.#step === 0) windows.begin(window)
      windows.moveTo(end)
      if (context.counts !== undefined) windows.countInto(context.counts)
      if (kernel(windows, row, notes)) this.#isEmpty = false
      this.#step = end
      return
    }
    for (let step = this.#step; step < end; step++) {
      moveWindow(window, endsMs[step] ?? 0)
      if (extension !== undefined) extendWindow(view, window, extension)
      context.counts?.add(step, samplesIn(view))
      if (view.to === view.from && countHistograms(view) === 0) continue
      for (let i = 0; i < parameters.length; i++) parameters[i] = this.#scalars[i]?.values[step] ?? NaN
      const sample = compute(view, parameters, startMs + step * stepMs, notes)
      if (sample === undefined) continue
      this.#isEmpty = false
      if (typeof sample !== 'number') {
        row.set(step, sample)
        continue
      }
      row.present[step] = FLOAT
      row.values[step] = sample
    }
    this.#step = end
  }
}

function isPlain({ histograms, startsMs }: SampleWindow): boolean {
  return histograms === undefined && startsMs === undefined
}
