import type { AppError } from '../../../core/index.ts'
import type { Identity, Signal } from '../../../model/index.ts'
import {
  HttpError,
  httpStatusOf,
  type WriteHead,
  type WriteRequest,
  type WriteResponse,
  type WriteRoute,
} from '../../../pipeline/ingest/index.ts'
import {
  encodePartialSuccess,
  encodeRpcStatus,
  jsonToOtlp,
  OTLP_SUCCESS,
  OTLP_SUCCESS_JSON,
  type PartialSuccess,
  renderPartialSuccessJson,
  renderRpcStatusJson,
} from '../../../wire/index.ts'
import { toRpcStatus } from './codes.ts'
import type { Intake } from './intake.ts'

export interface OtlpRouteOptions {
  readonly intake: Intake
  readonly maxRequestBytes: number
  readonly maxJsonRequestBytes: number
}

const PROTOBUF = 'application/x-protobuf'
const JSON_TYPE = 'application/json'
const ENCODINGS = ['gzip', 'deflate', 'zstd'] as const

/** `POST {prefix}/v1/{metrics,logs,traces}` in protobuf or JSON, by OTLP's specification. */
export function createOtlpRoutes(options: OtlpRouteOptions, prefix: '' | '/otlp'): WriteRoute[] {
  return (['metrics', 'logs', 'traces'] as const).map((signal) => ({
    receiver: 'otlp',
    methods: ['POST'],
    path: new RegExp(`^${prefix}/v1/${signal}$`),
    handle: async (request) => {
      const partial = await take(request, signal, options)
      return request.contentType === JSON_TYPE
        ? respond(200, JSON_TYPE, partial ? renderPartialSuccessJson(signal, partial) : OTLP_SUCCESS_JSON)
        : respond(200, PROTOBUF, partial ? encodePartialSuccess(partial) : OTLP_SUCCESS)
    },
    refuse: refuseAsOtlp,
  }))
}

/**
 * `POST /loki/otlp/v1/logs`, for senders whose address is Loki's: success is an empty 204, a fault is 503, so that it is
 * sent again, and the body of an error is a `google.rpc.Status` as `application/octet-stream`.
 */
export function createLokiOtlpRoute(options: OtlpRouteOptions): WriteRoute {
  return {
    receiver: 'otlp',
    methods: ['POST'],
    path: /^\/loki\/otlp\/v1\/logs$/,
    handle: async (request) => {
      await take(request, 'logs', options)
      return { status: 204 }
    },
    refuse: (error) => {
      const status = httpStatusOf(error)
      return respond(status === 500 ? 503 : status, 'application/octet-stream', encodeRpcStatus(toRpcStatus(error)))
    },
  }
}

async function take(
  request: WriteRequest,
  signal: Signal,
  options: OtlpRouteOptions,
): Promise<PartialSuccess | undefined> {
  const { contentType } = request
  const isJson = contentType === JSON_TYPE
  if (!isJson && contentType !== PROTOBUF) {
    throw new HttpError('invalid', `Content-Type must be ${PROTOBUF} or ${JSON_TYPE}`, { status: 415 })
  }
  const identity: Identity = request.identity()
  const maxBytes = isJson ? options.maxJsonRequestBytes : options.maxRequestBytes
  const body = await request.body({ maxBytes, encodings: ENCODINGS })
  return await options.intake.submit({
    identity,
    signal,
    format: 'otlp',
    read: () => (isJson ? jsonToOtlp(signal, body.toString()) : body),
  })
}

/** Errors are a `google.rpc.Status` in the request's encoding; in JSON, where that is unknown. */
function refuseAsOtlp(error: AppError, { contentType }: WriteHead): WriteResponse {
  const status = toRpcStatus(error)
  const code = httpStatusOf(error)
  return contentType === PROTOBUF
    ? respond(code, PROTOBUF, encodeRpcStatus(status))
    : respond(code, JSON_TYPE, renderRpcStatusJson(status))
}

function respond(status: number, type: string, body: string | Uint8Array): WriteResponse {
  return { status, headers: { 'content-type': type }, body }
}
