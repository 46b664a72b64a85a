import type { z } from 'zod'
import { AppError, type ErrorCode, messageOf, systemCode } from '../core/index.ts'

export interface HubRequest {
  readonly query?: Readonly<Record<string, string>>
  /** `X-Scope-OrgID`: selects among the tenants that the caller may read. */
  readonly org?: string
}

/** Asks a hub over HTTP; every error says what was asked of whom, and what to do. */
export interface HubClient {
  /** The answer, checked by the schema. */
  get<S extends z.ZodType>(path: string, schema: S, request?: HubRequest): Promise<z.output<S>>
  /** The same for what changes something. */
  post<S extends z.ZodType>(path: string, schema: S, request?: HubRequest): Promise<z.output<S>>
}

export const DEFAULT_HUB = 'http://127.0.0.1:8080'

const TIMEOUT_MS = 60_000

/** `token` is sent as a bearer token; commands take it from FLEETGLASS_TOKEN, so that it is in no list of processes. */
export function createHubClient(hub: string, token = process.env['FLEETGLASS_TOKEN']): HubClient {
  const base = parseBase(hub)
  const call = async <S extends z.ZodType>(
    method: 'GET' | 'POST',
    path: string,
    schema: S,
    request: HubRequest = {},
  ): Promise<z.output<S>> => {
    const url = new URL(`${base.pathname.replace(/\/$/, '')}${path}`, base)
    for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, value)
    const headers = {
      accept: 'application/json',
      ...(token === undefined || token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(request.org === undefined ? {} : { 'x-scope-orgid': request.org }),
    }
    const response = await ask(method, url, headers)
    const body = await readBody(response, url)
    if (!response.ok) throw refusal(response.status, body, url)
    const result = schema.safeParse(parseJson(body, url))
    if (result.success) return result.data
    throw new AppError('internal', `${url.origin} answered ${url.pathname} with something else than expected`, {
      cause: result.error,
    })
  }
  return {
    get: (path, schema, request) => call('GET', path, schema, request),
    post: (path, schema, request) => call('POST', path, schema, request),
  }
}

function parseBase(hub: string): URL {
  const base = URL.canParse(hub) ? new URL(hub) : undefined
  if (base?.protocol === 'http:' || base?.protocol === 'https:') return base
  throw new AppError('invalid', `${hub} is no address of a hub: write it as ${DEFAULT_HUB}`)
}

async function ask(method: string, url: URL, headers: Readonly<Record<string, string>>): Promise<Response> {
  try {
    // No redirects: a token must not follow one to another host.
    return await fetch(url, { method, headers, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) })
  } catch (reason) {
    throw unreachable(reason, url)
  }
}

function unreachable(reason: unknown, url: URL): AppError {
  if (reason instanceof Error && reason.name === 'TimeoutError') {
    const seconds = String(TIMEOUT_MS / 1_000)
    return new AppError('timeout', `the hub at ${url.origin} did not answer within ${seconds} s`, { cause: reason })
  }
  // fetch says only "fetch failed"; what happened is its cause.
  const cause = reason instanceof Error ? (reason.cause ?? reason) : reason
  const code = systemCode(cause)
  if (code === 'ECONNREFUSED') {
    const hint = 'start one with npm start (a whole fleet) or fleetglass hub, or name another address with --hub URL'
    return new AppError('unavailable', `no hub listens at ${url.origin}: ${hint}`, { cause: reason })
  }
  return new AppError('unavailable', `the hub at ${url.origin} is not reached: ${code ?? messageOf(cause)}`, {
    cause: reason,
  })
}

async function readBody(response: Response, url: URL): Promise<string> {
  try {
    return await response.text()
  } catch (reason) {
    throw unreachable(reason, url)
  }
}

function parseJson(body: string, url: URL): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw new AppError('invalid', `${url.origin} answered ${url.pathname} with something that is no JSON: is it a hub?`)
  }
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  422: 'invalid',
  429: 'exhausted',
  503: 'unavailable',
  504: 'timeout',
}

/** The hub's own words where it has some: Prometheus' `error`, others' `message`. */
function refusal(status: number, body: string, url: URL): AppError {
  const code = CODES[status] ?? 'internal'
  const words = wordsIn(body) ?? `the hub at ${url.origin} answered ${String(status)} to ${url.pathname}`
  const hint = status === 401 ? ' (put a token of your team into FLEETGLASS_TOKEN)' : ''
  return new AppError(code, `${words}${hint}`)
}

function wordsIn(body: string): string | undefined {
  try {
    const value: unknown = JSON.parse(body)
    if (typeof value !== 'object' || value === null) return undefined
    if ('error' in value && typeof value.error === 'string') return value.error
    if ('message' in value && typeof value.message === 'string') return value.message
  } catch {
    // Not ours; the status has to do.
  }
  return undefined
}
