import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isStaleAt, STALE_NAN_BYTES } from '../../model/index.ts'
import { ascending, hasConflict } from './sample-order.ts'

const sample = fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 3 }))

describe('ascending', () => {
  it('gives every pair once, in the order of the times', () => {
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 60 }), (samples) => {
        const found = ascending(
          Float64Array.from(samples, ([time]) => time),
          Float64Array.from(samples, ([, value]) => value),
        )
        const pairs = [...found.timesMs].map((time, i) => `${String(time)}=${String(found.values[i])}`)
        expect([...found.timesMs]).toEqual([...found.timesMs].sort((a, b) => a - b))
        const wanted = new Set(samples.map(([time, value]) => `${String(time)}=${String(value)}`))
        expect(new Set(pairs)).toEqual(wanted)
        const distinctTimes = new Set(samples.map(([time]) => time)).size
        if (wanted.size === distinctTimes) expect(pairs).toHaveLength(distinctTimes)
        expect(hasConflict(found)).toBe(pairs.length > distinctTimes)
      }),
    )
  })

  it('keeps the bits of stale markers on every way through it', () => {
    const stale = new Float64Array(STALE_NAN_BYTES.slice().buffer)
    const values = new Float64Array(4)
    for (const times of [
      [1, 2, 3, 4],
      [3, 4, 1, 2],
      [1, 3, 2, 4],
    ]) {
      values.set(stale, 1)
      const found = ascending(Float64Array.from(times), values)
      const words = new Uint32Array(found.values.buffer, found.values.byteOffset, 2 * found.values.length)
      const at = [...found.timesMs].indexOf(times[1] ?? 0)
      expect(isStaleAt(words, at)).toBe(true)
    }
  })
})
