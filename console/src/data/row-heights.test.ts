import fc from 'fast-check'
import { expect, it } from 'vitest'
import { RowHeights } from './row-heights.ts'

it('agrees with adding up, for every row', () => {
  const changes = fc.array(fc.tuple(fc.nat({ max: 40 }), fc.integer({ min: 1, max: 300 })))
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), changes, (count, list) => {
      const rows = new RowHeights(count, 20)
      const plain = new Array<number>(count).fill(20)
      for (const [index, height] of list) {
        rows.set(index, height)
        if (index < count) plain[index] = height
      }
      let offset = 0
      for (const [index, height] of plain.entries()) {
        expect(rows.offsetOf(index)).toBe(offset)
        expect(rows.indexAt(offset)).toBe(index)
        expect(rows.indexAt(offset + height - 0.5)).toBe(index)
        offset += height
      }
      expect(rows.total).toBe(offset)
      expect(rows.indexAt(offset + 100)).toBe(count - 1)
    }),
  )
})

it('has no rows', () => {
  const rows = new RowHeights(0, 20)
  expect(rows.total).toBe(0)
  expect(rows.indexAt(10)).toBe(0)
})
