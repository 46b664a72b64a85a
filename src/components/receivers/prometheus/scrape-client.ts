import { readFile } from 'node:fs/promises'
import http, { type IncomingMessage, type RequestOptions } from 'node:http'
import https from 'node:https'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { resolveSecret } from '../../../config/index.ts'
import { AppError } from '../../../core/index.ts'
import { type ExpositionFormat, expositionFormatOf } from '../../../wire/index.ts'
import type { ScrapeJob } from './config.ts'
import type { Target } from './target.ts'

/** What a target exposed, unpacked. */
export interface ScrapedBody {
  readonly bytes: Uint8Array
  readonly format: ExpositionFormat
}

const ACCEPT = [
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6',
  'application/openmetrics-text;version=1.0.0;q=0.5',
  'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4',
  'text/plain;version=0.0.4;q=0.3',
  '*/*;q=0.1',
].join(',')

const MAX_REDIRECTS = 10
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** Gets expositions over HTTP(S), as Prometheus asks for them. One per receiver; it keeps connections open. */
export class ScrapeClient {
  readonly #userAgent: string
  readonly #http = new http.Agent({ keepAlive: true })
  readonly #https = new https.Agent({ keepAlive: true })

  constructor(version: string) {
    this.#userAgent = `fleetglass/${version}`
  }

  /**
   * Throws AppError: `timeout` when the target took longer than allowed, `cancelled` when the signal aborted,
   * `too_large` over the body limit, `unavailable` otherwise.
   */
  async fetch(target: Target, signal: AbortSignal): Promise<ScrapedBody> {
    const timeout = AbortSignal.timeout(target.timeoutMs)
    try {
      return await this.#fetch(target, AbortSignal.any([signal, timeout]))
    } catch (reason) {
      if (signal.aborted) throw new AppError('cancelled', 'scrape cancelled', { cause: reason })
      if (timeout.aborted) {
        throw new AppError('timeout', `no complete answer within ${String(target.timeoutMs)} ms`, { cause: reason })
      }
      throw AppError.from(reason, 'unavailable')
    }
  }

  close(): void {
    this.#http.destroy()
    this.#https.destroy()
  }

  async #fetch(target: Target, signal: AbortSignal): Promise<ScrapedBody> {
    const { job } = target
    const options = { ...(await this.#requestOptions(target)), signal }
    const response = await this.#getFollowing(target, options)
    if (response.statusCode !== 200) {
      response.destroy()
      throw new AppError(
        'unavailable',
        `the server answered HTTP status ${String(response.statusCode)} ${response.statusMessage ?? ''}`.trimEnd(),
      )
    }
    const contentType = response.headers['content-type']
    const format = expositionFormatOf(contentType) ?? job.fallbackFormat
    if (format === undefined) {
      response.destroy()
      const what = contentType === undefined ? 'no content type' : `the content type ${JSON.stringify(contentType)}`
      throw new AppError('invalid', `the answer has ${what}, and the job has no fallbackFormat`)
    }
    return { bytes: await readBody(response, job.bodySizeLimit, signal), format }
  }

  async #getFollowing(target: Target, options: RequestOptions): Promise<IncomingMessage> {
    let url = target.url
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const response = await this.#get(url, options)
      const { location } = response.headers
      if (location === undefined || !REDIRECTS.has(response.statusCode ?? 0) || !target.job.followRedirects) {
        return response
      }
      response.destroy()
      if (!URL.canParse(location, url.href)) throw new AppError('invalid', 'redirected to what is no address')
      const next = new URL(location, url)
      if (next.origin !== target.url.origin && hasCredentials(target.job)) {
        throw new AppError('forbidden', `redirected to ${next.origin}, which must not see this target's credentials`)
      }
      url = next
    }
    throw new AppError('unavailable', `redirected more than ${String(MAX_REDIRECTS)} times`)
  }

  #get(url: URL, options: RequestOptions): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const request =
        url.protocol === 'https:'
          ? https.get(url, { ...options, agent: this.#https }, resolve)
          : http.get(url, { ...options, agent: this.#http }, resolve)
      // Once there is an answer, its own stream tells of errors.
      request.on('error', reject)
    })
  }

  async #requestOptions(target: Target): Promise<https.RequestOptions> {
    const authorization = await authorizationOf(target.job)
    return {
      headers: {
        accept: ACCEPT,
        'accept-encoding': 'gzip',
        'user-agent': this.#userAgent,
        'x-prometheus-scrape-timeout-seconds': String(target.timeoutMs / 1000),
        ...(authorization === undefined ? {} : { authorization }),
      },
      ...(await tlsOptions(target.job)),
    }
  }
}

function hasCredentials(job: ScrapeJob): boolean {
  return job.basicAuth !== undefined || job.bearerToken !== undefined || job.tls?.certFile !== undefined
}

/** Secrets and certificates are read for each scrape, so that a rotated one is used at once. */
async function authorizationOf({ basicAuth, bearerToken }: ScrapeJob): Promise<string | undefined> {
  if (bearerToken !== undefined) return `Bearer ${await resolveSecret(bearerToken)}`
  if (basicAuth === undefined) return undefined
  const password = await resolveSecret(basicAuth.password)
  return `Basic ${Buffer.from(`${basicAuth.username}:${password}`).toString('base64')}`
}

async function tlsOptions({ tls }: ScrapeJob): Promise<https.RequestOptions> {
  if (tls === undefined) return {}
  const [ca, cert, key] = await Promise.all([tls.caFile, tls.certFile, tls.keyFile].map(readPem))
  return {
    rejectUnauthorized: !tls.insecureSkipVerify,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
  }
}

async function readPem(file: string | undefined): Promise<Buffer | undefined> {
  if (file === undefined) return undefined
  try {
    return await readFile(file)
  } catch (reason) {
    throw AppError.from(reason, 'unavailable', `read ${file}`)
  }
}

async function readBody(response: IncomingMessage, limitBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  const encoding = response.headers['content-encoding'] ?? 'identity'
  const collect = (source: AsyncIterable<Buffer>): Promise<Uint8Array> => collectBytes(source, limitBytes)
  if (encoding === 'identity') return await pipeline(response as Readable, collect, { signal })
  if (encoding === 'gzip') return await pipeline(response, createGunzip(), collect, { signal })
  response.destroy()
  throw new AppError('invalid', `the answer has the encoding ${JSON.stringify(encoding)}, which was not asked for`)
}

async function collectBytes(source: AsyncIterable<Buffer>, limitBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of source) {
    length += chunk.length
    if (length > limitBytes) throw new AppError('too_large', `the body is larger than ${String(limitBytes)} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length)
}
