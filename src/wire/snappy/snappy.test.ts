import fc from 'fast-check'
import { compress, uncompress } from 'snappyjs'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../core/index.ts'
import { mutateBytes } from '../testing/mutate.ts'
import { snappyCompress, snappyUncompress } from './index.ts'

const LIMIT = 1 << 20

/** Bytes with repetitions near and far, which is what a compressor has to find. */
const repetitive = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 90 }), fc.integer({ min: 1, max: 40 })), { maxLength: 40 })
  .map((parts) =>
    Uint8Array.from(parts.flatMap(([bytes, times]) => Array.from({ length: times }, () => [...bytes]).flat())),
  )

const bytes = (...values: readonly (number | string)[]): Uint8Array =>
  Buffer.concat(values.map((value) => (typeof value === 'string' ? Buffer.from(value) : Buffer.from([value]))))

function codeOf(work: () => unknown): string {
  try {
    work()
    return 'ok'
  } catch (reason) {
    if (!(reason instanceof AppError)) throw reason
    return reason.code
  }
}

describe('snappy', () => {
  it('uncompresses what it and snappyjs compress, and snappyjs what it does', () => {
    fc.assert(
      fc.property(fc.oneof(repetitive, fc.uint8Array({ maxLength: 3_000 })), (input) => {
        const own = snappyCompress(input)
        expect(Buffer.from(snappyUncompress(own, LIMIT)).equals(input)).toBe(true)
        expect(Buffer.from(uncompress(own)).equals(input)).toBe(true)
        expect(Buffer.from(snappyUncompress(compress(input), LIMIT)).equals(input)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('compresses input of several blocks, as well as snappyjs does', () => {
    const lines = Array.from(
      { length: 6_000 },
      (_, i) => `http_requests_total{path="/items/${String(i % 97)}"} ${String(i * 31)}\n`,
    )
    const input = Buffer.from(lines.join(''))
    const own = snappyCompress(input)
    expect(Buffer.from(snappyUncompress(own, LIMIT)).equals(input)).toBe(true)
    expect(own.length).toBeLessThan(1.05 * compress(input).length)
    const noise = fc.sample(fc.uint8Array({ minLength: 200_000, maxLength: 200_000, size: 'max' }), {
      numRuns: 1,
      seed: 1,
    })[0]
    if (noise === undefined) throw new Error('BUG: no sample')
    expect(Buffer.from(snappyUncompress(snappyCompress(noise), LIMIT)).equals(noise)).toBe(true)
  })

  it.each([
    ['nothing at all', bytes(), 'invalid'],
    ['an empty block', bytes(0), 'ok'],
    ['a literal', bytes(3, 0x08, 'abc'), 'ok'],
    ['a literal with a length of one byte', bytes(3, 0xf0, 2, 'abc'), 'ok'],
    ['a literal with a length of four bytes', bytes(3, 0xfc, 2, 0, 0, 0, 'abc'), 'ok'],
    ['a copy over itself', bytes(7, 0x00, 'a', 0x09, 1), 'ok'],
    ['a copy with four bytes of offset', bytes(5, 0x00, 'a', 0x0f, 1, 0, 0, 0), 'ok'],
    ['a literal that is cut off', bytes(3, 0x08, 'ab'), 'invalid'],
    ['a literal whose length is cut off', bytes(3, 0xf4, 2), 'invalid'],
    ['a literal of four gigabytes', bytes(3, 0xfc, 255, 255, 255, 255, 'abc'), 'invalid'],
    ['a literal behind the end', bytes(2, 0x08, 'abc'), 'invalid'],
    ['a copy from before the beginning', bytes(5, 0x00, 'a', 0x01, 2), 'invalid'],
    ['a copy from nowhere', bytes(5, 0x00, 'a', 0x01, 0), 'invalid'],
    ['a copy behind the end', bytes(4, 0x00, 'a', 0x01, 1), 'invalid'],
    ['a copy that is cut off', bytes(5, 0x00, 'a', 0x02, 1), 'invalid'],
    ['less than was declared', bytes(4, 0x08, 'abc'), 'invalid'],
    ['a length that does not end', bytes(0xff, 0xff, 0xff, 0xff, 0xff, 0x01), 'invalid'],
    ['a length that is cut off', bytes(0xff, 0xff), 'invalid'],
    ['a length that so few bytes can not hold', bytes(0x80, 0x80, 0x10, 0x08, 'abc'), 'invalid'],
    ['a length of four gigabytes', bytes(0xff, 0xff, 0xff, 0xff, 0x0f), 'too_large'],
  ])('%s', (_, input, code) => {
    expect(codeOf(() => snappyUncompress(input, LIMIT))).toBe(code)
  })

  it('holds the limit to the byte, and names it', () => {
    const input = snappyCompress(new Uint8Array(1_000))
    expect(snappyUncompress(input, 1_000)).toHaveLength(1_000)
    expect(() => snappyUncompress(input, 999)).toThrow(/1000 bytes when uncompressed, over the limit of 999/)
  })

  it('comes to the verdict of snappyjs on damaged input, and never fails otherwise', () => {
    const samples = [
      snappyCompress(Buffer.from('abcdabcdabcdxyz'.repeat(30))),
      snappyCompress(Buffer.from('aaaaaaaaabbbb')),
    ]
    let refused = 0
    for (let seed = 0; seed < 5_000; seed++) {
      const input = mutateBytes(samples, seed)
      const own = codeOf(() => snappyUncompress(input, 4_096))
      if (own !== 'ok') {
        refused += 1
        continue
      }
      // What is accepted is what the peer reads.
      expect(Buffer.from(snappyUncompress(input, 4_096)).equals(Buffer.from(uncompress(input)))).toBe(true)
    }
    expect(refused).toBeGreaterThan(1_000)
  })
})
