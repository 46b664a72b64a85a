import { type Labels, METRIC_NAME } from '../../../model/index.ts'
import { formatFloatShort, parseGoFloat } from '../../go-float.ts'
import { dropLabels, keyWithoutLabels, labelValue, quoteText, setLabel } from '../../labels.ts'
import type { Expr } from '../ast.ts'
import type { EvalContext } from '../context.ts'
import { evaluationError } from '../errors.ts'
import { type FloatHistogram, histogramFraction, histogramQuantile } from '../histogram/index.ts'
import { isValidText } from '../syntax/index.ts'
import {
  FLOAT,
  HISTOGRAM,
  hasValues,
  mergeSameLabels,
  RowWriter,
  type StepSeries,
  stepTime,
  type Value,
} from '../values.ts'
import { type ClassicBucket, classicFraction, classicQuantile } from './classic-buckets.ts'
import { type FunctionCall, type PromqlFunction, scalarArg, stringArg, vectorArg } from './function.ts'

const BUCKET_LABEL: ReadonlySet<string> = new Set(['le'])
const MAX_QUANTILES = 10

interface BucketSeries {
  readonly upperBound: number
  readonly series: StepSeries
}

/** What has the same labels but for `le`: the buckets of a classic histogram, and native ones. */
interface Histograms {
  readonly labels: Labels
  readonly buckets: BucketSeries[]
  readonly natives: StepSeries[]
}

/** Where the histograms come from, for what is to be said of them. */
interface Input {
  readonly at: Expr
  readonly context: EvalContext
}

/** The histograms of a vector. Floats without a bound are left out, and the caller is told. */
function histogramsOf(series: readonly StepSeries[], { at, context }: Input): Histograms[] {
  const found = new Map<string, Histograms>()
  for (const row of series) {
    const { labels } = row
    const le = labelValue(labels, 'le')
    const upperBound = parseGoFloat(le)
    const isClassic = row.present.includes(FLOAT)
    if (isClassic && upperBound === undefined) {
      context.annotations.badBucketLabel(labelValue(labels, METRIC_NAME), le, at)
    }
    const key = keyWithoutLabels(labels, BUCKET_LABEL)
    const group = found.get(key) ?? { labels: dropLabels(labels, BUCKET_LABEL), buckets: [], natives: [] }
    found.set(key, group)
    if (isClassic && upperBound !== undefined) group.buckets.push({ upperBound, series: row })
    if (row.histograms !== undefined) group.natives.push(row)
  }
  for (const { buckets } of found.values()) buckets.sort((a, b) => a.upperBound - b.upperBound)
  return [...found.values()]
}

/** What is asked of a histogram at one step. */
interface Question {
  ofClassic(buckets: ClassicBucket[], step: number, metric: string): number
  ofNative(histogram: FloatHistogram, step: number, metric: string): number
}

/** The answers of all histograms. Where there are both kinds with the same labels there is none. */
function ask(
  histograms: readonly Histograms[],
  { at, context }: Input,
  question: Question,
  relabel: (labels: Labels) => Labels = (labels) => labels,
): StepSeries[] {
  const { count } = context.grid
  return histograms
    .flatMap(({ labels, buckets, natives }) => {
      const metric = labelValue(labels, METRIC_NAME)
      const classic = new RowWriter(relabel(labels), count, true)
      const rows = natives.map((native) => ({ native, row: new RowWriter(relabel(native.labels), count, true) }))
      for (let step = 0; step < count; step++) {
        const here = bucketsAt(buckets, step)
        const present = rows.filter(({ native }) => native.present[step] === HISTOGRAM)
        if (here.length > 0 && present.length > 0) {
          context.annotations.mixedClassicNative(metric, at)
          continue
        }
        if (here.length > 0) classic.set(step, question.ofClassic(here, step, metric))
        for (const { native, row } of present) {
          const histogram = native.histograms?.[step]
          if (histogram !== undefined) row.set(step, question.ofNative(histogram, step, metric))
        }
      }
      return [classic, ...rows.map(({ row }) => row)].map((row) => row.finish())
    })
    .filter(hasValues)
}

/** The buckets there are at a step; equal bounds (`le="1"` and `le="1.0"`) are one bucket. */
function bucketsAt(buckets: readonly BucketSeries[], step: number): ClassicBucket[] {
  const here: ClassicBucket[] = []
  for (const { upperBound, series } of buckets) {
    if (series.present[step] !== FLOAT) continue
    const count = series.values[step] ?? 0
    const last = here.at(-1)
    if (last?.upperBound === upperBound) last.count += count
    else here.push({ upperBound, count })
  }
  return here
}

