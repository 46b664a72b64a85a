import { expect, it } from 'vitest'
import { colourIndexes, dashOf, reserveColours } from './series-colours.ts'

it('a name keeps its colour, whatever stands beside it', () => {
  expect(colourIndexes(['a', 'b', 'c'])).toEqual([0, 1, 2])
  expect(colourIndexes(['c', 'a'])).toEqual([2, 0])
})

it('two names of one chart never share a colour', () => {
  reserveColours(['x1', 'x2'])
  const indexes = colourIndexes(['a', 'x1', 'x2', 'b'])
  expect(new Set(indexes).size).toBe(4)
})

it('above ten, nine have colours and the others share one', () => {
  const indexes = colourIndexes(Array.from({ length: 30 }, (_, index) => `many-${index}`))
  expect(new Set(indexes.slice(0, 9)).size).toBe(9)
  expect(indexes.slice(9).every((one) => one === 'other')).toBe(true)
})

it('the last colours have a dash', () => {
  expect(dashOf(0)).toBeUndefined()
  expect(dashOf(7)).toEqual([6, 3])
})
