import fc from 'fast-check'
import protobuf from 'protobufjs'
import { describe, expect, it } from 'vitest'
import { ProtoReader, ProtoWriter } from './index.ts'

describe('ProtoWriter and ProtoReader', () => {
  it('agree with protobufjs on scalars and strings of every length', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        fc.double({ noNaN: true }),
        fc.string({ maxLength: 300, unit: 'binary' }),
        (big, int, float, text) => {
          const writer = new ProtoWriter(1)
          writer.int64(1, big)
          writer.sint32(2, int)
          writer.double(3, float)
          const start = writer.begin(4)
          writer.string(5, text)
          writer.end(start)
          const bytes = writer.finish()

          const peer = protobuf.Reader.create(bytes)
          peer.uint32()
          expect(BigInt(String(peer.uint64() as unknown as bigint))).toBe(big)
          peer.uint32()
          expect(peer.sint32()).toBe(int)
          peer.uint32()
          expect(peer.double()).toBe(float)
          peer.uint32()
          peer.uint32()
          peer.uint32()
          expect(peer.string()).toBe(text)

          const reader = new ProtoReader(bytes)
          reader.next()
          expect(reader.uint64()).toBe(big)
          reader.next()
          expect(reader.sint32()).toBe(int)
          reader.next()
          expect(reader.double()).toBe(float)
          reader.next()
          const outer = reader.enter()
          reader.next()
          expect(reader.field).toBe(5)
          expect(reader.string()).toBe(text)
          reader.leave(outer)
          expect(reader.next()).toBe(false)
        },
      ),
    )
  })

  it('skips values of every kind', () => {
    const writer = new ProtoWriter()
    writer.string(1, 'hello')
    writer.int64(2, -1)
    writer.double(3, 1.5)
    writer.fixed32(4, 7)
    writer.string(5, 'end')
    const reader = new ProtoReader(writer.finish())
    const fields: number[] = []
    while (reader.next()) {
      fields.push(reader.field)
      reader.skip()
    }
    expect(fields).toEqual([1, 2, 3, 4, 5])
  })

  it('never reads past the end of truncated input', () => {
    const writer = new ProtoWriter()
    writer.string(1, 'hello')
    const whole = writer.finish()
    for (let length = 1; length < whole.length; length++) {
      const reader = new ProtoReader(whole.subarray(0, length))
      reader.next()
      expect(() => reader.string()).toThrow(/protobuf/)
    }
  })

  it('refuses tags and lengths of more than 32 bits, whose lower bits would say something else', () => {
    // A length of 2^32, which would be none at all.
    const long = new ProtoReader(Uint8Array.from([0x0a, 0x80, 0x80, 0x80, 0x80, 0x10]))
    long.next()
    expect(() => long.string()).toThrow(/a length of more than 32 bits/)
    expect(() => new ProtoReader(Uint8Array.from([0x8a, 0x80, 0x80, 0x80, 0x10, 0x00])).next()).toThrow(/a tag of more/)
    expect(() => new ProtoReader(Uint8Array.from([0x8a])).next()).toThrow(/truncated/)
  })
})
