import { AppError } from '../../core/index.ts'
import type { WholeSpan } from '../../query/index.ts'
import type { ApiHandler, HandlerContext } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import { type ApiRequest, type ApiResponse, jsonResponse } from '../messages.ts'
import { groupSpans } from '../otlp/group-spans.ts'
import { PROTOBUF_JSON, toResourceSpansJson } from '../otlp/trace-json.ts'
import { writeTrace, writeTraceByIdResponse } from '../otlp/trace-proto.ts'
import { missingSpans } from './missing.ts'
import { optionalRange } from './params.ts'

const PROTOBUF = 'application/protobuf'

/** `/api/traces/<id>`: the trace, as a bare `Trace`. */
export const trace: ApiHandler = async (request, context) => {
  const groups = groupSpans(await findTrace(request, context))
  if (wantsProtobuf(request)) return protobufResponse(writeTrace(groups))
  return jsonResponse(JSON.stringify({ batches: toResourceSpansJson(groups, PROTOBUF_JSON) }))
}

/** `/api/v2/traces/<id>`: a `TraceByIDResponse`. */
export const traceV2: ApiHandler = async (request, context) => {
  const spans = await findTrace(request, context)
  const groups = groupSpans(spans)
  const partial = await missingSpans(request, context, lastMs(spans) + UNDER_WAY_MS)
  if (wantsProtobuf(request)) return protobufResponse(writeTraceByIdResponse(groups, partial.message))
  const trace = { resourceSpans: toResourceSpansJson(groups, PROTOBUF_JSON) }
  return jsonResponse(JSON.stringify({ trace, metrics: {}, ...partial }))
}

/** What a trace still had to come when its last span ended; a silence that began before is in it. */
const UNDER_WAY_MS = 60_000

function lastMs(spans: readonly WholeSpan[]): number {
  return spans.reduce((last, { endNs }) => Math.max(last, Number(endNs / 1_000_000n)), 0)
}

async function findTrace(request: ApiRequest, context: HandlerContext): Promise<readonly WholeSpan[]> {
  const traceId = parseTraceId(request.path['id'] ?? '')
  const { startMs, endMs } = optionalRange(new Params(request))
  const range = {
    ...(startMs === undefined ? {} : { startNs: BigInt(startMs) * 1_000_000n }),
    ...(endMs === undefined ? {} : { endNs: BigInt(endMs) * 1_000_000n }),
  }
  const spans = await context.sources.services.spansOf(context.scope, [traceId], range, context.signal)
  if (spans.length === 0) throw new AppError('not_found', 'trace not found')
  return spans
}

/** Ids may come without leading zeros. */
function parseTraceId(text: string): string {
  const wrong = /[^0-9a-fA-F]/.exec(text)
  if (wrong !== null) {
    const where = `invalid character '${wrong[0]}' at position ${String(wrong.index + 1)}`
    throw new AppError('invalid', `trace IDs can only contain hex characters: ${where}`)
  }
  if (text === '' || text.length > 32) throw new AppError('invalid', "trace IDs can't be larger than 128 bits")
  return text.toLowerCase().padStart(32, '0')
}

function wantsProtobuf(request: ApiRequest): boolean {
  return (request.headers.accept ?? '').includes(PROTOBUF)
}

function protobufResponse(body: Uint8Array<ArrayBuffer>): ApiResponse {
  return { status: 200, headers: { 'content-type': PROTOBUF }, body }
}
