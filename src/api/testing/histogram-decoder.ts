import { BitReader, floatOf, XorReader } from './bit-reader.ts'

interface DecodedHistograms {
  /** The two bits of what the first is to the one before the chunk. */
  readonly header: number
  readonly schema: number
  readonly zeroThreshold: number
  readonly positiveSpans: readonly (readonly [offset: number, length: number])[]
  readonly negativeSpans: readonly (readonly [offset: number, length: number])[]
  readonly customValues: readonly number[]
  /** `[milliseconds, count, zero count, sum, …positive, …negative]` */
  readonly samples: readonly (readonly number[])[]
}

const WIDTHS = [0, 3, 6, 9, 12, 18, 25, 56, 64]

/** A chunk of float histograms; written from the format, not from the encoder. */
export function decodeHistogramChunk(data: Uint8Array): DecodedHistograms {
  const from = new BitReader(data)
  const varbit = (): number => {
    const width = WIDTHS[from.ones(8)] ?? 0
    if (width === 64) return Number(BigInt.asIntN(64, from.bits(64)))
    return width === 0 ? 0 : Number(from.signed(width))
  }
  const unsigned = (): number => Number(from.bits(WIDTHS[from.ones(8)] ?? 0))
  const times = <T>(count: number, of: () => T): T[] => Array.from({ length: count }, of)
  const spans = (): [number, number][] =>
    times(unsigned(), () => {
      const length = unsigned()
      return [varbit(), length]
    })
  const bound = (): number => {
    const thousandths = unsigned()
    return thousandths === 0 ? from.float() : (thousandths - 1) / 1000
  }
  const count = Number(from.bits(16))
  const header = Number(from.bits(8)) >> 6
  const power = Number(from.bits(8))
  const zeroThreshold = power === 255 ? from.float() : power === 0 ? 0 : 2 ** (power - 244)
  const schema = varbit()
  const [positiveSpans, negativeSpans] = [spans(), spans()]
  const customValues = schema === -53 ? times(unsigned(), bound) : []
  let time = varbit()
  const buckets = [...positiveSpans, ...negativeSpans].reduce((sum, [, length]) => sum + length, 0)
  const first = times(3 + buckets, () => from.bits(64))
  const readers = first.map((bits) => new XorReader(from, bits))
  const samples = [[time, ...first.map(floatOf)]]
  let delta = 0
  for (let i = 1; i < count; i++) {
    delta += varbit()
    time += delta
    samples.push([time, ...readers.map((reader) => reader.next())])
  }
  return { header, schema, zeroThreshold, positiveSpans, negativeSpans, customValues, samples }
}
