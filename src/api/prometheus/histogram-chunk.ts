import { STALE_NAN_HIGH, STALE_NAN_LOW } from '../../model/index.ts'
import { type FloatHistogram, type ResetHint, spansOf } from '../../query/index.ts'
import { BitWriter } from './bit-writer.ts'
import { writeVarbit, writeVarbitUnsigned } from './varbit.ts'
import { XorWindow } from './xor-window.ts'

/*
 * Prometheus' chunk of float histograms (tsdb/docs/format/chunks.md): two bytes with the number of samples, a byte
 * whose two highest bits say whether the first of them is a reset, then bits:
 *
 *     layout     zero threshold (a byte for powers of two, else 255 and 64 bits), varbit schema, spans of the positive
 *                and of the negative buckets (their number; each length and offset), with custom bounds these
 *     sample 0   varbit time, 64 bits each: count, zero count, sum, positive and negative buckets
 *     others     varbit delta of the time's delta, then the same numbers, each XORed with its own last one
 *
 * All samples have one layout, and none but the first can be a reset.
 */

const HEADERS: Readonly<Record<ResetHint, number>> = { unknown: 0, 'not-reset': 0x40, reset: 0x80, gauge: 0xc0 }

/** The schema of histograms whose bounds are listed. */
const CUSTOM_BOUNDS = -53

/** A histogram, or undefined for a stale marker. */
type Sample = FloatHistogram | undefined

/** Whether the sample can stand in the chunk behind the one before it. A stale marker gets a chunk of its own. */
export function continuesChunk(previous: Sample, next: Sample): boolean {
  if (previous === undefined || next === undefined) return false
  const isGauge = previous.resetHint === 'gauge'
  if (isGauge ? next.resetHint !== 'gauge' : next.resetHint !== 'not-reset') return false
  return (
    previous.schema === next.schema &&
    previous.zeroThreshold === next.zeroThreshold &&
    equalNumbers(previous.customValues, next.customValues) &&
    equalNumbers(previous.positive.indexes, next.positive.indexes) &&
    equalNumbers(previous.negative.indexes, next.negative.indexes)
  )
}

function equalNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** The chunk of the samples from `from` to `to`, each of which continues the one before it. */
export function encodeHistogramChunk(
  timesMs: Float64Array,
  histograms: readonly Sample[],
  from: number,
  to: number,
): Uint8Array {
  const first = histograms[from]
  const out = new BitWriter(512)
  out.number(to - from, 16)
  out.number(HEADERS[first?.resetHint ?? 'unknown'], 8)
  // Of a stale marker: no threshold, schema 0, no buckets.
  if (first === undefined) out.number(0, 11)
  else writeLayout(out, first)
  let words = wordsOf(first)
  let delta = 0
  writeVarbit(out, timesMs[from] ?? 0)
  for (let i = 0; i < words.length; i += 2) out.halves(words[i + 1] ?? 0, words[i] ?? 0, 64)
  const windows = Array.from({ length: words.length / 2 }, () => new XorWindow(out))
  for (let at = from + 1; at < to; at++) {
    const next = (timesMs[at] ?? 0) - (timesMs[at - 1] ?? 0)
    writeVarbit(out, next - delta)
    delta = next
    const changed = wordsOf(histograms[at])
    windows.forEach((window, i) => {
      const low = (changed[2 * i] ?? 0) ^ (words[2 * i] ?? 0)
      const high = (changed[2 * i + 1] ?? 0) ^ (words[2 * i + 1] ?? 0)
      window.write(high >>> 0, low >>> 0)
    })
    words = changed
  }
  return out.finish()
}

/** The numbers of a sample in their order, as halves of 32 bits, the low ones first. */
function wordsOf(histogram: Sample): Uint32Array {
  if (histogram === undefined) return Uint32Array.of(0, 0, 0, 0, STALE_NAN_LOW, STALE_NAN_HIGH)
  const { count, zeroCount, sum, positive, negative } = histogram
  const numbers = Float64Array.from([count, zeroCount, sum, ...positive.counts, ...negative.counts])
  return new Uint32Array(numbers.buffer)
}

function writeLayout(
  out: BitWriter,
  { schema, zeroThreshold, positive, negative, customValues }: FloatHistogram,
): void {
  writeZeroThreshold(out, zeroThreshold)
  writeVarbit(out, schema)
  for (const buckets of [positive, negative]) {
    const { offsets, lengths } = spansOf(buckets)
    writeVarbitUnsigned(out, offsets.length)
    offsets.forEach((offset, i) => {
      writeVarbitUnsigned(out, lengths[i] ?? 0)
      writeVarbit(out, offset)
    })
  }
  if (schema !== CUSTOM_BOUNDS) return
  writeVarbitUnsigned(out, customValues.length)
  for (const bound of customValues) writeBound(out, bound)
}

/** 2^-243 … 2^10 in a byte. */
function writeZeroThreshold(out: BitWriter, threshold: number): void {
  const exponent = Math.log2(threshold)
  const isPower = Number.isInteger(exponent) && 2 ** exponent === threshold
  if (threshold === 0) out.number(0, 8)
  else if (isPower && exponent >= -243 && exponent <= 10) out.number(exponent + 244, 8)
  else {
    out.number(255, 8)
    writeFloat(out, threshold)
  }
}

/** Thousandths if that is exact and short, from 1 on; else 0 and the float. */
function writeBound(out: BitWriter, bound: number): void {
  const thousandths = Math.round(bound * 1000)
  if (bound >= 0 && bound * 1000 <= 33_554_430 && thousandths / 1000 === bound) {
    writeVarbitUnsigned(out, thousandths + 1)
    return
  }
  out.number(0, 1)
  writeFloat(out, bound)
}

function writeFloat(out: BitWriter, value: number): void {
  const [low = 0, high = 0] = new Uint32Array(Float64Array.of(value).buffer)
  out.halves(high, low, 64)
}
