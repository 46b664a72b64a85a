import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sparklinePath } from './sparkline-path.ts'

const WIDTH = 104
const HEIGHT = 22

describe('sparklinePath', () => {
  it('draws from zero at the bottom to the highest value near the top', () => {
    const { line, areas, gaps, last } = sparklinePath([0, 5, 10], WIDTH, HEIGHT)
    expect(line).toBe('M2 21L52 12L102 3')
    expect(areas).toBe('M2 21L52 12L102 3L102 21L2 21z')
    expect(gaps).toEqual([])
    expect(last).toEqual({ x: 102, y: 3 })
  })

  it('breaks the line at a gap and marks where it is', () => {
    const { line, gaps } = sparklinePath([1, 1, null, null, 1, 1], WIDTH, HEIGHT)
    expect(line).toBe('M2 3L22 3M82 3L102 3')
    expect(gaps).toEqual([{ x: 32, width: 40 }])
  })

  it('fills from edge to edge what is not known before and after', () => {
    const { gaps, last } = sparklinePath([null, null, 4, 4, null], WIDTH, HEIGHT)
    expect(gaps).toEqual([
      { x: 0, width: 39.5 },
      { x: 89.5, width: 14.5 },
    ])
    expect(last).toEqual({ x: 77, y: 3 })
  })

  it('draws one value alone as a dash', () => {
    expect(sparklinePath([null, 2, null], WIDTH, HEIGHT).line).toBe('M27 3L77 3')
    expect(sparklinePath([null, null, 2], WIDTH, HEIGHT).line).toBe('M77 3L102 3')
  })

  it.each([
    ['nothing', []],
    ['nothing known', [null, null, null]],
  ])('draws no line for %s', (_, values) => {
    expect(sparklinePath(values, WIDTH, HEIGHT)).toMatchObject({ line: '', areas: '', last: undefined })
  })

  it('draws a flat zero as a line at the bottom', () => {
    expect(sparklinePath([0, 0], WIDTH, HEIGHT).line).toBe('M2 21L102 21')
  })

  it('stays inside its box, whatever the values', () => {
    const value = fc.option(fc.double({ min: 0, max: 1e12, noNaN: true }))
    fc.assert(
      fc.property(fc.array(value, { maxLength: 130 }), (values) => {
        const { line, areas, gaps } = sparklinePath(values, WIDTH, HEIGHT)
        for (const [, x, y] of `${line}${areas}`.matchAll(/[ML]([^ ]+) ([^MLz]+)/g)) {
          expect(Number(x)).toBeGreaterThanOrEqual(0)
          expect(Number(x)).toBeLessThanOrEqual(WIDTH)
          expect(Number(y)).toBeGreaterThanOrEqual(0)
          expect(Number(y)).toBeLessThanOrEqual(HEIGHT)
        }
        for (const { x, width } of gaps) {
          expect(x).toBeGreaterThanOrEqual(0)
          expect(width).toBeGreaterThan(0)
          expect(x + width).toBeLessThanOrEqual(WIDTH + 0.1)
        }
      }),
    )
  })
})