function quantileOf(q: Float64Array, { at, context }: Input): Question {
  const { annotations, grid } = context
  return {
    ofClassic: (buckets, step, metric) => {
      const { value, forced } = classicQuantile(q[step] ?? NaN, buckets)
      if (forced !== undefined) annotations.forcedMonotonicity(metric, { timeMs: stepTime(grid, step), ...forced }, at)
      return value
    },
    ofNative: (histogram, step, metric) => {
      const { value, nan } = histogramQuantile(q[step] ?? NaN, histogram)
      if (nan !== 'none') annotations.quantileOfNan(nan, metric, at)
      return value
    },
  }
}

function checkQuantiles(q: Float64Array, at: Expr, { annotations }: EvalContext): void {
  for (const value of new Set(q)) if (!(value >= 0 && value <= 1)) annotations.invalidQuantile(value, at)
}

function quantile({ node, args, context }: FunctionCall): Value {
  const q = scalarArg(args, 0).values
  checkQuantiles(q, node.args[0] ?? node, context)
  const input: Input = { at: node.args[1] ?? node, context }
  const histograms = histogramsOf(vectorArg(args, 1).series, input)
  return { type: 'vector', series: ask(histograms, input, quantileOf(q, input)) }
}

/** As OpenMetrics writes numbers: `0.5`, `1.0`, `1e+06`. */
function openMetricsNumber(value: number): string {
  const text = formatFloatShort(value)
  return /^[-+]?\d+$/.test(text) ? `${text}.0` : text
}

/** Several quantiles at once, told apart by a label. */
function quantiles({ node, args, context }: FunctionCall): Value {
  const label = stringArg(args, 1)
  if (label === '' || !isValidText(label)) throw evaluationError(`invalid label name ${quoteText(label)}`)
  if (args.length - 2 > MAX_QUANTILES) {
    throw evaluationError(`histogram_quantiles takes at most ${String(MAX_QUANTILES)} quantiles`)
  }
  const input: Input = { at: node.args[0] ?? node, context }
  const histograms = histogramsOf(vectorArg(args, 0).series, input)
  const series = args.slice(2).flatMap((_, i) => {
    const q = scalarArg(args, i + 2).values
    checkQuantiles(q, node.args[i + 2] ?? node, context)
    return [...new Set(q)].flatMap((wanted) => {
      const relabel = (labels: Labels): Labels => setLabel(labels, label, openMetricsNumber(wanted))
      return ask(onlyWhere(histograms, q, wanted), input, quantileOf(q, input), relabel)
    })
  })
  // The same quantile twice is an error.
  return { type: 'vector', series: mergeSameLabels(series, context.grid.count) }
}

/** The quantile may be another at each step; then each value has a series of its own. */
function onlyWhere(histograms: readonly Histograms[], q: Float64Array, wanted: number): readonly Histograms[] {
  if (q.every((value) => Object.is(value, wanted))) return histograms
  const masked = (row: StepSeries): StepSeries => ({
    ...row,
    present: row.present.map((here, step) => (Object.is(q[step], wanted) ? here : 0)),
  })
  return histograms.map(({ labels, buckets, natives }) => ({
    labels,
    buckets: buckets.map(({ upperBound, series }) => ({ upperBound, series: masked(series) })),
    natives: natives.map(masked),
  }))
}

function fraction({ node, args, context }: FunctionCall): Value {
  const lower = scalarArg(args, 0).values
  const upper = scalarArg(args, 1).values
  const input: Input = { at: node.args[2] ?? node, context }
  const histograms = histogramsOf(vectorArg(args, 2).series, input)
  const question: Question = {
    ofClassic: (buckets, step) => classicFraction(lower[step] ?? NaN, upper[step] ?? NaN, buckets),
    ofNative: (histogram, step, metric) => {
      const { value, nan } = histogramFraction(lower[step] ?? NaN, upper[step] ?? NaN, histogram)
      if (nan) context.annotations.fractionWithNan(metric, input.at)
      return value
    },
  }
  return { type: 'vector', series: ask(histograms, input, question) }
}

export const quantileFunctions: Readonly<Record<string, PromqlFunction>> = {
  histogram_fraction: { args: ['scalar', 'scalar', 'vector'], variadic: 0, returns: 'vector', evaluate: fraction },
  histogram_quantile: { args: ['scalar', 'vector'], variadic: 0, returns: 'vector', evaluate: quantile },
  histogram_quantiles: {
    args: ['vector', 'string', 'scalar', 'scalar'],
    variadic: 9,
    returns: 'vector',
    experimental: true,
    evaluate: quantiles,
  },
}
