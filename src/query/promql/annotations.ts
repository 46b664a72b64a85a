import { formatFloatShort } from '../go-float.ts'
import { quoteText } from '../labels.ts'
import { lineAndColumn } from '../parse-error.ts'
import type { Range } from './ast.ts'

/** What needed to be mended of a classic histogram at one time. */
export interface ForcedMonotonicity {
  readonly timeMs: number
  readonly lowest: number
  readonly highest: number
  readonly maxDifference: number
}

/** Texts for the caller; `rollups` are infos, too. */
export interface AnnotationTexts {
  readonly warnings: string[]
  readonly infos: string[]
  readonly rollups: string[]
}

interface Note {
  readonly at: Range
  /** Where it is not what the note is found by. */
  readonly text?: string
  readonly forced?: ForcedMonotonicity & { readonly lastMs: number; readonly count: number }
}

/** What an operation on histograms is called in annotations. */
export type HistogramOperation = 'addition' | 'subtraction' | 'aggregation'

/**
 * Collects what the caller should know besides the result, in Prometheus' words and with the place in the query.
 * Every step of a query may say the same; it is said once, with the place that came last.
 */
export class Annotations {
  readonly #warnings = new Map<string, Note>()
  readonly #infos = new Map<string, Note>()
  /** What was read from rollups: true of the whole answer, unlike infos about some steps. */
  readonly #rollups = new Map<string, Note>()

