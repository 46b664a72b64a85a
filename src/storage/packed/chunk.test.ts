import { describe, expect, it } from 'vitest'
import { STALE_NAN_HIGH, STALE_NAN_LOW } from '../../model/index.ts'
import { isStaleChunk, samplesOfChunk, UnpackedSamples } from './decode-chunk.ts'
import { ChunkEncoder } from './encode-chunk.ts'

const SLOT_MS = 1_790_000_100_000
const encoder = new ChunkEncoder()

/** Numbers from a seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

function staleMarker(): Float64Array {
  const value = new Float64Array(1)
  new Uint32Array(value.buffer).set([STALE_NAN_LOW, STALE_NAN_HIGH])
  return value
}

function listOf(values: readonly (number | 'stale')[]): Float64Array {
  const list = new Float64Array(values.length)
  values.forEach((value, i) => {
    list.set(value === 'stale' ? staleMarker() : Float64Array.of(value), i)
  })
  return list
}

const every = (stepMs: number, count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => SLOT_MS + 137 + i * stepMs)

/** What comes back after packing, to the bit, between other numbers that must stay. */
function packed(timesMs: Float64Array, values: Float64Array): number {
  const chunk = encoder.encode({ timesMs, values, from: 0, to: values.length, slotMs: SLOT_MS })
  const bytes = new Uint8Array(chunk.length + 10).fill(0xee)
  bytes.set(chunk, 3)
  const found = new UnpackedSamples(
    new Float64Array(values.length + 4).fill(7),
    new Float64Array(values.length + 4).fill(7),
  )
  expect(samplesOfChunk(bytes, 3)).toBe(values.length)
  expect(found.unpack(bytes, 3, 3 + chunk.length, SLOT_MS, 2)).toBe(values.length + 2)
  const times = new Float64Array(values.length + 4).fill(7)
  times.set(timesMs, 2)
  expect(Buffer.from(found.timesMs.buffer).equals(Buffer.from(times.buffer))).toBe(true)
  const expected = new Float64Array(values.length + 4).fill(7)
  expected.set(values, 2)
  expect(Buffer.from(found.values.buffer).equals(Buffer.from(expected.buffer))).toBe(true)
  return chunk.length
}

describe('a chunk of samples', () => {
  it.each([
    ['counters', Array.from({ length: 60 }, (_, i) => 1e6 + i * 17), 60],
    ['large counters', Array.from({ length: 60 }, (_, i) => 2 ** 51 + i * 1e6), 240],
    ['resets', [5e9, 5e9 + 1, 3, 4, 5], 8 * 5],
    ['decimals', Array.from({ length: 60 }, (_, i) => Math.round(Math.sin(i) * 1e4) / 1e3), 120],
    ['the same', Array.from({ length: 60 }, () => 0.1), 8],
    ['one', [3.7], 8],
    ['doubles', Array.from({ length: 60 }, (_, i) => Math.sqrt(i + 2)), 8 * 60],
    ['numbers that are none', [1, Number.NaN, Infinity, -Infinity, 2], 40],
    ['negative zero', [0, -0, 0, 1], 32],
    ['tiny and huge', [5e-324, 1.7e308, 2 ** 53, 2 ** 53 + 2], 32],
  ])('gives %s back to the bit', (_, values, bytes) => {
    expect(packed(every(15_000, values.length), listOf(values))).toBeLessThanOrEqual(bytes + 24)
  })

  it('keeps stale markers, and says that there are some', () => {
    const values = listOf([1, 2, 'stale', 4, Number.NaN])
    packed(every(15_000, 5), values)
    packed(every(15_000, 3), listOf(['stale', 'stale', 'stale']))
    packed(every(15_000, 1), listOf(['stale']))
    const flag = (list: Float64Array): boolean =>
      isStaleChunk(
        encoder.encode({ timesMs: every(1, list.length), values: list, from: 0, to: list.length, slotMs: SLOT_MS }),
        0,
      )
    expect(flag(values)).toBe(true)
    expect(flag(listOf([1, Number.NaN]))).toBe(false)
  })

  it('gives times back, whatever they are', () => {
    const random = randomOf(3)
    for (const jitterMs of [0, 1, 100, 5_000, 200_000]) {
      const timesMs = Float64Array.from(
        { length: 40 },
        (_, i) => SLOT_MS + 1 + i * 15_000 + Math.floor(random() * jitterMs),
      )
      const ascending = timesMs.sort().filter((time, i) => i === 0 || time > (timesMs[i - 1] ?? 0))
      packed(
        ascending,
        Float64Array.from(ascending, (_, i) => i * i),
      )
    }
    // At the end of the slot, and a sample a millisecond.
    packed(Float64Array.of(SLOT_MS + 900_000), Float64Array.of(1))
    packed(
      Float64Array.from({ length: 60_000 }, (_, i) => SLOT_MS + 1 + i),
      Float64Array.from({ length: 60_000 }, (_, i) => i % 7),
    )
  })

  it('gives anything back', () => {
    const random = randomOf(11)
    for (let round = 0; round < 2_000; round++) {
      const count = 1 + Math.floor(random() * 70)
      const places = 10 ** Math.floor(random() * 9)
      const width = 10 ** (random() * 12)
      let value = random() * width
      const values = listOf(
        Array.from({ length: count }, () => {
          const dice = random()
          if (dice < 0.01) return 'stale'
          value = dice < 0.3 ? value : dice < 0.6 ? value + random() * 100 : (random() - 0.5) * width
          return Math.round(value * places) / places
        }),
      )
      packed(every(1 + Math.floor(random() * 12_000), count), values)
    }
  })

  it('is refused when its bytes are not whole', () => {
    const values = listOf([1, 2, 3.5, 4])
    const chunk = encoder.encode({ timesMs: every(10, 4), values, from: 0, to: 4, slotMs: SLOT_MS }).slice()
    const into = new UnpackedSamples(new Float64Array(10), new Float64Array(10))
    expect(() => into.unpack(chunk, 0, chunk.length - 1, SLOT_MS, 0)).toThrow('no chunk')
    for (const at of [0, 1]) {
      const broken = chunk.slice()
      broken[at] = 0x7f
      expect(() => into.unpack(broken, 0, broken.length, SLOT_MS, 0)).toThrow('no chunk')
    }
  })
})
