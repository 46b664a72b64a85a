import { createHash } from 'node:crypto'
import type { DestinationOfType } from '../../../fleet/index.ts'
import type { Batch, Identity } from '../../../model/index.ts'
import type { UndeliveredCounts } from '../../../pipeline/destination/index.ts'
import { type MeasuredPoint, type MeasureOrigin, readMeasures, toTexts } from '../../../wire/index.ts'
import { type CumulativePoint, CumulativeState } from './cumulative-state.ts'
import { type DatadogValue, SeriesSet, toMetricName, toUnit } from './series-set.ts'
import { hostOf, setTag, type Tags, toResourceTags } from './tags.ts'
import { HOUR_MS, type TimedEntry } from './timed-entry.ts'

type Settings = DestinationOfType<'datadog'>

/** Datadog takes points of the last hour, and ten minutes ahead. */
export const METRICS_MAX_AGE_MS = HOUR_MS
const MAX_AHEAD_MS = 10 * 60_000

/** Of a delta that does not say when it began: the interval at which Datadog's agent reports. */
const DEFAULT_INTERVAL_S = 10

interface Origin {
  readonly tags: Tags
  readonly host: string | undefined
  /** Tells resources apart, also in what is no tag. */
  readonly key: string
}

/** Data points as series of Datadog: gauges, and counts of what was added. */
export class MetricEncoder {
  readonly #settings: Settings
  readonly #state: CumulativeState

  constructor(settings: Settings) {
    this.#settings = settings
    this.#state = new CumulativeState(settings.counters)
  }

  encode(batches: readonly Batch[], nowMs: number, undelivered: UndeliveredCounts): readonly TimedEntry[] {
    // Everything is read before anything is remembered: damaged bytes must not leave half of a batch in the state.
    const read = batches.map(({ envelope, payload }) => ({
      envelope,
      points: [...readMeasures(envelope.format, payload)],
    }))
    const set = new SeriesSet()
    for (const { envelope, points } of read) {
      this.#state.seeBatch(envelope.receivedAtMs)
      const origins = new Map<MeasureOrigin, Origin>()
      for (const point of points) {
        const origin = origins.get(point.origin) ?? this.#toOrigin(point.origin, envelope.identity)
        origins.set(point.origin, origin)
        const timeMs = point.timeMs === 0 ? envelope.receivedAtMs : point.timeMs
        const reason = this.#addPoint(set, { ...point, timeMs }, origin, nowMs)
        if (reason !== undefined) undelivered.add(reason)
      }
    }
    undelivered.add('same_second', set.superseded)
    return set.render().filter(({ items }) => items > 0)
  }

  /** Returns why the point is not sent, if it is not. */
  #addPoint(set: SeriesSet, point: MeasuredPoint, origin: Origin, nowMs: number): string | undefined {
    const metric = toMetricName(point.name)
    if (metric === undefined) return 'no_name'
    if (point.problem !== undefined) return point.problem
    const source = toKey([origin.key, point.name, ...[...point.attributes].flat()])
    const parts = this.#toParts(source, point)
    if (typeof parts === 'string') return parts
    if (point.timeMs < nowMs - METRICS_MAX_AGE_MS) return 'too_old'
    if (point.timeMs > nowMs + MAX_AHEAD_MS) return 'too_far_ahead'
    const unit = toUnit(point.unit)
    const values = parts.map((part) => toValue(metric, part, unit))
    set.add(source, point.timeMs, values, () => ({
      host: origin.host,
      tags: withAttributes(origin.tags, point.attributes),
    }))
    return undefined
  }

  /** The numbers that Datadog is to be sent of a point, or why there are none. */
  #toParts(source: string, point: MeasuredPoint): readonly Part[] | string {
    const { timeMs, startMs } = point
    const parts = allParts(point, this.#settings.histogramBuckets)
    const cumulative = parts.filter(({ nature }) => nature === 'cumulative')
    const deltaS = startMs === 0 ? DEFAULT_INTERVAL_S : toSeconds(timeMs - startMs)
    const others = parts.filter(({ nature }) => nature !== 'cumulative').map((part) => ({ ...part, intervalS: deltaS }))
    if (cumulative.length === 0) return others.length === 0 ? 'not_a_number' : others
    const increase = this.#state.add(source, toCumulativePoint(point, cumulative))
    if (increase.t === 'out_of_order') return 'out_of_order'
    if (increase.t === 'baseline') return others.length === 0 ? 'first_of_counter' : others
    const intervalS = toSeconds(timeMs - increase.sinceMs)
    const increases = cumulative.map((part) => ({
      ...part,
      value: increase.values.get(part.key) ?? 0,
      nature: 'delta' as const,
      intervalS,
    }))
    return [...increases, ...others]
  }

  #toOrigin({ resource }: MeasureOrigin, identity: Identity): Origin {
    return {
      tags: toResourceTags(resource, identity, this.#settings),
      host: hostOf(resource),
      key: toKey([identity.tenant, identity.cluster, ...[...toTexts(resource)].flat()]),
    }
  }
}

