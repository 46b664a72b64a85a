import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatFloatFixed, formatFloatSample, parseGoFloat } from './go-float.ts'

describe('floats as Go prints them', () => {
  const cases: [number, string, string][] = [
    [0, '0', '0'],
    [-0, '-0', '-0'],
    [1, '1', '1'],
    [0.1, '0.1', '0.1'],
    [123456789.125, '123456789.125', '123456789.125'],
    [1e20, '100000000000000000000', '100000000000000000000'],
    [1e21, '1000000000000000000000', '1e+21'],
    [-1.5e21, '-1500000000000000000000', '-1.5e+21'],
    [1e-6, '0.000001', '0.000001'],
    [1.5e-7, '0.00000015', '1.5e-07'],
    [5e-324, `0.${'0'.repeat(323)}5`, '5e-324'],
    [Number.MAX_VALUE, `17976931348623157${'0'.repeat(292)}`, '1.7976931348623157e+308'],
    [NaN, 'NaN', 'NaN'],
    [Infinity, '+Inf', '+Inf'],
    [-Infinity, '-Inf', '-Inf'],
  ]
  it.each(cases)('%d', (value, fixed, sample) => {
    expect(formatFloatFixed(value)).toBe(fixed)
    expect(formatFloatSample(value)).toBe(sample)
  })

  it('reads back what it prints', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(parseGoFloat(formatFloatFixed(value))).toBe(value)
        expect(parseGoFloat(formatFloatSample(value))).toBe(value)
      }),
    )
  })
})
