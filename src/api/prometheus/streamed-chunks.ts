import type { HistogramSamples, SeriesSamples } from '../../query/index.ts'
import { ProtoWriter } from '../../wire/index.ts'
import { continuesChunk, encodeHistogramChunk } from './histogram-chunk.ts'
import { writeLabels } from './read-response.ts'
import { encodeXorChunk, SAMPLES_PER_CHUNK } from './xor-chunk.ts'

/*
 * A stream of prometheus.ChunkedReadResponse, each as uvarint length, CRC32 (Castagnoli) of the message in big-endian,
 * message. ChunkedReadResponse: chunked_series = 1, query_index = 2. ChunkedSeries: labels = 1, chunks = 2. Chunk:
 * min_time_ms = 1, max_time_ms = 2, type = 3 (1: XOR, 3: float histograms), data = 4.
 */

/** Prometheus' own bound of a message; a series that is larger is continued in the next one. */
const MAX_FRAME_BYTES = 1_048_576
const XOR = 1
const FLOAT_HISTOGRAM = 3

/** The messages of a series, as the answer to the query with this number. Empty if it has no samples. */
export function encodeFrames(series: SeriesSamples, query: number): Uint8Array {
  const out = new ProtoWriter(1_024)
  const frame = new ProtoWriter(4_096)
  const chunks = chunksOf(series)
  for (let next = chunks.next(); next.done !== true; ) {
    frame.reset()
    const message = frame.begin(1)
    writeLabels(frame, series)
    do {
      writeChunk(frame, next.value)
      next = chunks.next()
    } while (next.done !== true && frame.view().length < MAX_FRAME_BYTES)
    frame.end(message)
    if (query > 0) frame.int64(2, query)
    const bytes = frame.view()
    out.varint32(bytes.length)
    const sum = Buffer.alloc(4)
    sum.writeUInt32BE(crc32c(bytes))
    out.raw(sum)
    out.raw(bytes)
  }
  return out.finish()
}

interface Chunk {
  readonly type: number
  readonly firstMs: number
  readonly lastMs: number
  readonly data: Uint8Array
}

/** In the order of time: a chunk has floats or histograms, so it ends where the other kind begins. */
function* chunksOf({ timesMs, values, histograms = NONE }: SeriesSamples): Generator<Chunk, undefined> {
  let [float, histogram] = [0, 0]
  while (float < timesMs.length || histogram < histograms.timesMs.length) {
    const floatMs = timesMs[float] ?? Infinity
    const histogramMs = histograms.timesMs[histogram] ?? Infinity
    if (floatMs < histogramMs) {
      const to = endOf(timesMs, float, histogramMs)
      const data = encodeXorChunk(timesMs, values, float, to)
      yield { type: XOR, firstMs: floatMs, lastMs: timesMs[to - 1] ?? 0, data }
      float = to
    } else {
      const to = endOfHistograms(histograms, histogram, floatMs)
      const data = encodeHistogramChunk(histograms.timesMs, histograms.values, histogram, to)
      yield { type: FLOAT_HISTOGRAM, firstMs: histogramMs, lastMs: histograms.timesMs[to - 1] ?? 0, data }
      histogram = to
    }
  }
}

const NONE: HistogramSamples = { timesMs: new Float64Array(0), values: [] }

/** Where a chunk that begins at `from` ends at the latest: it may hold no sample of `untilMs` or later. */
function endOf(timesMs: Float64Array, from: number, untilMs: number): number {
  const most = Math.min(from + SAMPLES_PER_CHUNK, timesMs.length)
  let to = from + 1
  while (to < most && (timesMs[to] ?? 0) < untilMs) to += 1
  return to
}

function endOfHistograms({ timesMs, values }: HistogramSamples, from: number, untilMs: number): number {
  const most = endOf(timesMs, from, untilMs)
  let to = from + 1
  while (to < most && continuesChunk(values[to - 1], values[to])) to += 1
  return to
}

function writeChunk(frame: ProtoWriter, { type, firstMs, lastMs, data }: Chunk): void {
  const chunk = frame.begin(2)
  frame.int64(1, firstMs)
  frame.int64(2, lastMs)
  frame.uint32(3, type)
  frame.bytes(4, data)
  frame.end(chunk)
}

/** The polynomial 0x1EDC6F41 with its bits reversed. */
const CASTAGNOLI = 0x82f63b78
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte
  for (let i = 0; i < 8; i++) sum = (sum & 1) === 0 ? sum >>> 1 : (sum >>> 1) ^ CASTAGNOLI
  return sum
})

function crc32c(bytes: Uint8Array): number {
  let sum = 0xffff_ffff
  for (const byte of bytes) sum = (sum >>> 8) ^ (TABLE[(sum ^ byte) & 0xff] ?? 0)
  return (sum ^ 0xffff_ffff) >>> 0
}
