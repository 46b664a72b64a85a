import { readFile } from 'node:fs/promises'
import http, { type IncomingHttpHeaders, type IncomingMessage, type RequestOptions } from 'node:http'
import https from 'node:https'
import type { Secret } from '../../config/index.ts'
import { AppError, messageOf, systemCode } from '../../core/index.ts'
import type { Outcome } from './protocol.ts'
import { type AuthSettings, resolveHeaders } from './headers.ts'
import { type Secrets, versionOfFile } from './secrets.ts'

/** Files for TLS, as the fleet file names them. */
export interface TlsSettings {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly serverName?: string | undefined
}

export interface HttpClientOptions {
  readonly secrets: Secrets
  readonly userAgent: string
  /** From the first byte sent to the last one received, connecting included. */
  readonly timeoutMs: number
  /** Connections kept open at the most. */
  readonly connections: number
  readonly tls?: TlsSettings | undefined
  /** Added to every request; secrets are read for each. */
  readonly headers?: Readonly<Record<string, string | Secret>> | undefined
  readonly auth?: AuthSettings | undefined
}

export interface HttpRequest {
  readonly url: string
  /** Default POST. */
  readonly method?: 'POST' | 'GET'
  readonly headers?: Readonly<Record<string, string>>
  /** Compressed already, if it is to be. */
  readonly body?: Uint8Array
}

export type HttpAnswer =
  | {
      readonly t: 'answer'
      readonly status: number
      readonly headers: IncomingHttpHeaders
      /** At most the first mebibyte. */
      readonly body: Buffer
    }
  | {
      readonly t: 'failed'
      /** `settings`: a secret or a TLS file of ours cannot be used, or the server's certificate is not accepted. */
      readonly why: 'network' | 'timeout' | 'settings'
      readonly detail: string
    }

/**
 * HTTP to a vendor: connections are kept alive, redirects are not followed (credentials would go with them), answers
 * are read up to a limit, and nothing waits for ever.
 */
export interface HttpClient {
  /** Rejects only with `cancelled`, when the signal aborts. */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>
  close(): Promise<void>
}

const MAX_BODY_BYTES = 1_048_576
const IDLE_MS = 30_000

export function createHttpClient(options: HttpClientOptions): HttpClient {
  return new NodeHttpClient(options)
}

/** What a request without an answer means. */
export function toFailureOutcome({
  why,
  detail,
}: Extract<HttpAnswer, { t: 'failed' }>): Extract<Outcome, { t: 'retry' | 'misconfigured' }> {
  return why === 'settings' ? { t: 'misconfigured', detail } : { t: 'retry', detail }
}

const MAX_RETRY_AFTER_MS = 300_000

/** `Retry-After` in milliseconds, as seconds or as a date; longer than five minutes is taken for five minutes. */
export function retryAfterOf(headers: IncomingHttpHeaders, nowMs: number): number | undefined {
  const text = headers['retry-after']
  if (text === undefined) return undefined
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - nowMs
  return Number.isFinite(ms) ? Math.min(MAX_RETRY_AFTER_MS, Math.max(0, ms)) : undefined
}

class NodeHttpClient implements HttpClient {
  readonly #options: HttpClientOptions
  readonly #plain: http.Agent
  #secure: { readonly version: string; readonly agent: https.Agent } | undefined

  constructor(options: HttpClientOptions) {
    this.#options = options
    this.#plain = new http.Agent({ keepAlive: true, maxSockets: options.connections, timeout: IDLE_MS })
  }

  async send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    let prepared: RequestOptions
    try {
      prepared = await this.#prepare(request)
    } catch (reason) {
      return { t: 'failed', why: 'settings', detail: messageOf(reason) }
    }
    return exchange(request, prepared, this.#options.timeoutMs, signal)
  }

  close(): Promise<void> {
    this.#plain.destroy()
    this.#secure?.agent.destroy()
    return Promise.resolve()
  }

  async #prepare({ url, method = 'POST', headers, body }: HttpRequest): Promise<RequestOptions> {
    const { userAgent } = this.#options
    const own = await resolveHeaders(this.#options, this.#options.secrets)
    const length = body === undefined ? {} : { 'content-length': String(body.length) }
    return {
      method,
      headers: { 'user-agent': userAgent, ...own, ...lowerCased(headers ?? {}), ...length },
      agent: url.startsWith('https:') ? await this.#secureAgent() : this.#plain,
    }
  }

  /** One agent as long as the TLS files stay the same; requests under way finish on the old one. */
  async #secureAgent(): Promise<https.Agent> {
    const { tls = {}, connections } = this.#options
    const files = [tls.ca, tls.cert, tls.key].filter((file) => file !== undefined)
    const version = (await Promise.all(files.map(versionOfFile))).join(' ')
    if (this.#secure?.version === version) return this.#secure.agent
    const agent = new https.Agent({
      keepAlive: true,
      maxSockets: connections,
      timeout: IDLE_MS,
      minVersion: 'TLSv1.2',
      ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
      ...(await readTlsFiles(tls)),
    })
    const before = this.#secure?.agent
    this.#secure = { version, agent }
    // Not `destroy`: it would cut requests under way. Idle connections end by their time limit.
    if (before !== undefined) before.maxFreeSockets = 0
    return agent
  }
}

/** The content of the TLS files. Throws what reading throws; the message names the file. */
export async function readTlsFiles(tls: TlsSettings): Promise<{ ca?: Buffer; cert?: Buffer; key?: Buffer }> {
  const read = async (file: string | undefined): Promise<Buffer | undefined> =>
    file === undefined ? undefined : await readFile(file)
  const [ca, cert, key] = await Promise.all([read(tls.ca), read(tls.cert), read(tls.key)])
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function exchange(
  { url, body }: HttpRequest,
  options: RequestOptions,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const settle = (answer: HttpAnswer): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', cancel)
      resolve(answer)
    }
    const fail = (reason: unknown): void => settle(toFailed(reason))
    const outgoing = (url.startsWith('https:') ? https : http).request(url, options, (response) => {
      // Whatever is wrong with the body, the status has told what was to be told.
      readBody(response).then((bytes) => {
        settle({ t: 'answer', status: response.statusCode ?? 0, headers: response.headers, body: bytes })
      }, fail)
    })
    const timer = setTimeout(() => {
      settle({ t: 'failed', why: 'timeout', detail: `no answer within ${String(timeoutMs)} ms` })
      outgoing.destroy()
    }, timeoutMs)
    const cancel = (): void => {
      clearTimeout(timer)
      reject(new AppError('cancelled', 'the request was called off'))
      outgoing.destroy()
    }
    signal.addEventListener('abort', cancel, { once: true })
    outgoing.on('error', fail)
    if (signal.aborted) cancel()
    else outgoing.end(body)
  })
}

async function readBody(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    // Leaving the loop destroys the response and its connection: nobody needs the rest.
    if (length >= MAX_BODY_BYTES) break
  }
  return Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES)
}

/** Names under which Node tells that a certificate was not accepted, by us or by the server. */
const TLS_TROUBLE = /^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)|_CERT/

function toFailed(reason: unknown): HttpAnswer {
  const code = systemCode(reason) ?? ''
  const detail = code === '' ? messageOf(reason) : `${code}: ${messageOf(reason)}`
  return { t: 'failed', why: TLS_TROUBLE.test(code) ? 'settings' : 'network', detail }
}
