import { expect, it } from 'vitest'
import type { ChartModel, ChartSeries } from './time-chart-model.ts'
import { listedAt, shownAt } from './tooltip-rows.ts'

const series = (id: string, value: number | null, more: Partial<ChartSeries> = {}): ChartSeries => ({
  id,
  name: id,
  values: [value],
  colour: 0,
  ...more,
})

const modelOf = (list: readonly ChartSeries[], tooltip?: ChartModel['tooltip']): ChartModel => ({
  times: [0],
  series: list,
  kind: 'lines',
  unit: 'short',
  fromS: 0,
  toS: 1,
  ...(tooltip === undefined ? {} : { tooltip }),
})

const idsOf = (model: ChartModel, focused?: string): string[] =>
  listedAt(shownAt(model, 0, focused), model, focused).map((at) => model.series[at]?.id ?? '')

it('lists what has a value, the highest first', () => {
  const model = modelOf([
    series('low', -1),
    series('none', null),
    series('high', 2),
    series('off', 9, { isHidden: true }),
  ])
  expect(idsOf(model)).toEqual(['high', 'low'])
})

it('has the nearest series among twelve, though others are higher', () => {
  const model = modelOf(Array.from({ length: 30 }, (_, at) => series(`s${at}`, 30 - at)))
  expect(idsOf(model)).toEqual(Array.from({ length: 12 }, (_, at) => `s${at}`))
  expect(idsOf(model, 's3')).toHaveLength(12)
  expect(idsOf(model, 's29')).toEqual([...Array.from({ length: 11 }, (_, at) => `s${at}`), 's29'])
  expect(shownAt(model, 0, 's29')).toHaveLength(30)
})

it('lists one where a dashboard wants one, and all while none is near', () => {
  const model = modelOf([series('a', 1), series('b', 2)], 'single')
  expect(idsOf(model, 'a')).toEqual(['a'])
  expect(idsOf(model)).toEqual(['b', 'a'])
})
