import type { Scope } from '../../model/index.ts'
import { createPacer } from '../pacer.ts'
import type { Span, SpanParts, TraceSource } from '../trace-source.ts'
import type { Field, FieldExpr, MetricsAggregation, MetricsExpr, Pipeline, TraceqlQuery } from './ast.ts'
import { combineSeries } from './arithmetic.ts'
import { ComparisonObserver } from './compare.ts'
import { PipelineEvaluator } from './eval-pipeline.ts'
import { ExemplarChooser, MAX_EXEMPLARS } from './exemplars.ts'
import { type Intervals, intervalsOf, type MetricsGrid } from './grid.ts'
import { DEFAULT_TRACEQL_LIMITS, overTraceqlLimit, type TraceqlLimits } from './limits.ts'
import { isOwn, needOfSpan, needOfTrace, type NeedOfSpan } from './need.ts'
import { hasBuckets, isDuration, measureOf } from './grouped.ts'
import { SpanObserver } from './observe.ts'
import { applySecondStage } from './second-stage.ts'
import type { NamedValue } from './search.ts'
import type { MetricsExemplar, MetricsSeries } from './series.ts'
import { fieldsOf, fieldsOfPipeline, partsOf, SERVICE } from './span-parts.ts'
import { TraceBatches } from './trace-batches.ts'
import { placeSpans } from './trace-tree.ts'
import { AppError } from '../../core/index.ts'

export interface MetricsOptions {
  readonly source: TraceSource
  readonly scope: Scope
  /** At most so many exemplars for the whole query, none by default; the hint of the query comes first. */
  readonly exemplars?: number
  readonly limits?: Partial<TraceqlLimits>
  /** Asks the source to count by itself where it can. It is on; without it the answer is the same and slower. */
  readonly countInSource?: boolean
  readonly signal: AbortSignal
}

/** A series of the answer: times in milliseconds, in their order, without those that have no value. */
export interface TraceqlSeries {
  readonly labels: readonly NamedValue[]
  readonly samples: readonly { readonly timeMs: number; readonly value: number }[]
  readonly exemplars: readonly MetricsExemplar[]
}

export interface MetricsResult {
  readonly series: readonly TraceqlSeries[]
  readonly inspectedSpans: number
}

/** More than a screen has points, by far. */
const MAX_INTERVALS = 15_000
const TRACES_AT_FIRST = 200
const HOUR_MS = 3_600_000

/**
 * Evaluates a metrics query over a grid of times. Throws AppError: `invalid` for a query without a metrics function,
 * `exhausted` past a limit, `cancelled` and `timeout` by the signal.
 */
export async function evaluateTraceMetrics(
  query: TraceqlQuery,
  grid: MetricsGrid,
  options: MetricsOptions,
): Promise<MetricsResult> {
  if (query.kind !== 'metrics') throw new AppError('invalid', 'not a metrics query')
  const intervals = intervalsOf(grid, MAX_INTERVALS)
  const most = grid.stepNs === undefined ? 0 : exemplarsOf(query, options.exemplars ?? 0)
  const evaluation = new Evaluation(intervals, new ExemplarChooser(most, intervals), options)
  const series = await evaluation.evaluate(query.metrics)
  return { series: series.flatMap((one) => finish(one, intervals)), inspectedSpans: evaluation.inspectedSpans }
}

/** `with (exemplars=false)` or a number; `true` leaves it at what the caller wants. */
function exemplarsOf({ hints }: TraceqlQuery, wanted: number): number {
  const values = hints.filter(({ name }) => name === 'exemplars').map(({ value }) => value)
  for (const value of values) if (value.type === 'int') return Math.max(0, Math.min(Number(value.value), MAX_EXEMPLARS))
  return values.some((value) => value.type === 'bool' && !value.value) ? 0 : wanted
}

/** Series without values are left out, except those that say that there were too many. */
function finish({ labels, values, exemplars }: MetricsSeries, intervals: Intervals): TraceqlSeries[] {
  const samples = values.flatMap((value, i) => (Number.isNaN(value) ? [] : [{ timeMs: intervals.timeMsOf(i), value }]))
  const isNotice = labels.some(({ name }) => name === '__meta_error')
  return samples.length === 0 && !isNotice ? [] : [{ labels, samples, exemplars }]
}

class Evaluation {
  inspectedSpans = 0
  readonly #intervals: Intervals
  readonly #exemplars: ExemplarChooser
  readonly #options: MetricsOptions
  readonly #limits: TraceqlLimits

  constructor(intervals: Intervals, exemplars: ExemplarChooser, options: MetricsOptions) {
    this.#intervals = intervals
    this.#exemplars = exemplars
    this.#options = options
    this.#limits = { ...DEFAULT_TRACEQL_LIMITS, ...options.limits }
  }

  async evaluate(expr: MetricsExpr): Promise<readonly MetricsSeries[]> {
    let series =
      expr.kind === 'aggregation'
        ? await this.#aggregate(expr.pipeline, expr.aggregation)
        : combineSeries(expr.operator, await this.evaluate(expr.left), await this.evaluate(expr.right))
    for (const stage of expr.stages) series = applySecondStage(stage, series)
    return series
  }

