import { AppError } from '../../../core/index.ts'
import {
  createBatch,
  HttpError,
  httpStatusOf,
  messageFor,
  readOrReport,
  reportLeftOut,
  type WriteReceiverOptions,
  type WriteRequest,
  type WriteResponse,
  type WriteRoute,
} from '../../../pipeline/ingest/index.ts'
import { DEFAULT_LOKI_LIMITS, lokiJsonToOtlp, lokiPushToOtlp, snappyUncompress } from '../../../wire/index.ts'

const SOURCE = 'loki'

const JSON_TYPE = 'application/json'
const PROTOBUF = 'application/x-protobuf'
/** Some old clients say nothing, which means protobuf. */
const PROTOBUF_TYPES: readonly string[] = [PROTOBUF, '']

/**
 * Loki's push: `POST /loki/api/v1/push`, formerly `/api/prom/push`, in protobuf (a snappy block, whether the header says
 * so or not) or JSON. What is bad in a request is refused with 400 while the good part of it is stored, as Loki does.
 *
 * https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs
 */
export function createLokiRoutes(options: WriteReceiverOptions): WriteRoute[] {
  return [
    {
      receiver: SOURCE,
      methods: ['POST'],
      path: /^\/(?:loki\/api\/v1|api\/prom)\/push$/,
      handle: (request) => take(request, options),
      refuse,
    },
  ]
}

async function take(request: WriteRequest, options: WriteReceiverOptions): Promise<WriteResponse> {
  const { clock, next, maxRequestBytes, windowOf } = options
  const isJson = request.contentType === JSON_TYPE
  if (!isJson && !PROTOBUF_TYPES.includes(request.contentType)) {
    throw new HttpError('invalid', `Content-Type must be ${JSON_TYPE} or ${PROTOBUF}`, { status: 415 })
  }
  const identity = request.identity()
  const body = await request.body(
    isJson
      ? { maxBytes: maxRequestBytes, encodings: ['gzip', 'deflate', 'snappy'] }
      : { maxBytes: maxRequestBytes, encodings: ['snappy', 'gzip', 'deflate'], unnamed: 'snappy' },
  )
  const { fromMs, toMs } = windowOf(identity, 'logs')
  const limits = { ...DEFAULT_LOKI_LIMITS, earliestMs: fromMs, latestMs: toMs }
  const of = { identity, source: SOURCE, signal: 'logs' } as const
  const verdict = readOrReport(options, of, () =>
    isJson ? lokiJsonToOtlp(body, limits) : lokiPushToOtlp(innermost(request, body, maxRequestBytes), limits),
  )
  const { payload, entries } = verdict
  if (payload.length > 0) await next(createBatch(clock, { ...of, format: 'otlp', items: entries, payload }))
  const leftOut = reportLeftOut(options, of, verdict)
  return leftOut === undefined ? { status: 204 } : refuse(new AppError('invalid', leftOut))
}

/** Protobuf in gzip or deflate is a snappy block within for Loki; other senders leave the block out. */
function innermost({ headers }: WriteRequest, body: Buffer, maxBytes: number): Uint8Array {
  const encoding = headers['content-encoding']?.trim().toLowerCase()
  if (encoding !== 'gzip' && encoding !== 'deflate') return body
  try {
    return snappyUncompress(body, maxBytes)
  } catch (reason) {
    if (AppError.from(reason).code === 'too_large') throw reason
    return body
  }
}

/** Plain text, as clients of Loki show it to people. */
function refuse(error: AppError): WriteResponse {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }
  return { status: httpStatusOf(error), headers, body: `${messageFor(error)}\n` }
}
