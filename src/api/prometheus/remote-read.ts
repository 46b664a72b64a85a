import { AppError } from '../../core/index.ts'
import type { Labels } from '../../model/index.ts'
import { clampTimeMs, compareLabels, matchesEmpty, piecesOf, type SeriesSamples } from '../../query/index.ts'
import { snappyCompress } from '../../wire/index.ts'
import type { ApiHandler, HandlerContext } from '../handlers/handler.ts'
import { type ApiRequest, type ApiResponse, textResponse } from '../messages.ts'
import { encodeTimeSeries, writeReadResponse } from './read-response.ts'
import { parseReadRequest, type ReadQuery } from './remote-read-request.ts'
import { encodeFrames } from './streamed-chunks.ts'

/** All of an answer as it is encoded; more is refused before anything is sent. */
const MAX_ANSWER_BYTES = 268_435_456
const STREAMED = 'application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse'

/**
 * `/api/v1/read`, by which Prometheus and Thanos read from here. Each series is encoded when it comes out of the store, so
 * that an answer is held as it is sent, a byte or two a sample in chunks, and never as samples. It cannot be sent
 * sooner: readers merge series and need them in the order of their labels.
 */
export const remoteRead: ApiHandler = async (request, context) => {
  try {
    return await answer(request, context)
  } catch (reason) {
    const error = AppError.from(reason)
    if (error.code !== 'invalid' && error.code !== 'too_large') throw error
    return textResponse(`${error.message}\n`, error.code === 'invalid' ? 400 : 413)
  }
}

async function answer(request: ApiRequest, context: HandlerContext): Promise<ApiResponse> {
  if (request.body === undefined) throw new AppError('invalid', 'a read is a POST of application/x-protobuf')
  const { queries, streamed } = parseReadRequest(request.body)
  const room = { bytes: MAX_ANSWER_BYTES }
  const results: Uint8Array[][] = []
  for (const [number, query] of queries.entries()) {
    const encode = (series: SeriesSamples): Uint8Array =>
      streamed ? encodeFrames(series, number) : encodeTimeSeries(series)
    results.push(await encodedSeries(query, { encode, room }, context))
  }
  if (streamed) return { status: 200, headers: { 'content-type': STREAMED }, body: joined(results.flat()) }
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
  return { status: 200, headers, body: Uint8Array.from(snappyCompress(writeReadResponse(results))) }
}

interface Encoding {
  readonly encode: (series: SeriesSamples) => Uint8Array
  /** What is left of the answer's bound. */
  readonly room: { bytes: number }
}

/** In the order of the labels. Stale markers stay in: the reader's own engine must see them. */
async function encodedSeries(
  { matchers, startMs, endMs }: ReadQuery,
  { encode, room }: Encoding,
  { sources, scope, signal }: HandlerContext,
): Promise<Uint8Array[]> {
  if (matchers.every(matchesEmpty)) throw new AppError('invalid', 'a read must name series by a non-empty matcher')
  if (endMs < startMs) return []
  const range = { startMs: clampTimeMs(startMs - 1), endMs: clampTimeMs(endMs) }
  const found: { readonly labels: Labels; readonly bytes: Uint8Array }[] = []
  for await (const piece of piecesOf(sources.metrics, scope, { matchers, range }, signal)) {
    for (const series of piece) {
      const bytes = encode(series)
      if (bytes.length === 0) continue
      room.bytes -= bytes.length
      if (room.bytes < 0) {
        const most = String(MAX_ANSWER_BYTES / 1_048_576)
        throw new AppError('too_large', `the answer exceeds ${most} MiB: narrow the selectors or the range`)
      }
      found.push({ labels: series.labels, bytes })
    }
  }
  return found.sort((a, b) => compareLabels(a.labels, b.labels)).map(({ bytes }) => bytes)
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
