import { type Labels, type Matcher, METRIC_NAME, type Scope } from '../model/index.ts'
import { labelsKey, labelValue } from './labels.ts'
import { compileMatchers } from './matchers.ts'
import type { MetricMetadata, MetricSource, SeriesSamples } from './metric-source.ts'

/** Series in memory with the canonical labels `tenant_id` and `cluster`; it holds to the scope as the store does. */
export function createMemoryMetrics(
  all: readonly SeriesSamples[],
  metadata: readonly (MetricMetadata & { readonly tenant: string })[] = [],
): MetricSource {
  const inScope = (scope: Scope): SeriesSamples[] => all.filter((series) => scopeAllows(scope, series.labels))
  const matching = (scope: Scope, sets: readonly (readonly Matcher[])[]): Labels[] => {
    const tests = sets.map(compileMatchers)
    return inScope(scope)
      .map((series) => series.labels)
      .filter((labels) => tests.length === 0 || tests.some((test) => test(labels)))
  }
  const limited = <T>(items: Iterable<T>, limit: number | undefined): T[] => [...items].slice(0, limit)

  return {
    select: (scope, { matchers, range, starts = false }) => {
      const test = compileMatchers(matchers)
      const found = inScope(scope)
        .filter((series) => test(series.labels))
        .map((series) => within(starts ? series : withoutStarts(series), range.startMs, range.endMs))
      return Promise.resolve(found.filter((series) => series.timesMs.length > 0 || series.histograms !== undefined))
    },
    series: (scope, request) => {
      const found = new Map(matching(scope, request.matcherSets).map((labels) => [labelsKey(labels), labels]))
      return Promise.resolve(limited(found.values(), request.limit))
    },
    labelNames: (scope, request) => {
      const names = new Set(matching(scope, request.matcherSets).flatMap((labels) => Object.keys(labels)))
      return Promise.resolve(limited([...names].sort(), request.limit))
    },
    labelValues: (scope, label, request) => {
      const values = new Set(matching(scope, request.matcherSets).map((labels) => labelValue(labels, label)))
      values.delete('')
      return Promise.resolve(limited([...values].sort(), request.limit))
    },
    metadata: (scope, metric) =>
      Promise.resolve(
        metadata
          .filter((item) => scope.tenants === 'all' || scope.tenants.includes(item.tenant))
          .filter((item) => metric === undefined || item.name === metric),
      ),
  }
}

/** Whether a record with these labels may be read. */
export function scopeAllows(scope: Scope, labels: Labels): boolean {
  const tenant = labelValue(labels, 'tenant_id')
  if (scope.tenants !== 'all' && !scope.tenants.includes(tenant)) return false
  return scope.clusters === undefined || scope.clusters.includes(labelValue(labels, 'cluster'))
}

/** A series with samples at the given times; `undefined` values are gaps. */
export function seriesOf(
  name: string,
  labels: Labels,
  samples: readonly (readonly [timeMs: number, value: number])[],
): SeriesSamples {
  return {
    labels: name === '' ? labels : { [METRIC_NAME]: name, ...labels },
    timesMs: Float64Array.from(samples, ([time]) => time),
    values: Float64Array.from(samples, ([, value]) => value),
  }
}

function withoutStarts({ labels, timesMs, values, histograms }: SeriesSamples): SeriesSamples {
  if (histograms === undefined) return { labels, timesMs, values }
  return { labels, timesMs, values, histograms: { timesMs: histograms.timesMs, values: histograms.values } }
}

function within(series: SeriesSamples, startMs: number, endMs: number): SeriesSamples {
  const { labels, values, startsMs, histograms } = series
  const [from, to] = boundsOf(series.timesMs, startMs, endMs)
  const floats = {
    labels,
    timesMs: series.timesMs.slice(from, to),
    values: values.slice(from, to),
    ...(startsMs === undefined ? {} : { startsMs: startsMs.slice(from, to) }),
  }
  if (histograms === undefined) return floats
  const [first, end] = boundsOf(histograms.timesMs, startMs, endMs)
  if (first === end) return floats
  const inside = {
    timesMs: histograms.timesMs.slice(first, end),
    values: histograms.values.slice(first, end),
    ...(histograms.startsMs === undefined ? {} : { startsMs: histograms.startsMs.slice(first, end) }),
  }
  return { ...floats, histograms: inside }
}

/** The indexes of the times with start < t ≤ end. */
function boundsOf(timesMs: Float64Array, startMs: number, endMs: number): [from: number, to: number] {
  const from = timesMs.findIndex((time) => time > startMs)
  const to = timesMs.findLastIndex((time) => time <= endMs) + 1
  return [from === -1 ? to : from, to]
}