  warn(text: string, at: Range): void {
    add(this.#warnings, text, { at })
  }

  info(text: string, at: Range): void {
    add(this.#infos, text, { at })
  }

  invalidQuantile(q: number, at: Range): void {
    this.warn(`quantile value should be between 0 and 1, got ${formatFloatShort(q)}`, at)
  }

  invalidRatio(ratio: number, capped: number, at: Range): void {
    const [given, to] = [formatFloatShort(ratio), formatFloatShort(capped)]
    this.warn(`ratio value should be between -1 and 1, got ${given}, capping to ${to}`, at)
  }

  sortInRange(at: Range): void {
    this.warn('sort is ineffective for range queries since results are always ordered by labels', at)
  }

  badBucketLabel(metric: string, le: string, at: Range): void {
    const problem = `bucket label "le" is missing or has a malformed value of ${quoteText(le)}`
    this.warn(problem + forMetric(metric), at)
  }

  mixedFloatsHistograms(metric: string, at: Range): void {
    this.warn(`encountered a mix of histograms and floats for metric name ${quoteText(metric)}`, at)
  }

  mixedInAggregation(at: Range): void {
    this.warn('encountered a mix of histograms and floats for aggregation', at)
  }

  mixedClassicNative(metric: string, at: Range): void {
    this.warn(`vector contains a mix of classic and native histograms${forMetric(metric)}`, at)
  }

  mixedBounds(metric: string, at: Range): void {
    const kinds = 'exponential and custom buckets schemas'
    this.warn(`vector contains a mix of histograms with ${kinds} for metric name ${quoteText(metric)}`, at)
  }

  histogramIsNoCounter(metric: string, at: Range): void {
    this.warn(`this native histogram metric is not a counter: ${quoteText(metric)}`, at)
  }

  histogramIsNoGauge(metric: string, at: Range): void {
    this.warn(`this native histogram metric is not a gauge: ${quoteText(metric)}`, at)
  }

  overlappingStart(metric: string, at: Range): void {
    const problem = 'sample has start time that overlaps with previous sample timestamp'
    this.warn(`${problem} for metric ${quoteText(metric)}`, at)
  }

  incompatibleBounds(operator: string, at: Range): void {
    this.warn(`incompatible bucket layout encountered for binary operator ${operator}`, at)
  }

  resetCollision(operation: HistogramOperation, at: Range): void {
    this.warn(`conflicting counter resets during histogram ${operation}`, at)
  }

  reconciledBounds(operation: HistogramOperation, at: Range): void {
    this.info(`mismatched custom buckets were reconciled during ${operation}`, at)
  }

  possibleNonCounter(metric: string, at: Range): void {
    const problem = 'metric might not be a counter, name does not end in _total/_sum/_count/_bucket'
    this.info(`${problem}: ${quoteText(metric)}`, at)
  }

  incompatibleTypes(left: SampleWord, operator: string, right: SampleWord, at: Range): void {
    const operation = `${left} ${operator} ${right}`
    this.info(`incompatible sample types encountered for binary operator ${quoteText(operator)}: ${operation}`, at)
  }

  histogramIgnored(aggregation: string, at: Range): void {
    this.info(`ignored histogram in ${aggregation} aggregation`, at)
  }

  histogramsIgnoredInRange(metric: string, at: Range): void {
    const problem = 'ignored histograms in a range containing both floats and histograms'
    this.info(`${problem} for metric name ${quoteText(metric)}`, at)
  }

  quantileOfNan(effect: 'result-is-nan' | 'skewed', metric: string, at: Range): void {
    const result = effect === 'skewed' ? 'result is skewed higher' : 'result is NaN'
    this.info(`input to histogram_quantile has NaN observations, ${result}${forMetric(metric)}`, at)
  }

  fractionWithNan(metric: string, at: Range): void {
    const problem = 'input to histogram_fraction has NaN observations, which are excluded from all fractions'
    this.info(problem + forMetric(metric), at)
  }

  /** Said once a metric, with all that was mended. */
  forcedMonotonicity(metric: string, forced: ForcedMonotonicity, at: Range): void {
    const text = FORCED_MONOTONICITY + forMetric(metric)
    add(this.#infos, text, { at, forced: { ...forced, lastMs: forced.timeMs, count: 1 } })
  }

  /** Takes over what was said apart from this, as if it were said now. */
  merge(later: Annotations): void {
    for (const [text, note] of later.#warnings) add(this.#warnings, text, note)
    for (const [text, note] of later.#infos) add(this.#infos, text, note)
    for (const [text, note] of later.#rollups) add(this.#rollups, text, note)
  }

  /** Said of each selector. */
  readRollups(size: string, at: Range): void {
    const text = `answered from ${size} rollups of the samples`
    const key = `${text} ${String(at.start)}`
    if (!this.#rollups.has(key)) this.#rollups.set(key, { at, text })
  }

  /** The annotations as texts. Without the query's text there are no places in it to be named. */
  texts(query: string | undefined): AnnotationTexts {
    const render = (kind: string, notes: ReadonlyMap<string, Note>): string[] =>
      [...notes].map(
        ([key, note]) => `PromQL ${kind}: ${note.text ?? key}${query === undefined ? '' : details(note, query)}`,
      )
    return {
      warnings: render('warning', this.#warnings),
      infos: render('info', this.#infos),
      rollups: [...new Set(render('info', this.#rollups))],
    }
  }
}

type SampleWord = 'float' | 'histogram'

const FORCED_MONOTONICITY =
  'input to histogram_quantile needed to be fixed for monotonicity ' +
  '(see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)'

function forMetric(metric: string): string {
  return metric === '' ? '' : ` for metric name ${quoteText(metric)}`
}

function add(notes: Map<string, Note>, key: string, note: Note): void {
  const known = notes.get(key)?.forced
  notes.set(
    key,
    known === undefined || note.forced === undefined ? note : { ...note, forced: mergeForced(known, note.forced) },
  )
}

type Forced = NonNullable<Note['forced']>

function mergeForced(known: Forced, more: Forced): Forced {
  return {
    timeMs: Math.min(known.timeMs, more.timeMs),
    lastMs: Math.max(known.lastMs, more.lastMs),
    lowest: Math.min(known.lowest, more.lowest),
    highest: Math.max(known.highest, more.highest),
    maxDifference: Math.max(known.maxDifference, more.maxDifference),
    count: known.count + more.count,
  }
}

function details({ at, forced }: Note, query: string): string {
  const place = ` (${placeOf(query, at.start)})`
  if (forced === undefined) return place
  const { timeMs, lastMs, lowest, highest, maxDifference, count } = forced
  const buckets = `from buckets ${formatFloatShort(lowest)} to ${formatFloatShort(highest)}`
  const difference = formatTwoDigits(maxDifference)
  const times = `from ${formatTime(timeMs)} to ${formatTime(lastMs)}`
  return `, ${buckets}, with a max diff of ${difference}, over ${String(count)} samples ${times}${place}`
}

function placeOf(query: string, offset: number): string {
  const { line, column } = lineAndColumn(query, offset)
  return `${String(line)}:${String(column)}`
}

/** As Go's `%.2g`. */
function formatTwoDigits(value: number): string {
  const rounded = Number(value.toPrecision(2))
  if (Math.abs(rounded) < 100 || !Number.isFinite(rounded)) return formatFloatShort(rounded)
  return rounded.toExponential().replace(/e\+(\d)$/, 'e+0$1')
}

/** RFC 3339 without trailing zeros of the fraction. */
function formatTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.?0*Z$/, 'Z')
}
