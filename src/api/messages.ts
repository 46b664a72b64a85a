import type { Silence } from '../model/index.ts'
import type { QueryRouteName } from './routes.ts'

/** What a handler gets of an HTTP request: plain data that can travel to another thread. */
export interface ApiRequest {
  readonly route: QueryRouteName
  /** Parameters in the path, decoded. */
  readonly path: Readonly<Record<string, string>>
  /** The query string without `?`, and the body of a form. The form's values come first, as in Go's FormValue. */
  readonly query: string
  readonly form: string
  /** A body of `application/x-protobuf`. */
  readonly body?: Uint8Array<ArrayBuffer>
  readonly headers: {
    readonly accept?: string
    /** `X-Loki-Response-Encoding-Flags`. */
    readonly encodingFlags?: string
    /** `Cache-Control` says `no-store`. */
    readonly noStore?: boolean
  }
  /** Clusters of the fleet that nothing comes from at the moment; of others than the caller may see, too. */
  readonly silences?: readonly Silence[]
}

/** What a handler answers. Whoever gets it owns the body. */
export interface ApiResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array<ArrayBuffer>
}

const utf8 = new TextEncoder()

export const JSON_HEADERS: ApiResponse['headers'] = { 'content-type': 'application/json' }

export function jsonResponse(text: string, status = 200): ApiResponse {
  return { status, headers: JSON_HEADERS, body: utf8.encode(text) }
}

/** 204: there is nothing to say. */
export function emptyResponse(): ApiResponse {
  return { status: 204, headers: {}, body: new Uint8Array() }
}

export function textResponse(text: string, status = 200): ApiResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: utf8.encode(text) }
}
