import { request as httpRequest } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import { connect, type SecureContextOptions } from 'node:tls'
import { AppError } from '../../core/index.ts'

/** PEM texts. Without `cert` and `key` the client shows no certificate. */
export type ClientTls = Pick<SecureContextOptions, 'ca' | 'cert' | 'key'>

const TIMEOUT_MS = 10_000

/** Posts OTLP/JSON. Resolves with the status; rejects when there is no answer. */
export function postOtlp(
  url: string,
  body: string,
  tls?: ClientTls,
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', timeout: TIMEOUT_MS, headers: { 'content-type': 'application/json' } }
    // A new connection each time: a refusal must not hide behind an earlier acceptance.
    const request =
      tls === undefined
        ? httpRequest(url, options)
        : httpsRequest(url, { ...options, ...tls, agent: new Agent({ maxCachedSessions: 0 }) })
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }))
    })
    request.on('timeout', () => request.destroy(new AppError('timeout', `no answer from ${url} within 10 s`)))
    request.on('error', reject)
    request.end(body)
  })
}

/**
 * Whether a TLS server lets this client speak HTTP/2: an HTTP/2 server that does sends its settings at once, one that
 * does not closes the connection without a byte.
 */
export function speaksHttp2(
  address: { readonly host: string; readonly port: number },
  tls: ClientTls,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      ...address,
      ...tls,
      ALPNProtocols: ['h2'],
      minVersion: 'TLSv1.3',
      servername: 'localhost',
    })
    const end = (spoke: boolean): void => {
      socket.destroy()
      resolve(spoke)
    }
    socket.setTimeout(TIMEOUT_MS, () => {
      socket.destroy()
      reject(new AppError('timeout', `${address.host}:${address.port} neither speaks nor closes within 10 s`))
    })
    socket.on('data', () => end(true))
    socket.on('error', (reason: NodeJS.ErrnoException) => {
      if (reason.code === 'ECONNREFUSED') reject(AppError.from(reason, 'unavailable', 'connect to the hub'))
      else end(false)
    })
    socket.on('close', () => end(false))
  })
}
