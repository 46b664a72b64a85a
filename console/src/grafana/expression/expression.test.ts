import { describe, expect, it } from 'vitest'
import type { Frame } from '../frame.ts'
import { evaluate } from './index.ts'
import { MathError } from './math.ts'

const series = (refId: string, cluster: string, values: (number | null)[]): Frame => ({
  refId,
  fields: [
    { name: 'Time', labels: {}, type: 'time', values: values.map((_, at) => at * 1_000) },
    { name: 'Value', labels: { cluster }, displayName: cluster, type: 'number', values },
  ],
})
const FRAMES = [
  series('A', 'a', [1, 2, null]),
  series('A', 'b', [4, 6, 8]),
  series('B', 'b', [2, 3, 4]),
  series('B', 'a', [1, 1, 1]),
]
const valuesOf = (target: Readonly<Record<string, unknown>>): unknown =>
  Object.fromEntries(
    (evaluate({ refId: 'C', ...target }, FRAMES) ?? []).map(({ name, fields }) => [name, fields[1]?.values]),
  )

describe('expressions', () => {
  it.each([
    ['$A / $B', { a: [1, 2, null], b: [2, 2, 2] }],
    ['($A + 1) * -2', { a: [-4, -6, null], b: [-10, -14, -18] }],
    ['2 ** 3 ** 0 + ${B} % 2', { b: [2, 3, 2], a: [3, 3, 3] }],
    ['$B >= 3 && $B < 4', { b: [0, 1, 0], a: [0, 0, 0] }],
    ['is_null($A) || 0', { a: [0, 0, 1], b: [0, 0, 0] }],
    ['1 + 2 * 3', { C: [7] }],
    ['!($B - 2)', { b: [1, 0, 0], a: [0, 0, 0] }],
  ])('%s', (expression, values) => {
    expect(valuesOf({ type: 'math', expression })).toEqual(values)
  })

  it.each(['$X', '1 +', '(1', 'foo(1)', '1 1', '@', ')', '('.repeat(5_000)])(
    '%s is refused with a reason',
    (expression) => {
      expect(() => evaluate({ type: 'math', expression }, FRAMES)).toThrow(MathError)
    },
  )

  it('reduces and compares', () => {
    expect(valuesOf({ type: 'reduce', expression: 'A', reducer: 'max' })).toEqual({ a: [2], b: [8] })
    expect(valuesOf({ type: 'reduce', expression: '$A', reducer: 'last' })).toEqual({ a: [null], b: [8] })
    expect(valuesOf({ type: 'reduce', expression: 'A', reducer: 'last', settings: { mode: 'dropNN' } })).toEqual({
      a: [2],
      b: [8],
    })
    const conditions = [{ evaluator: { type: 'gt', params: [5] } }]
    expect(valuesOf({ type: 'threshold', expression: 'A', conditions })).toEqual({ a: [0, 0, null], b: [0, 1, 1] })
    expect(evaluate({ type: 'sql' }, FRAMES)).toBeUndefined()
  })
})
