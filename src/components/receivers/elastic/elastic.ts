import { randomUUID } from 'node:crypto'
import type { AppError } from '../../../core/index.ts'
import {
  createBatch,
  errorHeaders,
  httpStatusOf,
  messageFor,
  readOrReport,
  reportLeftOut,
  type WriteReceiverOptions,
  type WriteRequest,
  type WriteResponse,
  type WriteRoute,
} from '../../../pipeline/ingest/index.ts'
import { type BulkItem, DEFAULT_BULK_LIMITS, elasticBulkToOtlp } from '../../../wire/index.ts'
import type { Claim, DocumentIds } from './document-ids.ts'
import { ELASTIC_HEADERS, json, PROBES } from './probes.ts'

export interface ElasticReceiverOptions extends WriteReceiverOptions {
  readonly ids: DocumentIds
}

const SOURCE = 'elastic'
const BULK = /^\/elastic\/(?:([^/_][^/]*)\/)?_bulk\/?$/

/**
 * As much of Elasticsearch below `/elastic` as Filebeat, Logstash and the official clients need to write logs: what they
 * ask at the start, and `_bulk` with a result for each document. A document that has an `_id` is stored once.
 *
 * https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk
 */
export function createElasticRoutes(options: ElasticReceiverOptions): WriteRoute[] {
  const bulk: WriteRoute = {
    receiver: SOURCE,
    methods: ['POST', 'PUT'],
    path: BULK,
    handle: (request) => takeBulk(request, options),
    refuse,
  }
  const probes = PROBES.map(
    (probe): WriteRoute => ({
      receiver: SOURCE,
      methods: probe.methods,
      path: probe.path,
      handle: (request) => Promise.resolve(probe.answer(request)),
      refuse,
    }),
  )
  return [bulk, ...probes]
}

async function takeBulk(request: WriteRequest, options: ElasticReceiverOptions): Promise<WriteResponse> {
  const { clock, maxRequestBytes, ids } = options
  const startedAtMs = clock.now()
  const identity = request.identity()
  const body = await request.body({ maxBytes: maxRequestBytes, encodings: ['gzip', 'deflate', 'zstd'] })
  const claim = ids.begin(identity)
  try {
    const items = await storeBulk(request, body, claim, options)
    const results = items.map((item) => renderItem(item, claim))
    const errors = results.some(({ status }) => status >= 300)
    const took = clock.now() - startedAtMs
    return json({ took, errors, items: results.map(({ operation, ...result }) => ({ [operation]: result })) })
  } finally {
    claim.abandon()
  }
}

/** Resolves with what became of each document, once the good ones are safe. */
async function storeBulk(
  request: WriteRequest,
  body: Buffer,
  claim: Claim,
  options: ElasticReceiverOptions,
): Promise<readonly BulkItem[]> {
  const { clock, next, windowOf } = options
  const identity = request.identity()
  const { fromMs, toMs } = windowOf(identity, 'logs')
  const of = { identity, source: SOURCE, signal: 'logs' } as const
  const index = indexOf(request.path)
  const verdict = readOrReport(options, of, () =>
    elasticBulkToOtlp(body, {
      ...(index === undefined ? {} : { index }),
      limits: { ...DEFAULT_BULK_LIMITS, earliestMs: fromMs, latestMs: toMs },
      isHeld: (of, id) => claim.isHeld(of, id),
    }),
  )
  const { payload, records, items, rejected } = verdict
  if (records > 0) await next(createBatch(clock, { ...of, format: 'otlp', items: records, payload }))
  await claim.stored(
    items.flatMap(({ status, index, id }) => (status === 201 && id !== undefined ? { index, id } : [])),
  )
  const firstProblem = items.find(({ status }) => status === 400)?.error?.reason
  reportLeftOut(options, of, { rejected, firstProblem })
  return items
}

interface RenderedItem {
  readonly operation: string
  readonly _index: string
  readonly _id?: string
  readonly status: number
  readonly result?: string
  readonly error?: { readonly type: string; readonly reason: string }
}

/** As Elasticsearch has it: what is held already is a conflict for `create`, and for `index` is what it was. */
function renderItem({ operation, index, id, status, error }: BulkItem, claim: Claim): RenderedItem {
  const item = { operation, _index: index }
  if (status === 201) return { ...item, _id: id ?? randomUUID(), status, result: 'created' }
  const named = id === undefined ? item : { ...item, _id: id }
  if (status !== 409) return { ...named, status, ...(error === undefined ? {} : { error }) }
  if (id !== undefined && claim.isPending(index, id)) {
    const reason = 'the document is being stored by another request, try again'
    return { ...named, status: 429, error: { type: 'es_rejected_execution_exception', reason } }
  }
  if (operation === 'index') return { ...named, status: 200, result: 'noop' }
  return { ...named, status, ...(error === undefined ? {} : { error }) }
}

function indexOf(path: string): string | undefined {
  const name = BULK.exec(path)?.[1]
  try {
    return name === undefined ? undefined : decodeURIComponent(name)
  } catch {
    return name
  }
}

const ERROR_TYPES: Readonly<Record<number, string>> = {
  401: 'security_exception',
  403: 'security_exception',
  413: 'content_too_long_exception',
  429: 'es_rejected_execution_exception',
  503: 'es_rejected_execution_exception',
}

/** Senders try the whole request again when its status is not 200; 413 makes newer Beats send less at once. */
function refuse(error: AppError): WriteResponse {
  const status = httpStatusOf(error)
  const cause = { type: ERROR_TYPES[status] ?? 'illegal_argument_exception', reason: messageFor(error) }
  const body = { error: { root_cause: [cause], ...cause }, status }
  return { ...json(body, status), headers: { ...errorHeaders(error), ...ELASTIC_HEADERS } }
}
