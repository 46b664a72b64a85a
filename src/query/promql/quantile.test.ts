import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { interpolatedQuantile, quantileOfMany } from './quantile.ts'
import { SortedWindow } from './sorted-window.ts'

// Zeros of both signs are equal: which of them is the quantile is nobody's business.
const value = fc.oneof(
  fc.double({ noNaN: false }).map((one) => (one === 0 ? 0 : one)),
  fc.constantFrom(1, 2, 3, NaN, Infinity, -Infinity),
)
const quantile = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 0.5, 1, -1, 2, NaN))

describe('a quantile', () => {
  it('of many values is that of all in order', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 300 }), quantile, (values, q) => {
        const list = Float64Array.from([...values, 7, 7])
        expect(quantileOfMany(q, list, values.length)).toBe(interpolatedQuantile(q, values))
      }),
    )
  })

  it('of a window is that of what is in it, wherever it moves to', () => {
    const moves = fc.array(fc.tuple(fc.nat(90), fc.nat(90)), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(fc.array(value, { minLength: 400, maxLength: 400 }), moves, quantile, (values, steps, q) => {
        const list = Float64Array.from(values)
        const window = new SortedWindow()
        window.begin(list)
        let [from, to] = [0, 0]
        for (const [out, into] of steps) {
          to = Math.min(list.length, to + into)
          from = Math.min(to, from + out)
          if (from === to) continue
          window.moveTo(from, to)
          expect(window.quantile(q)).toBe(interpolatedQuantile(q, list.subarray(from, to)))
        }
      }),
      { numRuns: 200 },
    )
  })
})
