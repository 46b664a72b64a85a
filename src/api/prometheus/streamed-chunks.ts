import type { SeriesSamples } from '../../query/index.ts'
import { ProtoWriter } from '../../wire/index.ts'
import { writeLabels } from './read-response.ts'
import { encodeXorChunk, SAMPLES_PER_CHUNK } from './xor-chunk.ts'

/*
 * A stream of prometheus.ChunkedReadResponse, each as uvarint length, CRC32 (Castagnoli) of the message in big-endian,
 * message. ChunkedReadResponse: chunked_series = 1, query_index = 2. ChunkedSeries: labels = 1, chunks = 2. Chunk:
 * min_time_ms = 1, max_time_ms = 2, type = 3 (1: XOR), data = 4.
 */

/** Prometheus' own bound of a message; a series that is larger is continued in the next one. */
const MAX_FRAME_BYTES = 1_048_576
const XOR = 1

/** The floats of the series, for each query by its number. */
export function writeStreamedChunks(results: readonly (readonly SeriesSamples[])[]): Uint8Array {
  const out = new ProtoWriter(4_096)
  const frame = new ProtoWriter(4_096)
  results.forEach((found, query) => {
    for (const series of found) {
      let from = 0
      while (from < series.timesMs.length) {
        frame.reset()
        const message = frame.begin(1)
        writeLabels(frame, series)
        const first = from
        while (from < series.timesMs.length && (from === first || frame.view().length < MAX_FRAME_BYTES)) {
          from = writeChunk(frame, series, from)
        }
        frame.end(message)
        if (query > 0) frame.int64(2, query)
        const bytes = frame.view()
        out.varint32(bytes.length)
        const sum = Buffer.alloc(4)
        sum.writeUInt32BE(crc32c(bytes))
        out.raw(sum)
        out.raw(bytes)
      }
    }
  })
  return out.finish()
}

/** Where the next chunk begins. */
function writeChunk(frame: ProtoWriter, { timesMs, values }: SeriesSamples, from: number): number {
  const to = Math.min(from + SAMPLES_PER_CHUNK, timesMs.length)
  const chunk = frame.begin(2)
  frame.int64(1, timesMs[from] ?? 0)
  frame.int64(2, timesMs[to - 1] ?? 0)
  frame.uint32(3, XOR)
  frame.bytes(4, encodeXorChunk(timesMs, values, from, to))
  frame.end(chunk)
  return to
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
