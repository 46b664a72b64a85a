import fc from 'fast-check'
import { expect, it } from 'vitest'
import { joinList, parseAddress, splitList, writeAddress } from './address.ts'

it('reads back what it wrote, whatever is in it', () => {
  const value = fc.oneof(fc.string({ unit: 'grapheme' }), fc.array(fc.string({ unit: 'grapheme' }), { minLength: 2 }))
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), value), (state) => {
      expect(parseAddress(writeAddress(state))).toEqual({ ...state })
    }),
  )
})

it('keeps queries legible', () => {
  expect(writeAddress({ q: 'rate(up{job="a"}[5m])', from: 'now-1h', env: 'prd,stg', tz: undefined })).toBe(
    '?q=rate(up{job=%22a%22}%5B5m%5D)&from=now-1h&env=prd,stg',
  )
})

it('splits and joins lists', () => {
  expect(splitList('a,,b,a')).toEqual(['a', 'b'])
  expect(splitList(undefined)).toEqual([])
  expect(joinList([])).toBeUndefined()
})