  async #aggregate(pipeline: Pipeline, aggregation: MetricsAggregation): Promise<readonly MetricsSeries[]> {
    const intervals = this.#intervals
    if (aggregation.operator === 'compare') {
      const observer = new ComparisonObserver(aggregation, intervals, this.#exemplars, this.#limits)
      await this.#readTraces(pipeline, observer, EVERYTHING)
      return observer.series()
    }
    const observer = new SpanObserver(aggregation, intervals, this.#exemplars, this.#limits)
    const filter = onlyFilter(pipeline)
    const measure = measureOf(aggregation)
    const read = [...aggregation.by, ...(measure === undefined ? [] : [measure])]
    if (filter === undefined || ![...read, ...fieldsOf(filter)].every(isOwn)) {
      await this.#readTraces(pipeline, observer, partsOf([...read, ...fieldsOfPipeline(pipeline), SERVICE]))
      return observer.series()
    }
    const need = needOfSpan(filter)
    const counted = need.isExact && (await this.#count(need, observer, measure))
    if (!counted) await this.#readSpans(filter, need, observer, read, false)
    else if (!this.#exemplars.isFull) await this.#readSpans(filter, need, observer, read, true)
    return observer.series()
  }

  /** Whether the source could count. */
  async #count({ need }: NeedOfSpan, observer: SpanObserver, measure: Field | undefined): Promise<boolean> {
    const { source, scope, signal, countInSource = true } = this.#options
    if (!countInSource) return false
    const { startNs, endNs, stepNs } = this.#intervals
    const buckets = hasBuckets(observer.aggregation)
    const { by } = observer.aggregation
    const request = { need, startNs, endNs, stepNs, by, buckets, ...(measure === undefined ? {} : { measure }) }
    const counts = await source.countSpans(scope, request, signal)
    if (counts === undefined) return false
    const unit = isDuration(measure) ? NANOSECONDS : 1
    for (const { interval, by: values, bucket, count, numbers, sum, min, max } of counts) {
      const cell = { sum: sum / unit, min: min / unit, max: max / unit }
      observer.observeCounts(values, interval, bucket ?? 0n, {
        count: measure === undefined || buckets ? count : numbers,
        ...cell,
      })
    }
    return true
  }

  /** Spans one by one, if each can be judged by itself. */
  async #readSpans(
    filter: FieldExpr,
    { need }: NeedOfSpan,
    observer: SpanObserver,
    read: readonly Field[],
    onlyExemplars: boolean,
  ): Promise<void> {
    const { source, scope, signal } = this.#options
    const { startNs, endNs } = this.#intervals
    const evaluator = new PipelineEvaluator()
    const pacer = createPacer(signal)
    const parts = partsOf([...read, ...fieldsOf(filter), SERVICE])
    const pipeline: Pipeline = { kind: 'pipeline', stages: [{ kind: 'filter', expr: filter }] }
    const spread = onlyExemplars ? { spread: { parts: MAX_EXEMPLARS, spansPerPart: 2 } } : {}
    for await (const page of source.spans(scope, { need, startNs, endNs, parts, ...spread }, signal)) {
      this.#inspect(page)
      for (const span of page) {
        const trace = placeSpans([span])
        for (const { spans } of evaluator.run(pipeline, trace)) {
          for (const place of spans) {
            if (onlyExemplars) observer.exemplify(place)
            else observer.observe(place)
          }
        }
        if (pacer.due()) await pacer.pause()
      }
      if (onlyExemplars && this.#exemplars.isFull) return
    }
  }

  /** Whole traces: they may have spans an hour outside of the range. */
  async #readTraces(pipeline: Pipeline, observer: SpanObserver | ComparisonObserver, parts: SpanParts): Promise<void> {
    const { source, scope, signal } = this.#options
    const startMs = Math.floor(Number(this.#intervals.startNs) / 1e6) - HOUR_MS
    const endMs = Math.ceil(Number(this.#intervals.endNs) / 1e6) + HOUR_MS
    const evaluator = new PipelineEvaluator()
    const pacer = createPacer(signal)
    const batches = new TraceBatches(TRACES_AT_FIRST)
    for await (const page of source.candidates(scope, { need: needOfTrace(pipeline), startMs, endMs }, signal)) {
      for (let at = 0; at < page.length; ) {
        const ids = page.slice(at, at + batches.size)
        at += ids.length
        const traces = await source.spansOf(scope, ids, parts, signal)
        batches.loaded(traces.values())
        for (const spans of traces.values()) {
          if (spans.length === 0) continue
          this.#inspect(spans)
          for (const spanset of evaluator.run(pipeline, placeSpans(spans)))
            spanset.spans.forEach((one) => {
              observer.observe(one)
            })
          if (pacer.due()) await pacer.pause()
        }
      }
    }
  }

  #inspect(spans: readonly Span[]): void {
    this.inspectedSpans += spans.length
    if (this.inspectedSpans > this.#limits.maxSpans) throw overTraceqlLimit('spans', this.#limits.maxSpans)
  }
}

const NANOSECONDS = 1e9
const EVERYTHING: SpanParts = { attributes: true, resource: true, scope: true, events: true, links: true }

/** The expression of a pipeline that is one filter. */
function onlyFilter({ stages }: Pipeline): FieldExpr | undefined {
  const [first] = stages
  return stages.length === 1 && first?.kind === 'filter' ? first.expr : undefined
}
