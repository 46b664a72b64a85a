import type uPlot from 'uplot'
import type { Zone } from '../format/zone.ts'
import { dashOf } from './series-colours.ts'
import { labelTicks, labelTimes, timeTicks, valueTicks } from './ticks.ts'
import type { ChartModel, ChartSeries } from './time-chart-model.ts'
import type { ChartTokens } from './tokens.ts'

const AXIS_X_PX = 20
const FONT_PX = 10

export function strokeOf(series: ChartSeries, tokens: ChartTokens): string {
  if (series.css !== undefined) return series.css
  return series.colour === 'other' ? tokens.other : (tokens.series[series.colour] ?? tokens.other)
}

/** Scales, axes and series for uPlot: horizontal grid only, lines of 1.5 px, areas of 10 % or, stacked, 60 %. */
export function uplotOptions(props: {
  readonly model: ChartModel
  readonly range: readonly [number, number]
  readonly tokens: ChartTokens
  readonly zone: Zone
  readonly width: number
  readonly height: number
  readonly axisPx: number
  readonly bars: uPlot.Series.PathBuilder | undefined
}): Omit<uPlot.Options, 'plugins'> {
  const { model, range, tokens, zone } = props
  const ticks = valueTicks(range[0], range[1], model.unit)
  const words = labelTicks(ticks, model.unit)
  const font = `${FONT_PX}px ${tokens.fontUi}`
  return {
    width: props.width,
    height: props.height,
    legend: { show: false },
    padding: [8, 16, 0, 0],
    cursor: {
      drag: { x: true, y: false, setScale: false, dist: 6 },
      points: { size: 7, width: 1 },
      sync: { key: 'page', setSeries: false, scales: ['x', null] },
      focus: { prox: 24 },
      dataIdx: (_u, _series, closest) => closest,
    },
    focus: { alpha: 0.35 },
    scales: {
      x: { time: false, range: () => [model.fromS, model.toS] },
      y: { range: () => [range[0], range[1]] },
    },
    axes: [
      {
        scale: 'x',
        size: AXIS_X_PX,
        gap: 4,
        font,
        stroke: tokens.text3,
        grid: { show: false },
        ticks: { show: false },
        border: { show: true, stroke: tokens.axis, width: 1 },
        splits: (u) => [...timeTicks(model.fromS, model.toS, u.bbox.width / devicePixelRatio, zone)],
        values: (_u, splits) => [...labelTimes(splits, zone)],
      },
      {
        scale: 'y',
        size: props.axisPx,
        gap: 6,
        font,
        stroke: tokens.text3,
        grid: { stroke: tokens.grid, width: 1 },
        ticks: { show: false },
        splits: () => [...ticks],
        values: () => [...words],
      },
    ],
    ...(model.kind === 'stacked' ? { bands: bandsOf(model.series) } : {}),
    series: [{}, ...model.series.map((series) => seriesOptions(series, model, tokens, props.bars))],
  }
}

/** Each area ends where the one below it, among those shown, begins. */
function bandsOf(series: readonly ChartSeries[]): uPlot.Band[] {
  const shown = series.flatMap((one, index) => (one.isHidden === true ? [] : [index + 1]))
  return shown.slice(1).map((upper, index) => ({ series: [upper, shown[index] ?? 0] }))
}

function seriesOptions(
  series: ChartSeries,
  model: ChartModel,
  tokens: ChartTokens,
  bars: uPlot.Series.PathBuilder | undefined,
): uPlot.Series {
  const stroke = strokeOf(series, tokens)
  const dash = model.kind === 'lines' ? dashOf(series.colour) : undefined
  return {
    label: series.name,
    show: series.isHidden !== true,
    stroke,
    width: model.kind === 'bars' ? 0 : 1.5,
    spanGaps: false,
    points: { show: false },
    ...(model.kind === 'lines' ? {} : { fill: model.kind === 'stacked' ? withAlpha(stroke, 0.6) : stroke }),
    ...(dash === undefined ? {} : { dash }),
    ...(model.kind === 'bars' && bars !== undefined ? { paths: bars } : {}),
  }
}

/** `#rrggbb` with an opacity; other forms stay opaque. */
function withAlpha(colour: string, alpha: number): string {
  if (!/^#[0-9a-f]{6}$/i.test(colour)) return colour
  return `${colour}${Math.round(alpha * 255)
    .toString(16)
    .padStart(2, '0')}`
}
