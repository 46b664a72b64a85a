import type { Labels } from '../../../../model/index.ts'
import { apiBuckets, type FloatHistogram, labelsKey, type QueryData } from '../../../../query/index.ts'

/** A histogram as numbers: count, sum, and of each bucket its rule, bounds and count. */
type Point = readonly [timeMs: number, value: number | readonly number[]]

interface Row {
  readonly labels: Labels
  readonly points: readonly Point[]
}

interface Answer {
  readonly type: string
  readonly rows: readonly Row[]
  /** Of a string. */
  readonly text?: string
}

export interface Comparison {
  /** Rows of an instant vector must come in the order of their values. */
  readonly ordered: boolean
  /** Which series have been chosen may differ where several have the same value. */
  readonly valuesOnly: boolean
}

const RELATIVE = 1e-9

/** The answer of an evaluation. */
export function ownAnswer(data: QueryData): Answer {
  switch (data.type) {
    case 'string':
      return { type: 'string', rows: [], text: data.value }
    case 'scalar':
      return { type: 'scalar', rows: [{ labels: {}, points: [[data.timeMs, data.value]] }] }
    case 'vector':
      return {
        type: 'vector',
        rows: data.samples.map(({ labels, value, histogram }) => ({
          labels,
          points: [[data.timeMs, histogram === undefined ? value : numbersOf(histogram)]],
        })),
      }
    case 'matrix':
      return {
        type: 'matrix',
        rows: data.series.map(({ labels, timesMs, values, histograms }) => {
          const points: Point[] = Array.from(timesMs, (time, i) => [time, values[i] ?? NaN])
          histograms?.values.forEach((one, i) => points.push([histograms.timesMs[i] ?? 0, numbersOf(one)]))
          return { labels, points: points.sort(([a], [b]) => a - b) }
        }),
      }
  }
}

function numbersOf(histogram: FloatHistogram): readonly number[] {
  return [histogram.count, histogram.sum, ...apiBuckets(histogram).flat()]
}

interface JsonRow {
  readonly metric: Labels
  readonly value?: JsonPoint
  readonly values?: readonly JsonPoint[]
  readonly histogram?: JsonHistogram
  readonly histograms?: readonly JsonHistogram[]
}
type JsonPoint = readonly [seconds: number, value: string]
type JsonHistogram = readonly [
  seconds: number,
  { readonly count: string; readonly sum: string; readonly buckets?: readonly (readonly (number | string)[])[] },
]

/** The answer of Prometheus' API. */
export function prometheusAnswer({ resultType, result }: { resultType: string; result: unknown }): Answer {
  if (resultType === 'string') return { type: 'string', rows: [], text: (result as JsonPoint)[1] }
  if (resultType === 'scalar') return { type: 'scalar', rows: [{ labels: {}, points: [pointOf(result as JsonPoint)] }] }
  const rows = (result as readonly JsonRow[]).map(({ metric, value, values, histogram, histograms }) => {
    const points = [...(value === undefined ? [] : [value]), ...(values ?? [])].map(pointOf)
    for (const one of [...(histogram === undefined ? [] : [histogram]), ...(histograms ?? [])]) {
      const [seconds, { count, sum, buckets = [] }] = one
      points.push([Math.round(seconds * 1000), [count, sum, ...buckets.flat()].map(numberOf)])
    }
    return { labels: metric, points: points.sort(([a], [b]) => a - b) }
  })
  return { type: resultType, rows }
}

function pointOf([seconds, value]: JsonPoint): Point {
  return [Math.round(seconds * 1000), numberOf(value)]
}

function numberOf(text: string | number): number {
  return typeof text === 'number' ? text : Number(text.replace('Inf', 'Infinity'))
}

/** What is different, in words; undefined if nothing is. */
export function differenceOf(ours: Answer, theirs: Answer, how: Comparison): string | undefined {
  if (ours.type !== theirs.type) return `${ours.type}, Prometheus ${theirs.type}`
  if (ours.text !== theirs.text) return `${String(ours.text)}, Prometheus ${String(theirs.text)}`
  if (how.valuesOnly) return differentValues(valuesByTime(ours), valuesByTime(theirs))
  if (how.ordered && ours.type === 'vector') {
    const order = differentValues(new Map([[0, inOrder(ours)]]), new Map([[0, inOrder(theirs)]]))
    if (order !== undefined) return `in another order: ${order}`
  }
  const left = new Map(theirs.rows.map((row) => [labelsKey(row.labels), row]))
  for (const row of ours.rows) {
    const other = left.get(labelsKey(row.labels))
    if (other === undefined) return `${labelsKey(row.labels)} is not in Prometheus' answer`
    left.delete(labelsKey(row.labels))
    const difference = differentPoints(row, other)
    if (difference !== undefined) return `${labelsKey(row.labels)} ${difference}`
  }
  const [missing] = left.values()
  return missing && `${labelsKey(missing.labels)} is missing`
}

function differentPoints(ours: Row, theirs: Row): string | undefined {
  if (ours.points.length !== theirs.points.length) {
    return `has ${String(ours.points.length)} points, Prometheus ${String(theirs.points.length)}`
  }
  for (const [i, [time, value]] of ours.points.entries()) {
    const [otherTime, other] = theirs.points[i] ?? [NaN, NaN]
    if (time !== otherTime) return `has a point at ${String(time)}, Prometheus at ${String(otherTime)}`
    if (!sameValue(value, other)) return `at ${String(time)}: ${String(value)}, Prometheus ${String(other)}`
  }
  return undefined
}

function sameValue(a: Point[1], b: Point[1]): boolean {
  if (typeof a === 'number' || typeof b === 'number') return typeof a === typeof b && near(Number(a), Number(b))
  return a.length === b.length && a.every((one, i) => near(one, b[i] ?? NaN))
}

function near(a: number, b: number): boolean {
  if (Object.is(a, b) || a === b || (Number.isNaN(a) && Number.isNaN(b))) return true
  return Math.abs(a - b) <= RELATIVE * Math.max(Math.abs(a), Math.abs(b))
}

/** Numbers only; ascending, NaN last. */
function valuesByTime({ rows }: Answer): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>()
  for (const { points } of rows) {
    for (const [time, value] of points) {
      const list = found.get(time) ?? []
      list.push(typeof value === 'number' ? value : (value[0] ?? NaN))
      found.set(time, list)
    }
  }
  for (const list of found.values()) {
    list.sort((a, b) => (Number.isNaN(a) ? 1 : Number.isNaN(b) ? -1 : a - b))
  }
  return found
}

function inOrder({ rows }: Answer): readonly number[] {
  return rows.map(({ points: [[, value] = [0, NaN]] }) => (typeof value === 'number' ? value : (value[0] ?? NaN)))
}

function differentValues(
  ours: ReadonlyMap<number, readonly number[]>,
  theirs: ReadonlyMap<number, readonly number[]>,
): string | undefined {
  for (const time of new Set([...ours.keys(), ...theirs.keys()])) {
    const [mine, others] = [ours.get(time) ?? [], theirs.get(time) ?? []]
    if (mine.length !== others.length || !mine.every((one, i) => near(one, others[i] ?? NaN))) {
      return `at ${String(time)}: ${mine.join(' ')}, Prometheus ${others.join(' ')}`
    }
  }
  return undefined
}
