import { describe, expect, it } from 'vitest'
import { decompressZstd } from './zstd.ts'

const TEXT = Array.from({ length: 200 }, (_, i) => `line ${String(i)} of a text that repeats itself\n`).join('')
const read = (base64: string): Buffer => Buffer.from(base64, 'base64')

/** Made by the reference program: from a stream, with its size known, and with a window of 128 MiB. */
const STREAMED = read(
  'KLUv/QRY/QcAAg8lGKAlaQMAEV/8NuafuauKsrJ7p0we1OFmDJmZmZmZiIiIiIh3d3d3d2ZmZmZmVVVVVVX///+/bdu23bZt2xIRERHRzMzMzAxlZmZmZiIiIiIi3t3d3d2ZmZmZmVVVVVVV/f///7Zt23bbtm1LRERERIlndZcGIRAFwKAghUKMQhnIACEYZQgooxSQMoYxEBgzCIEoAoDHqCH49v8NwDOq1RL4/z9BoIN//+//7/v3//v/+///f/9/XztxM80t0irRKs8qzSrLKskqjlWKVYZV3GAFFCEIQjSEoghBEoSoCDH+Vn6rb/GtvaW38hbedu62Xf/P//znjye66NOq40CXxA==',
)
const SIZED = read(
  'KLUv/WQKHYUJAIaVLRaQqXAMYP3Cx0LN3t1OUoSUkqLuPDgBMgAnAB8AZlVVVVVVRERERET//y8rKikoJyYlNEBQMBQHQRRHwEAYCTkCg0OOhXFIQAQHGTEMhEL///M8z/M8z/O8u7u7u6uqqqqqmpmZmZmJiIiIiHh3d3d3Z2ZmZhb3fd/3fdu2bdu2bdt2Xdd1Xdd1XdM0TdM0TdP0//9/+77v+77v+67ruq7ruq7reZ7neZ7neY7jOI7jOI7j930HgMioEeD5/T8D0BvVARJIEPj/TxDo8AfEVKVKqlIVValKqlSlVKpSKVWpmqpUZVWqwhIzxO0wGW6FiXAbTIJbYAIcIVWplqpUTVWqsipVaZWq1EpVqqUqVdP+kt/Wl/i2vaS35SW87S7Z7RgyS8aSWdJpiosApArjQJfE',
)
const WIDE = read(
  'KLUv/QCI/QcAAg8lGKAlaQMAEV/8NuafuauKsrJ7p0we1OFmDJmZmZmZiIiIiIh3d3d3d2ZmZmZmVVVVVVX///+/bdu23bZt2xIRERHRzMzMzAxlZmZmZiIiIiIi3t3d3d2ZmZmZmVVVVVVV/f///7Zt23bbtm1LRERERIlndZcGIRAFwKAghUKMQhnIACEYZQgooxSQMoYxEBgzCIEoAoDHqCH49v8NwDOq1RL4/z9BoIN//+//7/v3//v/+///f/9/XztxM80t0irRKs8qzSrLKskqjlWKVYZV3GAFFCEIQjSEoghBEoSoCDH+Vn6rb/GtvaW38hbedu62Xf/P//znjye66NOq',
)

/** A frame by hand: the header, and blocks of one repeated byte. */
function frameOf(header: readonly number[], blocks: readonly { size: number; isLast: boolean }[]): Uint8Array {
  const bytes = blocks.flatMap(({ size, isLast }) => {
    const head = (size << 3) | (1 << 1) | Number(isLast)
    return [head & 0xff, (head >> 8) & 0xff, (head >> 16) & 0xff, 0x61]
  })
  return Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, ...header, ...bytes])
}

describe('decompressZstd', () => {
  it.each([
    ['of a stream', STREAMED],
    ['with its size', SIZED],
    ['that begins again', Buffer.concat([STREAMED, SIZED])],
    ['behind a frame to be skipped', Buffer.concat([Buffer.from('502a4d180300000078797a', 'hex'), STREAMED])],
  ])('reads a frame %s', (_what, input) => {
    const text = decompressZstd(input, 1_000_000).toString()
    expect(text.startsWith(TEXT)).toBe(true)
    expect(text.length % TEXT.length).toBe(0)
  })

  it('reads blocks of one byte, and nothing', () => {
    const frame = frameOf(
      [0, 0x38],
      [
        { size: 131_072, isLast: false },
        { size: 5, isLast: true },
      ],
    )
    expect(decompressZstd(frame, 200_000).equals(Buffer.alloc(131_077, 'a'))).toBe(true)
    expect(decompressZstd(new Uint8Array(0), 10).length).toBe(0)
  })

  it('stops at the limit, and takes what is just as large', () => {
    expect(decompressZstd(STREAMED, TEXT.length).length).toBe(TEXT.length)
    expect(() => decompressZstd(STREAMED, TEXT.length - 1)).toThrow(expect.objectContaining({ code: 'too_large' }))
    const many = Array.from({ length: 10_000 }, () => ({ size: 131_072, isLast: false }))
    const bomb = frameOf([0, 0x38], [...many, { size: 1, isLast: true }])
    expect(() => decompressZstd(bomb, 1_000_000)).toThrow(expect.objectContaining({ code: 'too_large' }))
  })

  it.each([
    ['a window of 128 MiB', WIDE],
    ['a window of 2 GiB', frameOf([0, 0xa8], [{ size: 1, isLast: true }])],
    ['a dictionary', frameOf([1, 0x38, 7], [{ size: 1, isLast: true }])],
    ['a reserved bit', frameOf([8, 0x38], [{ size: 1, isLast: true }])],
    ['a block larger than any', frameOf([0, 0x38], [{ size: 131_073, isLast: true }])],
    ['no last block', frameOf([0, 0x38], [{ size: 9, isLast: false }])],
    ['an end in the middle', STREAMED.subarray(0, -9)],
    ['something else behind it', Buffer.concat([STREAMED, Buffer.from('0123456789')])],
    ['gzip', Buffer.from('1f8b0800000000000003', 'hex')],
    ['a single byte', Uint8Array.of(0x28)],
  ])('refuses %s', (_what, input) => {
    expect(() => decompressZstd(input, 10_000_000)).toThrow(expect.objectContaining({ code: 'invalid' }))
  })

  it('refuses very many tiny blocks, which would cost hours', () => {
    const tiny = Array.from({ length: 400_000 }, () => ({ size: 100, isLast: false }))
    const frame = frameOf([0, 0x68], [...tiny, { size: 1, isLast: true }])
    expect(() => decompressZstd(frame, 100_000_000)).toThrow(/too many blocks/)
  })

  it('survives damage at any byte', () => {
    for (const sample of [STREAMED, SIZED]) {
      for (let at = 0; at < sample.length; at++) {
        const damaged = Buffer.from(sample)
        damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8))
        try {
          expect(decompressZstd(damaged, 1_000_000).length).toBeLessThanOrEqual(1_000_000)
        } catch (reason) {
          expect(reason).toMatchObject({ name: 'AppError' })
        }
      }
    }
  })
})
