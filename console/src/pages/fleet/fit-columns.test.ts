import { expect, it } from 'vitest'
import { fitColumns } from './fit-columns.ts'

const columns = [
  { id: 'a', width: 100 },
  { id: 'b', width: 50, leaves: 2 },
  { id: 'c', width: 50, leaves: 1 },
  { id: 'd', width: 50 },
]

it.each([
  [250, 'abcd'],
  [249, 'abd'],
  [200, 'abd'],
  [199, 'ad'],
  // What must stay stays, even without room.
  [10, 'ad'],
])('%d px hold %s', (available, expected) => {
  expect(
    fitColumns(columns, available)
      .map(({ id }) => id)
      .join(''),
  ).toBe(expected)
})
