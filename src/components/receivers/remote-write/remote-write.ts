import { AppError } from '../../../core/index.ts'
import type { Identity } from '../../../model/index.ts'
import {
  createBatch,
  HttpError,
  httpStatusOf,
  isRejection,
  messageFor,
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
  const verdict = attempt(identity, options, () =>
    read(body, { ...DEFAULT_REMOTE_WRITE_LIMITS, earliestMs: fromMs, latestMs: toMs }),
  )
  const { payload, samples, histograms } = verdict
  if (payload.length > 0) {
    const format = 'remote-write-2'
    const items = samples + histograms
    await next(createBatch(clock, { identity, source: SOURCE, signal: 'metrics', format, items, payload }))
  }
  return answer(identity, verdict, options)
}

/** Once the good part is safe: a request that is sent again must not count twice. */
function answer(identity: Identity, verdict: RemoteWriteVerdict, { onRejected }: WriteReceiverOptions): WriteResponse {
  const { rejected, firstProblem } = verdict
  if (rejected.size === 0) return { status: 204, headers: writtenHeaders(verdict) }
  let items = 0
  for (const [reason, count] of rejected) {
    items += count
    onRejected(identity, SOURCE, {
      signal: 'metrics',
      reason,
      items: count,
      ...(firstProblem === undefined ? {} : { detail: firstProblem }),
    })
  }
  const reasons = [...rejected].map(([reason, count]) => `${reason}: ${String(count)}`).join(', ')
  const message = `${String(items)} samples were refused (${reasons}); first, ${firstProblem ?? ''}`
  return refuse(new AppError('invalid', message), verdict)
}

function attempt<T>(identity: Identity, { onRejected }: WriteReceiverOptions, run: () => T): T {
  try {
    return run()
  } catch (reason) {
    const error = AppError.from(reason)
    if (isRejection(error)) {
      onRejected(identity, SOURCE, { signal: 'metrics', reason: 'malformed', items: 1, detail: error.message })
    }
    throw error
  }
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
