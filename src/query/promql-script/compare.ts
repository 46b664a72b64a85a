import type { Labels } from '../../model/index.ts'
import { formatFloatFixed } from '../go-float.ts'
import { labelsKey, printLabels } from '../labels.ts'
import type { QueryData } from '../promql/index.ts'
import { type Buckets, compact, type FloatHistogram, formatHistogram, sameBounds } from '../promql/histogram/index.ts'
import type { RangeTimes } from './script.ts'
import { splitSeriesLine } from './script-series.ts'
import { expandValues, type ScriptValue } from './script-value.ts'

const TOLERANCE = 1e-6

type Got = number | FloatHistogram | undefined

interface Row {
  readonly labels: Labels
  readonly values: readonly Got[]
}

/** What is wrong with the answer of an instant query, or ''. */
export function compareInstant(data: QueryData, expected: readonly string[], ordered: boolean): string {
  switch (data.type) {
    case 'string':
      return 'a string instead of samples'
    case 'scalar': {
      const wanted = expected[0] === undefined ? undefined : expandValues(expected[0])[0]
      return same(data.value, wanted) ? '' : `${show(data.value)}, not ${show(wanted)}`
    }
    case 'vector': {
      const rows = data.samples.map(({ labels, value, histogram }) => ({ labels, values: [histogram ?? value] }))
      const problem = compareRows(rows, expected, 1)
      return problem === '' && ordered ? compareOrder(rows, expected) : problem
    }
    case 'matrix':
      return 'ranges instead of samples'
  }
}

/** What is wrong with a matrix, whose points must lie on the steps. */
export function compareMatrix(data: QueryData, expected: readonly string[], times: RangeTimes): string {
  if (data.type !== 'matrix') return `a ${data.type} instead of a matrix`
  const { startMs, endMs, stepMs } = times
  const steps = Math.floor((endMs - startMs) / stepMs) + 1
  const rows: Row[] = []
  for (const { labels, timesMs, values, histograms } of data.series) {
    const row = Array.from({ length: steps }, (): Got => undefined)
    const put = (timeMs: number, value: Got): boolean => {
      const step = (timeMs - startMs) / stepMs
      if (!Number.isInteger(step) || step < 0 || step >= steps) return false
      row[step] = value
      return true
    }
    for (const [i, timeMs] of timesMs.entries()) {
      if (!put(timeMs, values[i])) return `${printLabels(labels)}: a sample at ${String(timeMs)} ms`
    }
    for (const [i, timeMs] of histograms?.timesMs.entries() ?? []) {
      if (!put(timeMs, histograms?.values[i])) return `${printLabels(labels)}: a sample at ${String(timeMs)} ms`
    }
    rows.push({ labels, values: row })
  }
  return compareRows(rows, expected, steps)
}

function compareRows(rows: readonly Row[], expected: readonly string[], steps: number): string {
  const left = new Map(rows.map((row) => [labelsKey(row.labels), row]))
  if (left.size < rows.length) return 'two series with the same labels'
  for (const line of expected) {
    const { labels, rest } = splitSeriesLine(line)
    const wanted = expandValues(rest)
    const got = left.get(labelsKey(labels))
    if (got === undefined) {
      if (wanted.every((value) => value === undefined)) continue
      return `missing ${printLabels(labels)}`
    }
    left.delete(labelsKey(labels))
    for (let step = 0; step < Math.max(steps, wanted.length); step++) {
      if (same(got.values[step], wanted[step])) continue
      const place = steps === 1 ? '' : ` at step ${String(step)}`
      return `${printLabels(labels)}${place}: ${show(got.values[step])}, not ${show(wanted[step])}`
    }
  }
  const [extra] = left.values()
  return extra === undefined ? '' : `not expected: ${printLabels(extra.labels)} ${extra.values.map(show).join(' ')}`
}

function compareOrder(rows: readonly Row[], expected: readonly string[]): string {
  const at = rows.findIndex(
    ({ labels }, i) => labelsKey(labels) !== labelsKey(splitSeriesLine(expected[i] ?? '').labels),
  )
  return at === -1 ? '' : `row ${String(at + 1)} is ${printLabels(rows[at]?.labels ?? {})}, the order differs`
}

function same(got: Got, wanted: ScriptValue): boolean {
  if (typeof got === 'object') return typeof wanted === 'object' && sameHistogram(compact(got), compact(wanted))
  if (typeof wanted === 'object') return false
  return near(got, wanted === 'stale' ? NaN : wanted)
}

function near(got: number | undefined, wanted: number | undefined): boolean {
  if (got === undefined || wanted === undefined) return got === wanted
  if (Number.isNaN(got) || Number.isNaN(wanted)) return Number.isNaN(got) && Number.isNaN(wanted)
  if (got === wanted) return true
  return Math.abs(got - wanted) <= TOLERANCE * (Math.abs(got) + Math.abs(wanted))
}

/** A reset hint counts where the script names one. */
function sameHistogram(got: FloatHistogram, wanted: FloatHistogram): boolean {
  return (
    got.schema === wanted.schema &&
    near(got.count, wanted.count) &&
    near(got.sum, wanted.sum) &&
    (wanted.resetHint === 'unknown' || got.resetHint === wanted.resetHint) &&
    got.zeroThreshold === wanted.zeroThreshold &&
    near(got.zeroCount, wanted.zeroCount) &&
    sameBounds(got.customValues, wanted.customValues) &&
    sameBuckets(got.positive, wanted.positive) &&
    sameBuckets(got.negative, wanted.negative)
  )
}

function sameBuckets(got: Buckets, wanted: Buckets): boolean {
  if (got.indexes.length !== wanted.indexes.length) return false
  return got.indexes.every((index, i) => index === wanted.indexes[i] && near(got.counts[i], wanted.counts[i]))
}

function show(value: ScriptValue): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'number') return formatFloatFixed(value)
  if (value === 'stale') return 'stale'
  return `schema ${String(value.schema)} ${value.resetHint} ${formatHistogram(value)}`
}
