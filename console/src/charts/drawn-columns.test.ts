import { describe, expect, it } from 'vitest'
import { axisRange, drawnColumns, logTicks } from './drawn-columns.ts'
import type { ChartModel, ChartSeries, SeriesStyle } from './time-chart-model.ts'

const STYLE: SeriesStyle = {
  draw: 'line',
  width: 1,
  fill: 0,
  path: 'linear',
  points: false,
  pointPx: 5,
  axis: 'left',
  isInTooltip: true,
}
const series = (id: string, values: (number | null)[], style: Partial<SeriesStyle> = {}): ChartSeries => ({
  id,
  name: id,
  values,
  colour: 0,
  style: { ...STYLE, ...style },
})
const model = (list: readonly ChartSeries[], more: Partial<ChartModel> = {}): ChartModel => ({
  times: [0, 10, 20, 30],
  series: list,
  kind: 'lines',
  unit: 'short',
  fromS: 0,
  toS: 30,
  ...more,
})

describe('what is drawn', () => {
  it('stacks by groups, below zero downwards, others not at all', () => {
    const stack = { group: 'A', isPercent: false }
    const drawn = drawnColumns(
      model([
        series('a', [1, 1, null, 1], { stack }),
        series('b', [2, 2, 2, 2], { stack }),
        series('c', [-1, -1, -1, -1], { stack }),
        series('d', [9, 9, 9, 9]),
      ]),
    )
    expect(drawn).toEqual([
      [1, 1, 0, 1],
      [3, 3, 2, 3],
      [-1, -1, -1, -1],
      [9, 9, 9, 9],
    ])
  })

  it('keeps gaps that all of a stack have, and those of bars', () => {
    const stack = { group: 'A', isPercent: false }
    const holes = (draw: 'line' | 'bars') =>
      drawnColumns(model([series('a', [1, null, null], { stack, draw }), series('b', [2, 2, null], { stack, draw })]))
    expect(holes('line')).toEqual([
      [1, 0, null],
      [3, 2, null],
    ])
    expect(holes('bars')).toEqual([
      [1, null, null],
      [3, 2, null],
    ])
  })

  it('fills a percent stack to one', () => {
    const stack = { group: 'A', isPercent: true }
    const drawn = drawnColumns(model([series('a', [1, 0, 1, 0], { stack }), series('b', [3, 0, 0, 2], { stack })]))
    expect(drawn).toEqual([
      [0.25, null, 1, 0],
      [1, null, 1, 1],
    ])
  })

  it('bridges gaps that are short enough', () => {
    expect(drawnColumns(model([series('a', [1, null, 2, 3], { bridge: 20 })]))).toEqual([[1, undefined, 2, 3]])
    expect(drawnColumns(model([series('a', [1, null, 2, 3], { bridge: 10 })]))).toEqual([[1, null, 2, 3]])
  })

  it('keeps the limits of an axis, and powers on a logarithmic one', () => {
    const one = model([series('a', [3, 40, 0, null])], { axes: { left: { unit: 'short', min: 0, max: 100 } } })
    expect(axisRange(one, drawnColumns(one), 'left')).toEqual([0, 100])
    const log = model([series('a', [3, 40, 0, null])], { axes: { left: { unit: 'short', log: 10 } } })
    expect(axisRange(log, drawnColumns(log), 'left')).toEqual([1, 100])
    expect(logTicks([1, 1_000], 10).map(Math.round)).toEqual([1, 10, 100, 1_000])
    expect(logTicks([1, 1e30], 10).length).toBeLessThanOrEqual(9)
  })
})
