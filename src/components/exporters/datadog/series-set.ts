import { renderTags } from './tags.ts'
import type { TimedEntry } from './timed-entry.ts'

/** Datadog's numbers for the types of metrics. */
const TYPES = { count: 1, gauge: 3 } as const

/** What all values of a source series have in common. */
export interface SeriesOrigin {
  readonly tags: ReadonlyMap<string, string>
  readonly host: string | undefined
}

/** One series of Datadog's, within its source. */
export interface DatadogSeries {
  readonly metric: string
  readonly type: keyof typeof TYPES
  /** Seconds that a count is about. */
  readonly intervalS: number
  readonly unit: string | undefined
  /** Besides those of the origin. */
  readonly tags: readonly (readonly [name: string, value: string])[]
}

export interface DatadogValue {
  readonly series: DatadogSeries
  readonly value: number
}

interface OpenSeries {
  readonly series: DatadogSeries
  readonly points: Map<number, number>
}

/** The values of one source series, which are sent together. */
interface Source {
  readonly origin: SeriesOrigin
  readonly series: Map<string, OpenSeries>
  items: number
  newestMs: number
}

/** Units by OpenTelemetry's codes, in Datadog's words; others it does not know. */
const UNITS: Readonly<Record<string, string>> = {
  s: 'second',
  ms: 'millisecond',
  us: 'microsecond',
  ns: 'nanosecond',
  min: 'minute',
  h: 'hour',
  d: 'day',
  By: 'byte',
  KiBy: 'kibibyte',
  MiBy: 'mebibyte',
  GiBy: 'gibibyte',
  bit: 'bit',
  '%': 'percent',
  Hz: 'hertz',
}

export function toUnit(code: string): string | undefined {
  return UNITS[code]
}

/** Collects values and writes them as entries of a `series` array. */
export class SeriesSet {
  readonly #sources = new Map<string, Source>()
  /** Points whose only value was replaced by a later one of the same second. */
  superseded = 0

  /** The values of one data point. Counts of the same second add up, of gauges the last one counts. */
  add(source: string, timeMs: number, values: readonly DatadogValue[], toOrigin: () => SeriesOrigin): void {
    const open = this.#sources.get(source) ?? newSource(toOrigin())
    this.#sources.set(source, open)
    const second = Math.floor(timeMs / 1_000)
    let replaced = 0
    for (const { series, value } of values) {
      const key = `${series.metric} ${series.type} ${String(series.intervalS)} ${series.tags.join(' ')}`
      const known = open.series.get(key) ?? { series, points: new Map<number, number>() }
      open.series.set(key, known)
      const before = known.points.get(second)
      if (before !== undefined && series.type === 'gauge') replaced += 1
      known.points.set(second, before !== undefined && series.type === 'count' ? before + value : value)
    }
    open.newestMs = Math.max(open.newestMs, timeMs)
    if (replaced === values.length) this.superseded += 1
    else open.items += 1
  }

  render(): readonly TimedEntry[] {
    return [...this.#sources.values()].map(({ origin, series, items, newestMs }) => {
      const json = [...series.values()].map((open) => renderSeries(open, origin)).join(',')
      return { items, timeMs: newestMs, bytes: Buffer.from(json) }
    })
  }
}

function newSource(origin: SeriesOrigin): Source {
  return { origin, series: new Map(), items: 0, newestMs: 0 }
}

function renderSeries({ series, points }: OpenSeries, { tags, host }: SeriesOrigin): string {
  const { metric, type, intervalS, unit } = series
  return JSON.stringify({
    metric,
    type: TYPES[type],
    ...(type === 'count' ? { interval: intervalS } : {}),
    points: [...points].map(([timestamp, value]) => ({ timestamp, value })),
    tags: renderTags(series.tags.length === 0 ? tags : new Map([...tags, ...series.tags])),
    ...(unit === undefined ? {} : { unit }),
    ...(host === undefined ? {} : { resources: [{ name: host, type: 'host' }] }),
  })
}

const MAX_NAME = 200

/** Letters, digits, underscores and dots, a letter in front; undefined if nothing is left. */
export function toMetricName(name: string): string | undefined {
  const clean = name.replace(/[^A-Za-z0-9_.]/gu, '_').replace(/^[^A-Za-z]+/, '')
  return clean === '' ? undefined : clean.slice(0, MAX_NAME)
}
