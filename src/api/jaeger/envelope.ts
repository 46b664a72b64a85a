import { type ApiResponse, jsonResponse } from '../messages.ts'

export interface UiError {
  readonly code?: number
  readonly msg: string
  readonly traceID?: string
}

/** The form of all answers of Jaeger's first API. */
export function envelope(
  data: unknown,
  {
    total = 0,
    errors = null,
    status = 200,
  }: { total?: number; errors?: readonly UiError[] | null; status?: number } = {},
): ApiResponse {
  return jsonResponse(JSON.stringify({ data, total, limit: 0, offset: 0, errors }), status)
}

export function listEnvelope(items: readonly unknown[]): ApiResponse {
  return envelope(items, { total: items.length })
}

export function errorEnvelope(status: number, message: string): ApiResponse {
  return envelope(null, { status, errors: [{ code: status, msg: message }] })
}

/** The form of errors of the third API. */
export function gatewayError(status: number, message: string): ApiResponse {
  return jsonResponse(JSON.stringify({ error: { httpCode: status, message } }), status)
}
