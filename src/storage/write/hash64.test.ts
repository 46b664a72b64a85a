import { describe, expect, it } from 'vitest'
import { Hash64 } from './hash64.ts'

function hashOf(...parts: readonly string[]): string {
  const hash = new Hash64()
  hash.start()
  for (const part of parts) hash.text(part)
  hash.finish()
  return (hash.high >>> 0).toString(16).padStart(8, '0') + (hash.low >>> 0).toString(16).padStart(8, '0')
}

describe('Hash64', () => {
  it('computes what it always did: ids are on disk', () => {
    expect([hashOf(), hashOf(''), hashOf('a'), hashOf('tenant', '__name__', 'up'), hashOf('ü'.repeat(900))]).toEqual([
      '0000000000000000',
      '807d6ca435109b44',
      'd8d4430ea925a841',
      'b4741b6f8c0b14ea',
      'fbc267204f776b76',
    ])
  })

  it('tells parts apart that make the same text', () => {
    const spellings = [hashOf('ab', 'c'), hashOf('a', 'bc'), hashOf('abc'), hashOf('abc', ''), hashOf('abc\0')]
    expect(new Set(spellings).size).toBe(spellings.length)
  })

  it('spreads similar label sets over both lanes without a collision', () => {
    const seen = new Set<string>()
    const buckets = { low: new Uint32Array(256), high: new Uint32Array(256) }
    const hash = new Hash64()
    const count = 200_000
    for (let i = 0; i < count; i++) {
      hash.start()
      hash.text('pod')
      hash.text(`checkout-${String(i % 1000)}`)
      hash.text('le')
      hash.text(String(Math.floor(i / 1000)))
      hash.finish()
      seen.add(`${String(hash.low)},${String(hash.high)}`)
      buckets.low[hash.low & 255] = (buckets.low[hash.low & 255] ?? 0) + 1
      buckets.high[hash.high >>> 24] = (buckets.high[hash.high >>> 24] ?? 0) + 1
    }
    expect(seen.size).toBe(count)
    const even = count / 256
    for (const lane of [buckets.low, buckets.high]) {
      const chiSquare = lane.reduce((sum, found) => sum + (found - even) ** 2 / even, 0)
      // 255 degrees of freedom: beyond 350 is less likely than one in ten thousand.
      expect(chiSquare).toBeLessThan(350)
    }
  })

  it('changes about half of the bits when one bit of the input changes', () => {
    const view = new DataView(new ArrayBuffer(20))
    const hash = new Hash64()
    const lanes = (): readonly [number, number] => {
      hash.start(1, 2)
      hash.bytes(view, 0, 20)
      hash.finish()
      return [hash.low, hash.high]
    }
    for (let bit = 0; bit < 160; bit++) {
      let changed = 0
      for (let round = 0; round < 50; round++) {
        for (let at = 0; at < 20; at += 4) view.setInt32(at, Math.imul(round + 1, 0x9e3779b1 + at), true)
        const [low, high] = lanes()
        view.setUint8(bit >> 3, view.getUint8(bit >> 3) ^ (1 << (bit & 7)))
        const [otherLow, otherHigh] = lanes()
        changed += ones(low ^ otherLow) + ones(high ^ otherHigh)
      }
      expect(changed / 50).toBeGreaterThan(26)
      expect(changed / 50).toBeLessThan(38)
    }
  })
})

function ones(value: number): number {
  let count = 0
  for (let rest = value; rest !== 0; rest &= rest - 1) count++
  return count
}
