import type { AppError, ErrorCode } from '../core/index.ts'
import { errorEnvelope, gatewayError } from './jaeger/envelope.ts'
import { type ApiResponse, jsonResponse, textResponse } from './messages.ts'
import type { ApiName } from './routes.ts'

interface PrometheusError {
  readonly status: number
  readonly errorType: string
}

/** 499 is what Prometheus says when the client went away; nobody is there to read it. */
const CLIENT_CLOSED_REQUEST = 499

const PROMETHEUS: Readonly<Record<ErrorCode, PrometheusError>> = {
  invalid: { status: 400, errorType: 'bad_data' },
  unauthenticated: { status: 401, errorType: 'unauthorized' },
  forbidden: { status: 403, errorType: 'forbidden' },
  not_found: { status: 404, errorType: 'not_found' },
  conflict: { status: 409, errorType: 'bad_data' },
  too_large: { status: 413, errorType: 'bad_data' },
  exhausted: { status: 429, errorType: 'too_many_requests' },
  unavailable: { status: 503, errorType: 'unavailable' },
  timeout: { status: 503, errorType: 'timeout' },
  cancelled: { status: CLIENT_CLOSED_REQUEST, errorType: 'canceled' },
  corrupt: { status: 500, errorType: 'internal' },
  internal: { status: 500, errorType: 'internal' },
}

const PLAIN_STATUS: Readonly<Record<ErrorCode, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  exhausted: 429,
  unavailable: 503,
  timeout: 504,
  cancelled: CLIENT_CLOSED_REQUEST,
  corrupt: 500,
  internal: 500,
}

/** The error as clients of that API expect it. What went wrong inside is for our log, not for the caller. */
export function renderError(api: ApiName | undefined, error: AppError): ApiResponse {
  const message = error.code === 'internal' || error.code === 'corrupt' ? 'internal error' : error.message
  const response = render(api, error.code, message)
  const headers: Record<string, string> = { ...response.headers }
  if (error.code === 'unauthenticated') headers['www-authenticate'] = 'Bearer'
  if (error.retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(error.retryAfterMs / 1000))
  return { ...response, headers }
}

function render(api: ApiName | undefined, code: ErrorCode, message: string): ApiResponse {
  switch (api) {
    case 'prometheus': {
      const { status, errorType } = PROMETHEUS[code]
      return prometheusErrorResponse(status, errorType, message)
    }
    case 'fleet':
      return jsonResponse(JSON.stringify({ error: { code, message } }), PLAIN_STATUS[code])
    case 'jaeger':
      return errorEnvelope(PLAIN_STATUS[code], message)
    case 'jaeger-v3':
      return gatewayError(PLAIN_STATUS[code], message)
    case 'loki':
    case 'tempo':
    case undefined:
      return textResponse(message, PLAIN_STATUS[code])
  }
}

export function prometheusErrorResponse(status: number, errorType: string, error: string): ApiResponse {
  return jsonResponse(JSON.stringify({ status: 'error', errorType, error }), status)
}
