import type { MetricsAggregation } from './ast.ts'
import { matches } from './eval-field.ts'
import { type ExemplarChooser, exemplarLabels } from './exemplars.ts'
import { toTraceqlValue } from './fields.ts'
import type { Intervals } from './grid.ts'
import { overTraceqlLimit, type TraceqlLimits } from './limits.ts'
import { RegexpCache } from './operators.ts'
import { printField } from './print.ts'
import type { MetricsExemplar, MetricsSeries } from './series.ts'
import type { NamedValue } from './search.ts'
import type { Attributes } from '../trace-source.ts'
import type { SpanPlace } from './trace-tree.ts'
import { formatValue, NIL, type TraceqlValue, valueKey } from './value.ts'

interface Counts {
  readonly value: TraceqlValue
  readonly counts: number[]
}

/** One side: what is counted of each attribute, and how often it is there at all. */
interface Side {
  readonly values: Map<string, Map<string, Counts>>
  readonly totals: Map<string, number[]>
  readonly exemplars: MetricsExemplar[]
}

/** Values of one attribute of which none is forgotten; what comes beyond is counted in the total only. */
const MAX_VALUES = 10_000

/**
 * `compare`: spans that meet the filter (the selection) beside the others (the baseline), counted by every value of every
 * attribute, so that one sees what is different about them.
 */
export class ComparisonObserver {
  readonly #aggregation: MetricsAggregation & { readonly operator: 'compare' }
  readonly #intervals: Intervals
  readonly #exemplars: ExemplarChooser
  readonly #limits: TraceqlLimits
  readonly #regexps = new RegexpCache()
  readonly #baseline = newSide()
  readonly #selection = newSide()
  #lists = 0

  constructor(
    aggregation: MetricsAggregation & { readonly operator: 'compare' },
    intervals: Intervals,
    exemplars: ExemplarChooser,
    limits: TraceqlLimits,
  ) {
    this.#aggregation = aggregation
    this.#intervals = intervals
    this.#exemplars = exemplars
    this.#limits = limits
  }

  observe(place: SpanPlace): void {
    const index = this.#intervals.indexOf(place.span.startNs)
    if (index === undefined) return
    const side = this.#isSelected(place) ? this.#selection : this.#baseline
    for (const [name, value] of attributesOf(place)) this.#count(side, name, value, index)
    if (this.#exemplars.takes(place)) {
      const labels = exemplarLabels(place, [])
      side.exemplars.push({ timeMs: Number(place.span.startNs / 1_000_000n), value: NaN, labels })
    }
  }

  series(): readonly MetricsSeries[] {
    const { top } = this.#aggregation
    const all: MetricsSeries[] = []
    const crowded = new Set<string>()
    for (const [type, side] of [
      ['baseline', this.#baseline],
      ['selection', this.#selection],
    ] as const) {
      for (const [name, values] of side.values) {
        if (values.size > top) crowded.add(name)
        for (const { value, counts } of mostFrequent(values, top)) all.push(seriesOf(type, name, value, counts))
      }
      for (const [name, counts] of side.totals) {
        const exemplars = side.exemplars.filter(({ labels }) => labels.some((label) => label.name === name))
        all.push({ ...seriesOf(`${type}_total`, name, NIL, counts), exemplars })
      }
    }
    for (const name of crowded) {
      all.push({
        labels: [text('__meta_error', '__too_many_values__'), { name, value: NIL }],
        values: [],
        exemplars: [],
      })
    }
    return all
  }

  #isSelected(place: SpanPlace): boolean {
    const { filter, startNs, endNs } = this.#aggregation
    const isInside = startNs === 0n || (place.span.startNs >= startNs && place.span.startNs < endNs)
    return isInside && matches(filter.expr, place, this.#regexps)
  }

  #count(side: Side, name: string, value: TraceqlValue, index: number): void {
    increment(this.#list(side.totals, name), index)
    const values = side.values.get(name) ?? new Map<string, Counts>()
    side.values.set(name, values)
    const key = valueKey(value)
    const known = values.get(key)
    if (known === undefined && values.size >= MAX_VALUES) return
    const counts = known ?? { value, counts: this.#newList() }
    values.set(key, counts)
    increment(counts.counts, index)
  }

  #list(lists: Map<string, number[]>, name: string): number[] {
    const known = lists.get(name) ?? this.#newList()
    lists.set(name, known)
    return known
  }

  #newList(): number[] {
    this.#lists += 1
    const { maxSamples } = this.#limits
    if (this.#lists * this.#intervals.count > maxSamples) throw overTraceqlLimit('samples', maxSamples)
    return Array<number>(this.#intervals.count).fill(0)
  }
}

function newSide(): Side {
  return { values: new Map(), totals: new Map(), exemplars: [] }
}

function increment(counts: number[], index: number): void {
  counts[index] = (counts[index] ?? 0) + 1
}

function seriesOf(type: string, name: string, value: TraceqlValue, counts: readonly number[]): MetricsSeries {
  return { labels: [text('__meta_type', type), { name, value }], values: counts, exemplars: [] }
}

function text(name: string, value: string): NamedValue {
  return { name, value: { type: 'string', value } }
}

/** Of equally frequent ones the first by their text. */
function mostFrequent(values: ReadonlyMap<string, Counts>, top: number): Counts[] {
  const sum = ({ counts }: Counts): number => counts.reduce((total, count) => total + count, 0)
  const all = [...values.values()]
  if (all.length <= top) return all
  return all.sort((a, b) => sum(b) - sum(a) || compareTexts(formatValue(a.value), formatValue(b.value))).slice(0, top)
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Everything that a span can be told apart by. Ids and times would make every span a kind of its own. */
function* attributesOf({ span, trace }: SpanPlace): Generator<readonly [string, TraceqlValue]> {
  yield ['name', { type: 'string', value: span.name }]
  yield ['kind', { type: 'kind', value: span.kind }]
  yield ['status', { type: 'status', value: span.statusCode }]
  yield ['statusMessage', { type: 'string', value: span.statusMessage }]
  yield ['rootName', { type: 'string', value: trace.rootName }]
  yield ['rootServiceName', { type: 'string', value: trace.rootServiceName }]
  yield* named('span', span.attributes)
  yield* named('resource', span.resource)
}

function* named(scope: 'span' | 'resource', attributes: Attributes): Generator<readonly [string, TraceqlValue]> {
  for (const [name, attribute] of Object.entries(attributes)) {
    const value = toTraceqlValue(attribute)
    if (value.type !== 'nil') yield [printField({ kind: 'attribute', scope, parent: false, name }), value]
  }
}
