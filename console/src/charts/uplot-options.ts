import type uPlot from 'uplot'
import type { Zone } from '../format/zone.ts'
import { logTicks } from './drawn-columns.ts'
import { dashOf } from './series-colours.ts'
import { labelTicks, labelTimes, timeTicks, valueTicks } from './ticks.ts'
import type { AxisLook, ChartModel, ChartSeries } from './time-chart-model.ts'
import type { ChartTokens } from './tokens.ts'

const AXIS_X_PX = 20
const LABEL_PX = 16
const FONT_PX = 10
const MOST_POINTS_DRAWN_AGAIN = 2_000
/** uPlot declares these numbers as enums that exist in its types only. */
const ON_THE_RIGHT = { side: 1, grid: { show: false } }
const LOGARITHMIC = { distr: 3 }

export function strokeOf(series: ChartSeries, tokens: ChartTokens): string {
  if (series.css !== undefined) return tokens.resolve(series.css)
  return series.colour === 'other' ? tokens.other : (tokens.series[series.colour] ?? tokens.other)
}

/** Ways to draw that uPlot makes; absent ones are drawn as lines. */
export interface Paths {
  readonly bars: uPlot.Series.PathBuilder | undefined
  readonly smooth: uPlot.Series.PathBuilder | undefined
  readonly stepBefore: uPlot.Series.PathBuilder | undefined
  readonly stepAfter: uPlot.Series.PathBuilder | undefined
}

/** Scales, axes and series for uPlot: horizontal grid only, lines of 1.5 px, areas of 10 % or, stacked, 60 %. */
export function uplotOptions(props: {
  readonly model: ChartModel
  readonly range: readonly [number, number]
  /** Of the axis on the right, where there is one. */
  readonly rightRange: readonly [number, number] | undefined
  readonly tokens: ChartTokens
  readonly zone: Zone
  readonly width: number
  readonly height: number
  readonly axisPx: number
  readonly paths: Paths
}): Omit<uPlot.Options, 'plugins'> {
  const { model, range, rightRange, tokens, zone } = props
  const font = `${FONT_PX}px ${tokens.fontUi}`
  const left = model.axes?.left ?? { unit: model.unit }
  const right = model.axes?.right
  return {
    width: props.width,
    height: props.height,
    legend: { show: false },
    padding: [8, right === undefined ? 16 : 0, 0, 0],
    cursor: {
      drag: { x: true, y: false, setScale: false, dist: 6 },
      // What follows the pointer is drawn by ChartPointer: uPlot makes a layer for each series.
      x: false,
      y: false,
      points: { show: false },
      sync: { key: 'page', setSeries: false, scales: ['x', null] },
      focus: { prox: 24 },
      dataIdx: (_u, _series, closest) => closest,
    },
    focus: { alpha: focusAlpha(model) },
    scales: {
      x: { time: false, range: () => [model.fromS, model.toS] },
      y: scaleOf(left, range),
      ...(right === undefined || rightRange === undefined ? {} : { right: scaleOf(right, rightRange) }),
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
      valueAxis(left, range, { scale: 'y', size: props.axisPx, font, tokens }),
      ...(right === undefined || rightRange === undefined
        ? []
        : [
            Object.assign(
              valueAxis(right, rightRange, { scale: 'right', size: props.axisPx, font, tokens }),
              ON_THE_RIGHT,
            ),
          ]),
    ],
    ...bandsOf(model, tokens),
    series: [{}, ...model.series.map((series) => seriesOptions(series, model, tokens, props.paths))],
  }
}

/** Another opacity draws all series again: lines have a veil instead, and large stacks stay as they are. */
function focusAlpha({ kind, series, times }: ChartModel): number {
  return kind === 'lines' || series.length * times.length > MOST_POINTS_DRAWN_AGAIN ? 1 : 0.35
}

function scaleOf({ log }: AxisLook, [from, to]: readonly [number, number]): uPlot.Scale {
  const scale: uPlot.Scale = { range: () => [from, to] }
  return log === undefined ? scale : Object.assign(scale, { ...LOGARITHMIC, log })
}

function valueAxis(
  look: AxisLook,
  range: readonly [number, number],
  {
    scale,
    size,
    font,
    tokens,
  }: { readonly scale: string; readonly size: number; readonly font: string; readonly tokens: ChartTokens },
): uPlot.Axis {
  const ticks = look.log === undefined ? valueTicks(range[0], range[1], look.unit) : logTicks(range, look.log)
  // Powers are far apart: each in its own unit.
  const plain =
    look.log === undefined ? labelTicks(ticks, look.unit) : ticks.flatMap((tick) => labelTicks([tick], look.unit))
  const words = plain.map((text) => `${look.prefix ?? ''}${withSuffix(text, look.suffix ?? '')}`)
  return {
    scale,
    size,
    gap: 6,
    font,
    stroke: tokens.text3,
    grid: { stroke: tokens.grid, width: 1 },
    ticks: { show: false },
    splits: () => [...ticks],
    values: () => [...words],
    ...(look.label === undefined || look.label === ''
      ? {}
      : { label: look.label, labelSize: LABEL_PX, labelGap: 0, labelFont: font }),
  }
}

