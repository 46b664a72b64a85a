import type { Field } from './ast.ts'
import { exemplarLabels, type ExemplarChooser } from './exemplars.ts'
import { valueOfField } from './fields.ts'
import type { Intervals } from './grid.ts'
import {
  type Cell,
  type GroupedAggregation,
  hasBuckets,
  isDuration,
  measureOf,
  NO_CELLS,
  type SpanGroup,
} from './grouped.ts'
import { overTraceqlLimit, type TraceqlLimits } from './limits.ts'
import { log2Bucket } from './log2.ts'
import { seriesOf } from './aggregation-series.ts'
import type { MetricsSeries } from './series.ts'
import type { SpanPlace } from './trace-tree.ts'
import { toFloat, type TraceqlValue, valueKey } from './value.ts'

/** Collects the spans of a metrics query, one by one or already counted. */
export class SpanObserver {
  readonly aggregation: GroupedAggregation
  readonly #intervals: Intervals
  readonly #limits: TraceqlLimits
  readonly #exemplars: ExemplarChooser
  readonly #field: Field | undefined
  readonly #groups = new Map<string, SpanGroup>()

  constructor(
    aggregation: GroupedAggregation,
    intervals: Intervals,
    exemplars: ExemplarChooser,
    limits: TraceqlLimits,
  ) {
    this.aggregation = aggregation
    this.#intervals = intervals
    this.#exemplars = exemplars
    this.#limits = limits
    this.#field = measureOf(aggregation)
  }

  /** A span that the pipeline selected, wherever it lies. */
  observe(place: SpanPlace): void {
    const index = this.#intervals.indexOf(place.span.startNs)
    if (index === undefined) return
    const measured = this.#field === undefined ? undefined : valueOfField(this.#field, place)
    const isBucketed = hasBuckets(this.aggregation)
    const bucket = isBucketed && measured !== undefined ? bucketOf(measured) : undefined
    if (isBucketed && bucket === undefined) return
    const group = this.#group(this.aggregation.by.map((field) => valueOfField(field, place)))
    const value = measured === undefined ? NaN : inUnit(measured, this.#field)
    this.#add(group, index, bucket ?? 0n, isCounter(this.aggregation) || isBucketed || !Number.isNaN(value) ? 1 : 0, {
      sum: value,
      min: value,
      max: value,
    })
    this.exemplify(place)
  }

  /** Counts of a source that did the work where the spans lie; `bucket` as `log2Bucket` has it. */
  observeCounts(by: readonly TraceqlValue[], index: number, bucket: bigint, cell: Readonly<Cell>): void {
    this.#add(this.#group(by), index, bucket, cell.count, cell)
  }

  /** Makes the span an exemplar, if one is wanted of its time and trace. */
  exemplify(place: SpanPlace): void {
    const index = this.#intervals.indexOf(place.span.startNs)
    if (index === undefined || !this.#exemplars.takes(place)) return
    const fields = [...(this.#field === undefined ? [] : [this.#field]), ...this.aggregation.by]
    const measured = this.#field === undefined ? undefined : valueOfField(this.#field, place)
    this.#group(this.aggregation.by.map((field) => valueOfField(field, place))).exemplars.push({
      timeMs: Number(place.span.startNs / 1_000_000n),
      value:
        measured === undefined || this.aggregation.operator === 'histogram_over_time'
          ? NaN
          : inUnit(measured, this.#field),
      labels: exemplarLabels(place, fields),
    })
  }

  series(): readonly MetricsSeries[] {
    const series = seriesOf(this.aggregation, [...this.#groups.values()], this.#intervals)
    if (series.length > this.#limits.maxSeries) throw overTraceqlLimit('series', this.#limits.maxSeries)
    return series
  }

  #group(by: readonly TraceqlValue[]): SpanGroup {
    const key = by.map(valueKey).join('\0')
    const known = this.#groups.get(key)
    if (known !== undefined) return known
    const { maxSeries, maxSamples } = this.#limits
    if (this.#groups.size >= maxSeries) throw overTraceqlLimit('series', maxSeries)
    if ((this.#groups.size + 1) * this.#intervals.count > maxSamples) throw overTraceqlLimit('samples', maxSamples)
    const cells = Array<ReadonlyMap<number, Cell>>(this.#intervals.count).fill(NO_CELLS)
    const group = { by, cells, exemplars: [] }
    this.#groups.set(key, group)
    return group
  }

  #add(group: SpanGroup, index: number, bucket: bigint, count: number, { sum, min, max }: Omit<Cell, 'count'>): void {
    const cells = group.cells[index]
    if (cells === undefined) return
    const cell = cells.get(Number(bucket))
    if (cell === undefined) {
      const first = { count, sum: zero(sum), min: orElse(min, Infinity), max: orElse(max, -Infinity) }
      group.cells[index] = new Map([...cells, [Number(bucket), first]])
      return
    }
    cell.count += count
    cell.sum += zero(sum)
    cell.min = Math.min(cell.min, orElse(min, Infinity))
    cell.max = Math.max(cell.max, orElse(max, -Infinity))
  }
}

function zero(value: number): number {
  return Number.isNaN(value) ? 0 : value
}

function orElse(value: number, other: number): number {
  return Number.isNaN(value) ? other : value
}

function isCounter({ operator }: GroupedAggregation): boolean {
  return operator === 'rate' || operator === 'count_over_time'
}

const NANOSECONDS = 1e9

/** The span's own duration counts seconds in series. All other fields keep their unit. */
function inUnit(value: TraceqlValue, field: Field | undefined): number {
  return isDuration(field) ? toFloat(value) / NANOSECONDS : toFloat(value)
}

/** Floats have no buckets by powers of two. */
function bucketOf(value: TraceqlValue): bigint | undefined {
  return value.type === 'int' || value.type === 'duration' ? log2Bucket(value.value) : undefined
}
