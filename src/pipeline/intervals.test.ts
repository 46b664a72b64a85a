import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Intervals, type SequenceRange } from './intervals.ts'

const range = fc
  .tuple(fc.nat({ max: 60 }), fc.nat({ max: 8 }))
  .map(([first, length]): SequenceRange => ({ first, last: first + length }))

function members(ranges: readonly SequenceRange[]): ReadonlySet<number> {
  return new Set(
    ranges.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, index) => first + index)),
  )
}

describe('intervals', () => {
  it('hold what a set of numbers would hold, in as few ranges as possible', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 30 }), range, (added, wanted) => {
        const intervals = new Intervals()
        for (const each of added) intervals.add(each)
        const expected = members(added)
        const numbers = members([wanted])
        expect(members(intervals.ranges)).toEqual(expected)
        expect(members(intervals.held(wanted))).toEqual(new Set([...numbers].filter((number) => expected.has(number))))
        expect(members(intervals.missing(wanted))).toEqual(
          new Set([...numbers].filter((number) => !expected.has(number))),
        )
        for (const [index, { first }] of intervals.ranges.entries()) {
          if (index > 0) expect(first).toBeGreaterThan((intervals.ranges[index - 1]?.last ?? 0) + 1)
        }
        expect(new Intervals(intervals.ranges).ranges).toEqual(intervals.ranges)
      }),
      { numRuns: 500 },
    )
  })
})
