import type { IncomingMessage, RequestListener, Server } from 'node:http'
import type { WriteServer } from '../../../pipeline/ingest/index.ts'

const HEALTH = '/healthz'

/** Times by which a slow sender may hold a connection. */
const HEADERS_TIMEOUT_MS = 10_000
const KEEP_ALIVE_TIMEOUT_MS = 60_000
const MAX_HEADERS = 100

/** For `createServer` of node:http and node:https. */
export const HTTP_SERVER_OPTIONS = { maxHeaderSize: 16_384, connectionsCheckingInterval: 5_000 } as const

export function limitHttpServer(server: Server, limits: { maxConnections: number; receiveTimeoutMs: number }): void {
  server.maxHeadersCount = MAX_HEADERS
  server.headersTimeout = HEADERS_TIMEOUT_MS
  server.requestTimeout = limits.receiveTimeoutMs
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS
  server.maxConnections = limits.maxConnections
}

/** The routes of the receivers, and `GET /healthz`. */
export function createHttpHandler(writes: WriteServer): RequestListener {
  return (request, response) => {
    if (!isHealthCheck(request)) {
      writes.handle(request, response)
      return
    }
    response.writeHead(200, { 'content-type': 'text/plain' })
    response.end('ok')
  }
}

function isHealthCheck({ method, url }: IncomingMessage): boolean {
  return method === 'GET' && url === HEALTH
}
