import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toAge, toBytes, toCount, toDigits, toDuration, toPercent, toRate, toText } from './quantity.ts'

/** With a plain space, so that the tables can be read. */
const text = (quantity: Parameters<typeof toText>[0]): string => toText(quantity).replaceAll('\u00a0', ' ')

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

describe('toDigits', () => {
  it.each([
    [0, '0'],
    [1, '1'],
    [1.5, '1.5'],
    [1.234, '1.23'],
    [12.34, '12.3'],
    [99.96, '100'],
    [123.4, '123'],
    [-4.2, '−4.2'],
    [-0.0, '0'],
  ])('%d is %s', (value, digits) => expect(toDigits(value)).toBe(digits))
})

describe('toRate', () => {
  it.each([
    [0, '0'],
    [0.01, '< 0.1 /s'],
    [0.04999, '< 0.1 /s'],
    [0.05, '0.1 /s'],
    [0.4, '0.4 /s'],
    [8.7667, '8.8 /s'],
    [9.97, '10 /s'],
    [43.24, '43.2 /s'],
    [99.97, '100 /s'],
    [480, '480 /s'],
    [999.4, '999 /s'],
    [999.6, '1.00 k/s'],
    [1_240, '1.24 k/s'],
    [6_400, '6.40 k/s'],
    [40_000, '40.0 k/s'],
    [228_900, '229 k/s'],
    [999_700, '1.00 M/s'],
    [3.2e15, '3200 T/s'],
  ])('%d is %s', (perSecond, expected) => expect(text(toRate(perSecond))).toBe(expected))

  it('never says nothing for something, and has at most three digits below a thousand T', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 9e14, noNaN: true }), (perSecond) => {
        const { digits } = toRate(perSecond)
        expect(digits).not.toBe('0')
        expect(
          digits
            .replace('< ', '')
            .replace(/^0?\.?/, '')
            .replace('.', '').length,
        ).toBeLessThanOrEqual(3)
      }),
    )
  })
})

describe('toBytes', () => {
  it.each([
    [0, '0'],
    [1, '1 B'],
    [1_023, '1023 B'],
    [1_024, '1 KiB'],
    [13.4 * 1_048_576, '13.4 MiB'],
    [512 * 1_048_576, '512 MiB'],
    [1.49 * 1_073_741_824, '1.49 GiB'],
  ])('%d is %s', (bytes, expected) => expect(text(toBytes(bytes))).toBe(expected))
})

describe('toDuration', () => {
  it.each([
    [0, '0 ms'],
    [38.4, '38 ms'],
    [999.4, '999 ms'],
    [999.6, '1 s'],
    [1_840, '1.84 s'],
    [48_000, '48 s'],
    [59_940, '59.9 s'],
    [59_960, '1 min'],
    [6 * MINUTE + 12 * SECOND, '6 min 12 s'],
    [2 * HOUR + 29 * MINUTE, '2 h 29 min'],
    [2 * HOUR, '2 h'],
    [47 * HOUR + 59 * MINUTE, '47 h 59 min'],
    [2 * DAY, '2 d'],
    [19.9 * DAY, '19 d'],
  ])('%d is %s', (ms, expected) => expect(text(toDuration(ms))).toBe(expected))
})

describe('toAge', () => {
  it.each([
    [-300, '0.0 s'],
    [400, '0.4 s'],
    [9_999, '9.9 s'],
    [10_000, '10 s'],
    [59_999, '59 s'],
    [MINUTE, '1 min'],
    [6 * MINUTE + 59 * SECOND, '6 min'],
    [HOUR, '1 h'],
    [2 * DAY - 1, '47 h'],
    [212 * DAY, '212 d'],
  ])('%d is %s', (ms, expected) => expect(text(toAge(ms))).toBe(expected))
})

describe('toPercent', () => {
  it.each([
    [0, '0 %'],
    [0.0004, '< 0.1 %'],
    [0.001, '0.1 %'],
    [0.5, '50 %'],
    [0.9991, '> 99.9 %'],
    [1, '100 %'],
  ])('%d is %s', (share, expected) => expect(text(toPercent(share))).toBe(expected))
})

describe('toCount', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1\u202f000'],
    [46_944_118, '46\u202f944\u202f118'],
  ])('%d is %s', (value, expected) => expect(toCount(value)).toBe(expected))
})
