import type { SeriesStyle } from './time-chart-model.ts'

/** A line with the area under it filled, 0 to 1: for a chart of one series, where nothing can hide behind it. */
export function areaStyle(fill: number): SeriesStyle {
  return {
    draw: 'line',
    width: 1.5,
    fill,
    path: 'linear',
    points: false,
    pointPx: 4,
    axis: 'left',
    isInTooltip: true,
  }
}
