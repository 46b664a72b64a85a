import type { Quantity } from '../format/quantity.ts'
import type { Unit } from '../format/units.ts'
import type { ColourIndex } from './series-colours.ts'

export interface ChartSeries {
  /** Unique in its chart. */
  readonly id: string
  readonly name: string
  readonly values: readonly (number | null)[]
  readonly colour: ColourIndex
  /** A colour of its own instead, such as that of a log level: a CSS colour. */
  readonly css?: string
  readonly isHidden?: boolean
  /** How it is drawn where a dashboard says so; else as its chart. */
  readonly style?: SeriesStyle
  /** Its value in words, where the chart's unit is not its own. */
  readonly write?: (value: number | null) => Quantity
}

export interface SeriesStyle {
  readonly draw: 'line' | 'bars' | 'points'
  readonly width: number
  /** 0 to 1. */
  readonly fill: number
  readonly dash?: readonly number[]
  readonly path: 'linear' | 'smooth' | 'step-before' | 'step-after'
  readonly points: boolean
  readonly pointPx: number
  /** Gaps are bridged: all of them, or those shorter than so many seconds. */
  readonly bridge?: true | number
  readonly axis: 'left' | 'right'
  /** Series of one group stand on each other; those of a percent stack fill it. */
  readonly stack?: { readonly group: string; readonly isPercent: boolean }
  /** The name of the series down to which the area is filled. */
  readonly fillTo?: string
  readonly isInTooltip: boolean
}

/** One of the value axes, where a dashboard says more of it than the unit. */
export interface AxisLook {
  readonly unit: Unit
  readonly prefix?: string
  readonly suffix?: string
  readonly label?: string
  readonly min?: number
  readonly max?: number
  readonly softMin?: number
  readonly softMax?: number
  /** Base of a logarithmic scale. */
  readonly log?: 2 | 10
}

/** Between two values, in a colour of its own. */
export interface ThresholdArea {
  readonly from: number
  readonly to: number
  readonly css: string
}

/** Something that happened: a line at its time, and words. */
export interface ChartEvent {
  readonly atS: number
  readonly toS?: number
  readonly words: string
  readonly css: string
}

export interface ChartExemplar {
  readonly atS: number
  readonly value: number
  readonly traceId: string
  /** Of another scale than the series: it does not stretch the axis, and stands at its edge. */
  readonly isOffScale?: boolean
}

export interface Threshold {
  readonly value: number
  readonly words: string
  /** A CSS colour; that of warnings without one. */
  readonly css?: string
}

export type ChartKind = 'lines' | 'stacked' | 'bars'

export interface ChartModel {
  readonly times: readonly number[]
  readonly series: readonly ChartSeries[]
  readonly kind: ChartKind
  readonly unit: Unit
  readonly exemplars?: readonly ChartExemplar[]
  readonly thresholds?: readonly Threshold[]
  readonly areas?: readonly ThresholdArea[]
  readonly events?: readonly ChartEvent[]
  readonly axes?: { readonly left: AxisLook; readonly right?: AxisLook }
  /** What the tooltip lists: all series, the nearest, or nothing. */
  readonly tooltip?: 'all' | 'single' | 'none'
  /** Seconds since the epoch: the range that the axis shows, which may be longer than the data. */
  readonly fromS: number
  readonly toS: number
}

/**
 * The values as they are drawn: for stacks each series on top of those before it, a gap only where all have one. The
 * drawing order is from the last to the first, so that lower areas lie in front.
 */
export function stackValues(series: readonly ChartSeries[]): readonly (readonly (number | null)[])[] {
  const sums: number[] = []
  return series.map(({ values, isHidden }) =>
    values.map((value, index) => {
      if (isHidden === true) return null
      const sum = (sums[index] ?? 0) + (value ?? 0)
      sums[index] = sum
      return value === null ? null : sum
    }),
  )
}

/** Least and greatest of what is drawn; zero belongs to it for everything but lines far away from zero. */
export function valueRange(
  columns: readonly (readonly (number | null)[])[],
  more: readonly number[],
  kind: ChartKind,
): readonly [number, number] {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  const look = (value: number | null): void => {
    if (value === null) return
    if (value < min) min = value
    if (value > max) max = value
  }
  for (const column of columns) for (const value of column) look(value)
  for (const value of more) look(value)
  if (min > max) return [0, 1]
  const isFar = kind === 'lines' && min > 0 && max > min && (max - min) / max < 0.1
  const low = isFar ? min - (max - min) * 0.2 : Math.min(0, min)
  const high = max === low ? low + 1 : max
  return [low, high + (high - low) * 0.04]
}

/** The index of the last step with any value, or -1: after it nothing has arrived yet. */
export function lastKnown(columns: readonly (readonly (number | null | undefined)[])[]): number {
  let last = -1
  for (const column of columns) {
    for (let index = column.length - 1; index > last; index -= 1) if (column[index] != null) last = index
  }
  return last
}

/** The index of the value nearest to `target` in an ascending list. */
export function nearestIndex(values: readonly number[], target: number): number {
  let low = 0
  let high = values.length - 1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((values[middle] ?? 0) <= target) low = middle
    else high = middle
  }
  return Math.abs((values[low] ?? 0) - target) <= Math.abs((values[high] ?? 0) - target) ? low : high
}

export interface SeriesStats {
  readonly min: number | null
  readonly mean: number | null
  readonly max: number | null
  readonly last: number | null
}

export function statsOf(values: readonly (number | null)[]): SeriesStats {
  let count = 0
  let sum = 0
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  let last: number | null = null
  for (const value of values) {
    if (value === null) continue
    count += 1
    sum += value
    if (value < min) min = value
    if (value > max) max = value
    last = value
  }
  return count === 0 ? { min: null, mean: null, max: null, last: null } : { min, mean: sum / count, max, last }
}