interface Part {
  /** Within its point. */
  readonly key: string
  /** Behind the metric's name. */
  readonly suffix: string
  readonly tags: readonly (readonly [name: string, value: string])[]
  readonly value: number
  readonly nature: 'gauge' | 'delta' | 'cumulative'
  readonly intervalS: number
}

function allParts(point: MeasuredPoint, withBuckets: boolean): readonly Part[] {
  const { measures, buckets, bucketNature } = point
  const isCumulative = measures.some(({ nature }) => nature === 'cumulative')
  const parts: Part[] = []
  for (const { part, value, nature, quantile } of measures) {
    // The least and greatest since the start of a series say nothing about now.
    if ((part === 'min' || part === 'max') && isCumulative) continue
    const suffix = part === '' ? '' : `.${part}`
    const key = quantile === undefined ? part : `${part} ${String(quantile)}`
    const tags = quantile === undefined ? [] : [['quantile', String(quantile)] as const]
    parts.push({ key, suffix, tags, value, nature, intervalS: 0 })
  }
  for (const { lower, upper, count } of withBuckets ? buckets : []) {
    const tags = [['lower_bound', toBound(lower)] as const, ['upper_bound', toBound(upper)] as const]
    const key = `bucket ${String(lower)} ${String(upper)}`
    parts.push({ key, suffix: '.bucket', tags, value: count, nature: bucketNature, intervalS: 0 })
  }
  return parts
}

function toBound(bound: number): string {
  if (bound === Infinity) return 'inf'
  return bound === -Infinity ? '-inf' : String(bound)
}

function toCumulativePoint({ timeMs, startMs }: MeasuredPoint, parts: readonly Part[]): CumulativePoint {
  return {
    timeMs,
    startMs,
    values: new Map(parts.map(({ key, value }) => [key, value])),
    // A sum of negative values may fall.
    growing: new Set(parts.filter(({ suffix }) => suffix !== '.sum').map(({ key }) => key)),
  }
}

function toValue(
  metric: string,
  { suffix, tags, value, nature, intervalS }: Part,
  unit: string | undefined,
): DatadogValue {
  return {
    value,
    series: {
      metric: metric + suffix,
      type: nature === 'gauge' ? 'gauge' : 'count',
      intervalS,
      unit: suffix === '.count' || suffix === '.bucket' ? undefined : unit,
      tags,
    },
  }
}

function withAttributes(tags: Tags, attributes: ReadonlyMap<string, string>): Tags {
  // Who the sender is stands over whatever its attributes say.
  const all: Tags = new Map()
  for (const [name, value] of attributes) setTag(all, name, value)
  for (const [name, value] of tags) setTag(all, name, value)
  return all
}

function toSeconds(ms: number): number {
  return Math.max(1, Math.round(ms / 1_000))
}

/** So many series are remembered that their names have to be short: 128 bits of a hash. */
function toKey(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22)
}
