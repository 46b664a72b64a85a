import type { DestinationOfType } from '../../../fleet/index.ts'
import type { Batch } from '../../../model/index.ts'
import type { UndeliveredCounts } from '../../../pipeline/destination/index.ts'
import { type MeasuredPoint, type MeasureOrigin, readMeasures } from '../../../wire/index.ts'
import { type HecEntry, renderMetrics } from './event.ts'
import { addAttributes, addIdentity, type Fields, setField } from './fields.ts'
import { type EventPlace, placeIn } from './place.ts'

/** Points of one time, place and set of dimensions. Splunk takes the values of one event; those that need one dimension more have events beside it. */
interface Group {
  readonly timeMs: number
  readonly place: EventPlace
  readonly dimensions: Fields
  /** By the further dimension, '' without one. */
  readonly events: Map<string, MetricEvent>
  items: number
}

interface MetricEvent {
  readonly extra: Dimension | undefined
  readonly values: Map<string, number>
}

type Dimension = readonly [name: string, value: string]

interface Value {
  readonly name: string
  readonly value: number
  readonly extra?: Dimension
}

const METRIC_NAME = 'metric_name:'
/**
 * Data points as metric events: one value each, distributions as `_count`, `_sum`, `_min`, `_max` and `_bucket` with the
 * dimension `le`, summaries with the dimension `quantile`.
 */
export function encodeMetrics(
  batch: Batch,
  settings: DestinationOfType<'splunk-hec'>,
  undelivered: UndeliveredCounts,
): HecEntry[] {
  const groups = new MetricGroups(batch, settings)
  for (const point of readMeasures(batch.envelope.format, batch.payload)) {
    const problem = point.name === '' ? 'no_name' : point.problem
    if (problem === undefined) groups.add(point)
    else undelivered.add(problem)
  }
  return groups.render()
}

class MetricGroups {
  readonly #batch: Batch
  readonly #settings: DestinationOfType<'splunk-hec'>
  readonly #done: Group[] = []
  readonly #open = new Map<string, Group>()
  #origin: MeasureOrigin | undefined
  #originFields: Fields = new Map()
  #place: EventPlace = {}

  constructor(batch: Batch, settings: DestinationOfType<'splunk-hec'>) {
    this.#batch = batch
    this.#settings = settings
  }

  add(point: MeasuredPoint): void {
    this.#enter(point.origin)
    const values = toValues(point)
    const group = this.#groupFor(point, values)
    group.items += 1
    for (const { name, value, extra } of values) {
      const key = extra === undefined ? '' : extra.join('=')
      const event = group.events.get(key) ?? { extra, values: new Map<string, number>() }
      group.events.set(key, event)
      event.values.set(name, value)
    }
  }

  render(): HecEntry[] {
    return [...this.#done, ...this.#open.values()].map(({ timeMs, place, dimensions, events, items }) => {
      const fields = [...events.values()].map(({ extra, values }) => {
        const named = [...values].map(([name, value]) => [METRIC_NAME + name, value] as const)
        return JSON.stringify(Object.fromEntries([...dimensions, ...(extra === undefined ? [] : [extra]), ...named]))
      })
      return renderMetrics(timeMs, place, fields, items)
    })
  }

  #enter(origin: MeasureOrigin): void {
    if (origin === this.#origin) return
    const { identity } = this.#batch.envelope
    this.#origin = origin
    this.#originFields = new Map()
    addAttributes(this.#originFields, origin.resource)
    setField(this.#originFields, 'otel.scope.name', origin.scopeName)
    this.#place = placeIn(this.#settings.metricsIndex, this.#settings, [origin.resource], identity)
  }

  #groupFor(point: MeasuredPoint, values: readonly Value[]): Group {
    const { identity, receivedAtMs } = this.#batch.envelope
    const dimensions = new Map(this.#originFields)
    for (const [key, text] of point.attributes) setField(dimensions, key, text)
    setField(dimensions, 'metric_type', point.kind)
    addIdentity(dimensions, identity)
    const timeMs = point.timeMs === 0 ? receivedAtMs : point.timeMs
    const key = JSON.stringify([timeMs, this.#place, [...dimensions]])
    const open = this.#open.get(key)
    const isTaken = ({ name, extra }: Value): boolean =>
      open?.events.get(extra === undefined ? '' : extra.join('='))?.values.has(name) ?? false
    if (open !== undefined && !values.some(isTaken)) return open
    // Of the same name twice at the same time, each is to be told.
    if (open !== undefined) this.#done.push(open)
    const group = { timeMs, place: this.#place, dimensions, events: new Map<string, MetricEvent>(), items: 0 }
    this.#open.set(key, group)
    return group
  }
}

function toValues({ name, measures, buckets }: MeasuredPoint): readonly Value[] {
  const values: Value[] = measures.map(({ part, value, quantile }) =>
    part === 'quantile'
      ? { name, value, extra: ['quantile', String(quantile)] }
      : { name: part === '' ? name : `${name}_${part}`, value },
  )
  let below = 0
  const addBucket = (le: string): void => void values.push({ name: `${name}_bucket`, value: below, extra: ['le', le] })
  for (const { upper, count } of buckets) {
    below += count
    if (upper !== Infinity) addBucket(String(upper))
  }
  if (buckets.length > 0) addBucket('+Inf')
  return values
}
