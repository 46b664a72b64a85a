import { describe, expect, it } from 'vitest'
import { StoreChanges } from './store-changes.ts'

describe('counters of what was written', () => {
  it('tell metrics and tables apart, in all threads that share them', () => {
    const writer = new StoreChanges()
    const reader = new StoreChanges(writer.memory)
    const look = (): readonly number[] => [
      reader.seriesOf('up'),
      reader.seriesOf('down'),
      reader.seriesOf(undefined),
      reader.of('slots'),
      reader.of('histograms'),
    ]
    expect(look()).toEqual([0, 0, 0, 0, 0])
    writer.wroteSeries(['up'])
    expect(look()).toEqual([1, 0, 1, 0, 0])
    writer.wroteSeries(['up', 'down'])
    expect(look()).toEqual([2, 1, 2, 0, 0])
    writer.wrote('slots')
    writer.wrote('histograms')
    expect(look()).toEqual([2, 1, 2, 1, 1])
  })
})
