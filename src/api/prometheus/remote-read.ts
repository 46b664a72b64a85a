import { AppError } from '../../core/index.ts'
import { clampTimeMs, compareLabels, matchesEmpty, type SeriesSamples } from '../../query/index.ts'
import { snappyCompress } from '../../wire/index.ts'
import type { ApiHandler, HandlerContext } from '../handlers/handler.ts'
import { type ApiRequest, type ApiResponse, textResponse } from '../messages.ts'
import { writeReadResponse } from './read-response.ts'
import { parseReadRequest, type ReadQuery, type ReadRequest } from './remote-read-request.ts'
import { writeStreamedChunks } from './streamed-chunks.ts'

/** All samples of an answer together; more are refused before anything is written. */
const MAX_SAMPLES = 50_000_000

/**
 * `/api/v1/read`, by which Prometheus and Thanos read from here. Streamed chunks are sent to who prefers them, unless
 * there are native histograms in the answer: then it has samples, which every client takes too.
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
  const read = parseReadRequest(request.body)
  const results: (readonly SeriesSamples[])[] = []
  let left = MAX_SAMPLES
  for (const query of read.queries) {
    const found = await select(query, context)
    for (const { timesMs, histograms } of found) left -= timesMs.length + (histograms?.timesMs.length ?? 0)
    if (left < 0) {
      throw new AppError('invalid', `exceeded sample limit (${String(MAX_SAMPLES)}): narrow the selectors or the range`)
    }
    results.push(found)
  }
  return respond(read, results)
}

/** Stale markers stay in: the reader's own engine must see them. */
async function select(
  { matchers, startMs, endMs }: ReadQuery,
  { sources, scope, signal }: HandlerContext,
): Promise<readonly SeriesSamples[]> {
  if (matchers.every(matchesEmpty)) throw new AppError('invalid', 'a read must name series by a non-empty matcher')
  if (endMs < startMs) return []
  const range = { startMs: clampTimeMs(startMs - 1), endMs: clampTimeMs(endMs) }
  const found = await sources.metrics.select(scope, { matchers, range }, signal)
  return [...found].sort((a, b) => compareLabels(a.labels, b.labels))
}

function respond({ streamed }: ReadRequest, results: readonly (readonly SeriesSamples[])[]): ApiResponse {
  const floatsOnly = results.every((series) => series.every(({ histograms }) => histograms === undefined))
  if (streamed && floatsOnly) {
    const type = 'application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse'
    return { status: 200, headers: { 'content-type': type }, body: Uint8Array.from(writeStreamedChunks(results)) }
  }
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
  return { status: 200, headers, body: Uint8Array.from(snappyCompress(writeReadResponse(results))) }
}
