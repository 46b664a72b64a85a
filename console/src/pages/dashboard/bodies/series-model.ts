import { type ColourIndex, colourIndexes } from '../../../charts/series-colours.ts'
import type { AxisLook, ChartEvent, ChartExemplar, ChartModel, ChartSeries } from '../../../charts/time-chart-model.ts'
import { fitsExemplars } from '../../../data/prometheus/exemplar-scale.ts'
import { gridTimes } from '../../../data/prometheus/matrix.ts'
import type { Panel } from '../../../grafana/dashboard.ts'
import { configOf, customOf, decimalsOf, type FieldConfig, unitOf } from '../../../grafana/fields/config.ts'
import { shownNameOf } from '../../../grafana/fields/display-name.ts'
import { reduce } from '../../../grafana/fields/reduce.ts'
import { readSeriesStyle } from '../../../grafana/fields/series-style.ts'
import { readThresholds, thresholdOf, type Thresholds } from '../../../grafana/fields/thresholds.ts'
import { chartUnitOf, writeValue } from '../../../grafana/fields/units.ts'
import type { Field, Frame } from '../../../grafana/frame.ts'
import { flagAt, numberAt, objectAt, textAt } from '../../../grafana/json.ts'
import { toText } from '../../../format/quantity.ts'
import { paintOf } from '../colours.ts'
import type { PanelData } from '../panel-data.ts'

/** Series that are drawn; more are counted in the legend. */
const MOST_SERIES = 500
const PALETTE = 10
/** Below so many points lines show each of them, as far as they may. */
const SPARSE_POINTS = 30

interface Column {
  readonly name: string
  readonly values: readonly (number | null)[]
  readonly field: Field
  readonly config: FieldConfig
}

/** A time series panel as a chart: every series with its own look, axes left and right, thresholds. */
export function seriesModelOf(
  panel: Panel,
  data: PanelData,
  ends: { readonly fromS: number; readonly toS: number },
  events: readonly ChartEvent[],
): { readonly model: ChartModel; readonly columns: readonly Column[]; readonly left: number } {
  const fieldConfig = objectAt(panel.json, 'fieldConfig')
  const defaults = objectAt(fieldConfig, 'defaults')
  const times = timesOf(data)
  const all = data.frames.flatMap((frame) => columnsOf(frame, times, fieldConfig))
  const columns = all.slice(0, MOST_SERIES)
  const colours = coloursOf(columns)
  const isSparse = times.length < SPARSE_POINTS
  const series = columns.map((column, at) => toSeries(column, at, colours[at] ?? 'other', isSparse))
  const onRight = columns.find(({ config }) => isRight(config))
  const onLeft = columns.find(({ config }) => !isRight(config))
  const left = axisOf(onLeft?.config ?? defaults)
  const tooltip = textAt(objectAt(objectAt(panel.json, 'options'), 'tooltip'), 'mode')
  const model: ChartModel = {
    times,
    series,
    unit: left.unit,
    // Lines come forward under the pointer; what is stacked or filled does not stand alone.
    kind: series.every(({ style }) => style?.draw === 'line' && style.stack === undefined) ? 'lines' : 'stacked',
    ...ends,
    axes: onRight === undefined ? { left } : { left, right: axisOf(onRight.config) },
    exemplars: exemplarsOf(data, chartUnitOf(unitOf(onLeft?.config ?? defaults)).factor),
    tooltip: tooltip === 'none' ? 'none' : tooltip === 'single' ? 'single' : 'all',
    ...(events.length === 0 ? {} : { events }),
    ...thresholdsOf(onLeft?.config ?? defaults),
  }
  return { model, columns, left: all.length - columns.length }
}

/** On the left axis; those of a query that counts stand at its edge, because they are single observations. */
function exemplarsOf({ exemplars }: PanelData, factor: number): readonly ChartExemplar[] {
  return exemplars.flatMap(({ atS, value, traceId, query }) => {
    if (traceId === undefined) return []
    const own = { atS, value: value * factor, traceId }
    return [fitsExemplars(query) ? own : { ...own, isOffScale: true }]
  })
}

/** The grid of the questions; other times where a transformation made them. */
function timesOf(data: PanelData): readonly number[] {
  const grid = gridTimes(data.grid)
  const known = new Set(grid.map((at) => at * 1_000))
  const others = new Set<number>()
  for (const { fields } of data.frames) {
    for (const { type, values } of fields) {
      if (type !== 'time') continue
      for (const value of values) if (typeof value === 'number' && !known.has(value)) others.add(value)
    }
  }
  return others.size === 0 ? grid : [...grid, ...[...others].map((at) => at / 1_000)].sort((a, b) => a - b)
}

/** A frame's numbers on the grid: transformations may have left out times. */
function columnsOf(
  frame: Frame,
  times: readonly number[],
  fieldConfig: Parameters<typeof configOf>[0],
): readonly Column[] {
  const time = frame.fields.find((field) => field.type === 'time')
  const places = new Map(times.map((at, index) => [at * 1_000, index]))
  return frame.fields.flatMap((field): Column[] => {
    if (field.type !== 'number') return []
    const config = configOf(fieldConfig, { field, refId: frame.refId })
    if (objectAt(customOf(config), 'hideFrom')['viz'] === true) return []
    const isZero = flagAt(customOf(config), 'nullAsZero') === true
    const values = new Array<number | null>(times.length).fill(isZero ? 0 : null)
    field.values.forEach((value, row) => {
      const place = places.get(Number(time?.values[row]))
      if (place !== undefined && value !== null) values[place] = value
    })
    return [{ name: shownNameOf(field, config), values, field, config }]
  })
}

