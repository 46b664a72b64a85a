import { type Labels, METRIC_NAME } from '../../model/index.ts'
import { parseGoFloat } from '../go-float.ts'
import { dropLabels, labelsKey, labelValue, setLabel } from '../labels.ts'
import { bucketsOf, compact, CUSTOM_SCHEMA, EMPTY_HISTOGRAM, type FloatHistogram } from '../promql/histogram/index.ts'
import type { ScriptSeries } from './script-series.ts'

/** What the series of one classic histogram hold at one time. */
interface Classic {
  readonly buckets: Map<number, number>
  count: number | undefined
  sum: number
}

/**
 * The native histograms with custom buckets that the classic histograms among the series would be: `load_with_nhcb`
 * loads them besides.
 */
export function customBucketSeries(all: readonly ScriptSeries[]): ScriptSeries[] {
  const found = new Map<string, { readonly labels: Labels; readonly times: Map<number, Classic> }>()
  for (const { labels, points } of all) {
    const name = labelValue(labels, METRIC_NAME)
    const part = /^(.*)_(bucket|count|sum)$/.exec(name)
    if (part === null) continue
    const [, base = '', kind] = part
    const upperBound = parseGoFloat(labelValue(labels, 'le'))
    if (kind === 'bucket' && upperBound === undefined) continue
    const ownLabels = setLabel(dropLabels(labels, new Set(['le'])), METRIC_NAME, base)
    const key = labelsKey(ownLabels)
    const series = found.get(key) ?? { labels: ownLabels, times: new Map<number, Classic>() }
    found.set(key, series)
    for (const { timeMs, value } of points) {
      if (typeof value !== 'number') continue
      const at = series.times.get(timeMs) ?? { buckets: new Map<number, number>(), count: undefined, sum: 0 }
      series.times.set(timeMs, at)
      if (kind === 'count') at.count = value
      else if (kind === 'sum') at.sum = value
      else at.buckets.set(upperBound ?? NaN, value)
    }
  }
  return [...found.values()]
    .map(({ labels, times }) => ({
      labels,
      points: [...times]
        .filter(([, { buckets }]) => buckets.size > 0)
        .map(([timeMs, classic]) => ({ timeMs, value: toCustomBuckets(classic), startMs: 0 }))
        .sort((a, b) => a.timeMs - b.timeMs),
    }))
    .filter(({ points }) => points.length > 0)
}

function toCustomBuckets({ buckets, count, sum }: Classic): FloatHistogram {
  const sorted = [...buckets].sort(([a], [b]) => a - b)
  const customValues = sorted.map(([bound]) => bound).filter((bound) => bound !== Infinity)
  const total = count ?? sorted.at(-1)?.[1] ?? 0
  const counts: number[] = []
  let below = 0
  for (const [bound, cumulative] of sorted) {
    if (bound === Infinity) continue
    counts.push(cumulative - below)
    below = cumulative
  }
  counts.push(total - below)
  return compact({
    ...EMPTY_HISTOGRAM,
    schema: CUSTOM_SCHEMA,
    count: total,
    sum,
    positive: bucketsOf(
      counts.map((_, i) => i),
      counts,
    ),
    customValues,
  })
}