/** `2 kreq/s`, but `20 req/s`. */
function withSuffix(text: string, suffix: string): string {
  if (suffix === '' || text === '0') return text
  return /\d$/.test(text) ? `${text}\u00a0${suffix}` : `${text}${suffix}`
}

/** Each area ends where the one below it, among those shown, begins. */
function bandsOf(model: ChartModel, tokens: ChartTokens): { readonly bands?: uPlot.Band[] } {
  const { series } = model
  if (series.some(({ style }) => style !== undefined)) return styledBands(series, tokens)
  if (model.kind !== 'stacked') return {}
  const shown = series.flatMap((one, index) => (one.isHidden === true ? [] : [index + 1]))
  return { bands: shown.slice(1).map((upper, index) => ({ series: [upper, shown[index] ?? 0] })) }
}

/** Areas of a stack end at the series below; others where they are filled down to. */
function styledBands(series: readonly ChartSeries[], tokens: ChartTokens): { readonly bands?: uPlot.Band[] } {
  const bands: uPlot.Band[] = []
  const below = new Map<string, number>()
  series.forEach((one, index) => {
    const { style } = one
    if (style === undefined || one.isHidden === true) return
    if (style.stack !== undefined && style.draw === 'line') {
      const isDown = one.values.some((value) => value !== null && value < 0)
      const key = `${style.axis} ${style.stack.group} ${isDown ? 'down' : 'up'}`
      const lower = below.get(key)
      if (lower !== undefined) bands.push({ series: [index + 1, lower], ...(isDown ? { dir: 1 as const } : {}) })
      below.set(key, index + 1)
    }
    const target = style.fillTo === undefined ? -1 : series.findIndex(({ name }) => name === style.fillTo)
    if (target >= 0) {
      bands.push({ series: [index + 1, target + 1], fill: withAlpha(strokeOf(one, tokens), Math.max(style.fill, 0.1)) })
    }
  })
  return bands.length === 0 ? {} : { bands }
}

function seriesOptions(series: ChartSeries, model: ChartModel, tokens: ChartTokens, paths: Paths): uPlot.Series {
  const stroke = strokeOf(series, tokens)
  if (series.style !== undefined) return styledOptions(series, stroke, series.style, paths)
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
    ...(model.kind === 'bars' && paths.bars !== undefined ? { paths: paths.bars } : {}),
  }
}

function styledOptions(
  series: ChartSeries,
  stroke: string,
  style: NonNullable<ChartSeries['style']>,
  paths: Paths,
): uPlot.Series {
  const path = pathOf(style, paths)
  const dash = style.dash ?? (style.draw === 'line' && style.fill === 0 ? dashOf(series.colour) : undefined)
  const isPoints = style.draw === 'points'
  return {
    label: series.name,
    scale: style.axis === 'right' ? 'right' : 'y',
    show: series.isHidden !== true,
    stroke,
    width: isPoints ? 0 : style.draw === 'bars' ? Math.min(1, style.width) : style.width,
    spanGaps: style.bridge === true,
    points: { show: isPoints || style.points, size: style.pointPx, fill: stroke, stroke },
    ...(style.fill > 0 && !isPoints ? { fill: withAlpha(stroke, style.fill) } : {}),
    ...(dash === undefined ? {} : { dash: [...dash] }),
    // No line between points, but the points.
    ...(isPoints ? { paths: () => null } : path === undefined ? {} : { paths: path }),
  }
}

function pathOf({ draw, path }: NonNullable<ChartSeries['style']>, paths: Paths): uPlot.Series.PathBuilder | undefined {
  if (draw === 'bars') return paths.bars
  if (path === 'smooth') return paths.smooth
  if (path === 'step-before') return paths.stepBefore
  return path === 'step-after' ? paths.stepAfter : undefined
}

/** `#rrggbb` with an opacity; other forms stay opaque. */
function withAlpha(colour: string, alpha: number): string {
  if (!/^#[0-9a-f]{6}$/i.test(colour)) return colour
  return `${colour}${Math.round(Math.min(1, alpha) * 255)
    .toString(16)
    .padStart(2, '0')}`
}