/** Where there are more than the palette has, the greatest have colours. */
function coloursOf(columns: readonly Column[]): readonly ColourIndex[] {
  if (columns.length <= PALETTE) return colourIndexes(columns.map(({ name }) => name))
  const ranked = columns
    .map(({ values, name }, at) => ({ at, name, size: Math.abs(reduce(values, 'mean') ?? 0) }))
    .sort((a, b) => b.size - a.size)
    .slice(0, PALETTE - 1)
    .sort((a, b) => a.at - b.at)
  const indexes = colourIndexes(ranked.map(({ name }) => name))
  const colours = new Array<ColourIndex>(columns.length).fill('other')
  ranked.forEach(({ at }, index) => {
    colours[at] = indexes[index] ?? 'other'
  })
  return colours
}

function toSeries({ name, values, config }: Column, at: number, colour: ColourIndex, isSparse: boolean): ChartSeries {
  const unit = unitOf(config)
  const { factor } = chartUnitOf(unit)
  const custom = customOf(config)
  const scale = factor * (textAt(custom, 'transform') === 'negative-Y' ? -1 : 1)
  const css = ownColour(config, values)
  const decimals = decimalsOf(config)
  return {
    id: String(at),
    name,
    values: scale === 1 ? values : values.map((value) => (value === null ? null : value * scale)),
    colour,
    style: readSeriesStyle(custom, isSparse),
    write: (value) => writeValue(value === null ? null : value / factor, unit, decimals),
    ...(css === undefined ? {} : { css }),
  }
}

/** Fixed by the author, or by the threshold that the last value has reached. */
function ownColour(config: FieldConfig, values: readonly (number | null)[]): string | undefined {
  const color = objectAt(config, 'color')
  switch (textAt(color, 'mode')) {
    case 'fixed':
    case 'shades':
      return paintOf(textAt(color, 'fixedColor'))
    case 'thresholds': {
      const thresholds = readThresholds(config)
      const last = reduce(values, 'lastNotNull')
      if (thresholds === undefined || last === null) return undefined
      return paintOf(thresholdOf(last, thresholds, extentOf(config))?.color)
    }
    default:
      return undefined
  }
}

const extentOf = (config: FieldConfig): { readonly min: number; readonly max: number } => ({
  min: numberAt(config, 'min') ?? 0,
  max: numberAt(config, 'max') ?? 100,
})

const isRight = (config: FieldConfig): boolean => customOf(config)['axisPlacement'] === 'right'

function axisOf(config: FieldConfig): AxisLook {
  const custom = customOf(config)
  const isPercent = objectAt(custom, 'stacking')['mode'] === 'percent'
  const { unit, factor, prefix, suffix } = chartUnitOf(unitOf(config))
  const limit = (json: typeof config, key: string): number | undefined => {
    const value = numberAt(json, key)
    return value === undefined ? undefined : value * factor
  }
  const log = objectAt(custom, 'scaleDistribution')
  const facts = {
    label: textAt(custom, 'axisLabel'),
    min: isPercent ? 0 : limit(config, 'min'),
    max: isPercent ? 1 : limit(config, 'max'),
    softMin: limit(custom, 'axisSoftMin'),
    softMax: limit(custom, 'axisSoftMax'),
    log: log['type'] === 'log' ? (numberAt(log, 'log') === 2 ? (2 as const) : (10 as const)) : undefined,
  }
  const known = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
  return isPercent ? { unit: 'percentunit', ...known } : { unit, prefix, suffix, ...known }
}

/** As lines, as areas, or not at all. */
function thresholdsOf(config: FieldConfig): Pick<ChartModel, 'thresholds' | 'areas'> {
  const mode = textAt(objectAt(customOf(config), 'thresholdsStyle'), 'mode') ?? 'off'
  const thresholds = readThresholds(config)
  if (mode === 'off' || thresholds === undefined) return {}
  const unit = unitOf(config)
  const { factor } = chartUnitOf(unit)
  const steps = absolute(thresholds, config)
  const lines = steps.flatMap(({ from, color }) => {
    if (!Number.isFinite(from)) return []
    const css = paintOf(color)
    const line = { value: from * factor, words: toText(writeValue(from, unit, decimalsOf(config))) }
    return [css === undefined || css === 'transparent' ? line : { ...line, css }]
  })
  const areas = steps.flatMap(({ from, color }, at) => {
    const css = paintOf(color)
    if (css === undefined || css === 'transparent') return []
    return [{ from: from * factor, to: (steps[at + 1]?.from ?? Number.POSITIVE_INFINITY) * factor, css }]
  })
  return {
    ...(mode.includes('line') || mode.includes('dashed') || mode === 'series' ? { thresholds: lines } : {}),
    ...(mode.includes('area') ? { areas } : {}),
  }
}

function absolute({ mode, steps }: Thresholds, config: FieldConfig): Thresholds['steps'] {
  if (mode === 'absolute') return steps
  const { min, max } = extentOf(config)
  return steps.map(({ from, color }) => ({ from: min + ((max - min) * from) / 100, color }))
}
