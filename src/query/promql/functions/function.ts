import { METRIC_NAME } from '../../../model/index.ts'
import { labelValue } from '../../labels.ts'
import type { Annotations } from '../annotations.ts'
import type { Call, Extension, Range, ValueType } from '../ast.ts'
import type { EvalContext } from '../context.ts'
import { evaluationError } from '../errors.ts'
import type { FloatHistogram } from '../histogram/index.ts'
import {
  FLOAT,
  hasValues,
  HISTOGRAM,
  type MatrixValue,
  type RangeSeries,
  type RowCells,
  RowWriter,
  type Sample,
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

/** The samples of one series in one step's window. The object is reused: nothing may keep it. */
export interface SampleWindow extends Span {
  values: Float64Array
  /** Undefined where the series has no histograms at all. */
  histograms: HistogramSpan | undefined
  startMs: number
  endMs: number
  rangeMs: number
  /** For functions of counters: how far it was looked for values below the one before, and where the last one is. */
  readonly drops: { checkedTo: number; last: number }
  /** Set when the window has the sample before it, too, and with `smoothed` the one behind it. */
  extension: Extension | undefined
}

/** A part of a list of samples. */
interface Span {
  timesMs: Float64Array
  startsMs: Float64Array | undefined
  /** First index in the window, and the first behind it. */
  from: number
  to: number
}

export interface HistogramSpan extends Span {
  values: readonly FloatHistogram[]
}

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

/**
 * What a window function gives for `steps.from` up to `steps.to`, put into the row at once: for windows that are neither
 * extended nor have histograms or starts. The window is moved on. Returns whether any step has a value.
 */
export type FloatSteps = (window: SampleWindow, steps: StepSpan, row: RowCells, notes: Notes) => boolean

export interface StepSpan {
  readonly from: number
  readonly to: number
  /** Where the window of each step ends. */
  readonly endsMs: Float64Array
}

interface RangeOptions {
  readonly args?: readonly ValueType[]
  readonly keepName?: boolean
  /** What may stand behind the range: `m[5m] anchored`. */
  readonly extensions?: readonly Extension[]
  /** The same function once more, for the many windows of plain floats: without a call and a number object for each. */
  readonly floatSteps?: FloatSteps
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

export function countHistograms({ histograms }: SampleWindow): number {
  return histograms === undefined ? 0 : histograms.to - histograms.from
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
      const { floatSteps } = options
      for (const input of matrix.series) {
        if (context.pacer.due()) await context.pacer.pause()
        const notes = {
          annotations: context.annotations,
          at,
          metric: labelValue(input.labels, METRIC_NAME),
          isNamed: false,
        }
        const keepName = options.keepName === true
        const slid = slide(input, matrix, scalars, { compute, floatSteps, context, keepName, notes })
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
  readonly floatSteps: FloatSteps | undefined
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

/** Windows may be long and steps many, so that one series can hold the thread: it is looked at after so many steps. */
const STEPS_AT_ONCE = 64

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
    const { startMs, stepMs } = this.#how.context.grid
    const { compute, floatSteps, notes } = this.#how
    const { endsMs, extension } = this.#matrix
    const [row, window, view, parameters] = [this.#row, this.#window, this.#view, this.#parameters]
    if (floatSteps !== undefined && extension === undefined && isPlain(window)) {
      if (floatSteps(window, { from: this.#step, to: end, endsMs }, row, notes)) this.#isEmpty = false
      this.#step = end
      return
    }
    for (let step = this.#step; step < end; step++) {
      moveWindow(window, endsMs[step] ?? 0)
      if (extension !== undefined) extendWindow(view, window, extension)
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

/** A window before the first step. */
export function newWindow(input: RangeSeries, { rangeMs, extension }: MatrixValue): SampleWindow {
  const { timesMs, values, startsMs, histograms } = input
  return {
    timesMs,
    values,
    startsMs,
    from: 0,
    to: 0,
    histograms:
      histograms === undefined
        ? undefined
        : { timesMs: histograms.timesMs, values: histograms.values, startsMs: histograms.startsMs, from: 0, to: 0 },
    startMs: 0,
    endMs: 0,
    rangeMs,
    drops: { checkedTo: 0, last: -1 },
    extension: extension?.kind,
  }
}

/** Windows only move forward, so both ends advance over the samples once. */
export function moveWindow(window: SampleWindow, endMs: number): void {
  window.endMs = endMs
  window.startMs = endMs - window.rangeMs
  moveSpan(window, window.startMs, endMs)
  if (window.histograms !== undefined) moveSpan(window.histograms, window.startMs, endMs)
}

function moveSpan(span: Span, startMs: number, endMs: number): void {
  const { timesMs } = span
  while (span.to < timesMs.length && (timesMs[span.to] ?? 0) <= endMs) span.to += 1
  while (span.from < span.to && (timesMs[span.from] ?? 0) <= startMs) span.from += 1
}

/** Sets `view` to the window with the sample before it, if the look-back reaches that, and the one behind it. */
function extendWindow(
  view: SampleWindow,
  window: SampleWindow,
  { kind, lookbackMs }: NonNullable<MatrixValue['extension']>,
): void {
  const { startMs, endMs } = window
  view.startMs = startMs
  view.endMs = endMs
  view.from = window.from
  view.to = window.to
  const [to, from] = [view.histograms, window.histograms]
  if (to !== undefined && from !== undefined) {
    to.from = from.from
    to.to = from.to
  }
  const isEmpty = view.from === view.to && countHistograms(view) === 0
  if (isEmpty && kind === 'anchored') return
  const before = later(timeAt(view, view.from - 1), to && timeAt(to, to.from - 1))
  if (before.timeMs > startMs - lookbackMs) {
    if (before.isHistogram && to !== undefined) to.from -= 1
    else view.from -= 1
  }
  if (kind === 'anchored') return
  const behind = later(-timeAt(view, view.to), to && -timeAt(to, to.to))
  // NaN, where there is none, is not within the look-back.
  if (-behind.timeMs <= endMs + lookbackMs) {
    if (behind.isHistogram && to !== undefined) to.to += 1
    else view.to += 1
  }
}

function timeAt({ timesMs }: Span, i: number): number {
  return timesMs[i] ?? NaN
}

function later(floatMs: number, histogramMs = NaN): { readonly timeMs: number; readonly isHistogram: boolean } {
  const isHistogram = Number.isNaN(floatMs) || histogramMs > floatMs
  return { timeMs: isHistogram ? histogramMs : floatMs, isHistogram }
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

/** Histograms are left out. */
export function mapSeries(
  series: readonly StepSeries[],
  scalars: readonly ScalarValue[],
  compute: (value: number, scalars: readonly number[]) => number | undefined,
): StepSeries[] {
  return series
    .map((input) => {
      const row = new RowWriter(input.labels, input.values.length, true)
      for (let step = 0; step < input.values.length; step++) {
        if (input.present[step] !== FLOAT) continue
        const value = compute(
          input.values[step] ?? 0,
          scalars.map((scalar) => scalar.values[step] ?? NaN),
        )
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
