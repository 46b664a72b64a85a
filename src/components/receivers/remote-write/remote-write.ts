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
import {
  DEFAULT_REMOTE_WRITE_LIMITS,
  readRemoteWrite2,
  type RemoteWriteLimits,
  type RemoteWriteVerdict,
  remoteWrite1ToRequest2,
} from '../../../wire/index.ts'

const SOURCE = 'remote-write'

/** Prometheus' own address and Mimir's, below our prefix and without it. */
const PATH = /^(?:\/prometheus)?\/api\/v1\/(?:write|push)$/

/** The protocol's versions by the `proto` parameter of the Content-Type, which alone decides. */
const READERS: ReadonlyMap<string, (bytes: Uint8Array, limits: RemoteWriteLimits) => RemoteWriteVerdict> = new Map([
  ['prometheus.WriteRequest', remoteWrite1ToRequest2],
  ['io.prometheus.write.v2.Request', readRemoteWrite2],
])
const DEFAULT_PROTO = 'prometheus.WriteRequest'

/**
 * Prometheus remote write 1.0 and 2.0. Every answer says how much was written. What is bad in a request is refused with
 * 400, which means never again, while the good part of it is stored.
 *
 * https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/
 */
export function createRemoteWriteRoutes(options: WriteReceiverOptions): WriteRoute[] {
  return [
    {
      receiver: SOURCE,
      methods: ['POST'],
      path: PATH,
      handle: (request) => take(request, options),
      refuse: (error) => refuse(error, NOTHING),
    },
  ]
}

type Written = Pick<RemoteWriteVerdict, 'samples' | 'histograms' | 'exemplars'>

const NOTHING: Written = { samples: 0, histograms: 0, exemplars: 0 }

async function take(request: WriteRequest, options: WriteReceiverOptions): Promise<WriteResponse> {
  const { clock, next, maxRequestBytes, windowOf } = options
  const read = readerOf(request)
  const identity = request.identity()
  const body = await request.body({ maxBytes: maxRequestBytes, encodings: ['snappy'], unnamed: 'snappy' })
  const { fromMs, toMs } = windowOf(identity, 'metrics')
  const of = { identity, source: SOURCE, signal: 'metrics' } as const
  const verdict = readOrReport(options, of, () =>
    read(body, { ...DEFAULT_REMOTE_WRITE_LIMITS, earliestMs: fromMs, latestMs: toMs }),
  )
  const { payload, samples, histograms } = verdict
  if (payload.length > 0) {
    await next(createBatch(clock, { ...of, format: 'remote-write-2', items: samples + histograms, payload }))
  }
  const leftOut = reportLeftOut(options, of, verdict)
  if (leftOut !== undefined) return refuse(new AppError('invalid', leftOut), verdict)
  return { status: 204, headers: writtenHeaders(verdict) }
}

function readerOf({
  contentType,
  headers,
}: WriteRequest): (bytes: Uint8Array, limits: RemoteWriteLimits) => RemoteWriteVerdict {
  const proto = /;\s*proto\s*=\s*"?([A-Za-z0-9_.]+)"?/i.exec(headers['content-type'] ?? '')?.[1] ?? DEFAULT_PROTO
  const read = contentType === 'application/x-protobuf' ? READERS.get(proto) : undefined
  if (read === undefined) {
    const known = [...READERS.keys()].map((name) => `application/x-protobuf;proto=${name}`).join(' or ')
    throw new HttpError('invalid', `Content-Type must be ${known}`, { status: 415 })
  }
  const encoding = headers['content-encoding']?.trim().toLowerCase()
  if (encoding === 'identity') throw new HttpError('invalid', 'Content-Encoding must be snappy', { status: 415 })
  return read
}

function writtenHeaders({ samples, histograms, exemplars }: Written): Record<string, string> {
  return {
    'x-prometheus-remote-write-samples-written': String(samples),
    'x-prometheus-remote-write-histograms-written': String(histograms),
    'x-prometheus-remote-write-exemplars-written': String(exemplars),
  }
}

function refuse(error: AppError, written: Written): WriteResponse {
  const headers = { 'content-type': 'text/plain; charset=utf-8', ...writtenHeaders(written) }
  return { status: httpStatusOf(error), headers, body: `${messageFor(error)}\n` }
}
