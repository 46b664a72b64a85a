import { type ColourIndex, colourIndexes } from '../../charts/series-colours.ts'
import type { ChartModel, ChartSeries } from '../../charts/time-chart-model.ts'
import type { Exemplar, RangeAnswer } from '../../data/prometheus/client.ts'
import { gridTimes, type Series } from '../../data/prometheus/matrix.ts'
import { nameSeries, writeLabels } from '../../data/prometheus/series-name.ts'
import type { Unit } from '../../format/units.ts'

/** A series of an answer with its name and colour. */
export interface NamedSeries {
  /** Equal in all queries: the labels without the metric's name. */
  readonly id: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly values: readonly (number | null)[]
  readonly colour: ColourIndex
}

export function nameAnswer(answer: RangeAnswer, query: string): readonly NamedSeries[] {
  const names = nameSeries(
    answer.series.map(({ labels }) => labels),
    query,
  )
  const colours = colourIndexes(answer.series.map(({ labels }, index) => colourKey(labels, names[index] ?? '')))
  return answer.series.map((series, index) => ({
    id: idOf(series.labels),
    name: names[index] ?? '',
    labels: series.labels,
    values: series.values,
    colour: colours[index] ?? 'other',
  }))
}

function idOf(labels: Readonly<Record<string, string>>): string {
  const others = Object.entries(labels).filter(([key]) => key !== '__name__')
  return writeLabels(Object.fromEntries(others.sort(([a], [b]) => (a < b ? -1 : 1))))
}

/** A cluster keeps its colour, whatever else names the series. */
function colourKey(labels: Readonly<Record<string, string>>, name: string): string {
  return name === labels['cluster'] ? name : name || idOf(labels)
}

export interface Panel {
  readonly letter: string
  readonly query: string
  /** The value of the label by which the charts are split. */
  readonly part?: string
  readonly series: readonly NamedSeries[]
}

/** One panel per query, or one per query and value of the label. */
export function splitPanels(
  letter: string,
  query: string,
  series: readonly NamedSeries[],
  label?: string,
): readonly Panel[] {
  if (label === undefined) return [{ letter, query, series }]
  const parts = [...new Set(series.map(({ labels }) => labels[label] ?? ''))].sort()
  return parts.map((part) => ({
    letter,
    query,
    part: part === '' ? `no ${label}` : part,
    series: series.filter(({ labels }) => (labels[label] ?? '') === part),
  }))
}

export function modelOf(
  panel: Panel,
  answer: RangeAnswer,
  look: {
    readonly kind: ChartModel['kind']
    readonly unit: Unit
    readonly fromS: number
    readonly toS: number
    readonly hidden: ReadonlySet<string>
    readonly exemplars: readonly Exemplar[]
  },
): ChartModel {
  const series: readonly ChartSeries[] = panel.series.map((one, index) => ({
    id: one.id,
    name: one.name,
    values: one.values,
    colour: one.colour,
    isHidden: look.hidden.has(one.id) && index >= 0,
  }))
  const { exemplars } = look
  return {
    times: gridTimes(answer.grid),
    series,
    kind: look.kind,
    unit: look.unit,
    fromS: look.fromS,
    toS: look.toS,
    exemplars: exemplars.flatMap(({ atS, value, traceId }) => (traceId === undefined ? [] : [{ atS, value, traceId }])),
  }
}

/** Labels by which the series can be split: those with more than one value. */
export function splitLabels(series: readonly Series[]): readonly string[] {
  const values = new Map<string, Set<string>>()
  for (const { labels } of series)
    for (const [key, value] of Object.entries(labels)) values.set(key, (values.get(key) ?? new Set()).add(value))
  return [...values]
    .filter(([key, set]) => set.size > 1 && key !== 'le')
    .map(([key]) => key)
    .sort()
}
