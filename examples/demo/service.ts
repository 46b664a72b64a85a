import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { Registry, collectDefaultMetrics } from 'prom-client'
import { startTelemetry, type Telemetry } from './telemetry.ts'

export interface Reply {
  readonly status: number
  readonly body: unknown
}

export interface Route {
  readonly method: string
  readonly path: RegExp
  readonly name: string
  handle(request: { readonly params: readonly string[]; readonly body: string }): Promise<Reply>
}

export interface Service {
  readonly name: string
  readonly registry: Registry
  readonly tracer: ReturnType<typeof trace.getTracer>
  /** Sends a JSON request; the trace context travels along. Rejects when there is no answer. */
  call(method: string, url: string, body?: unknown): Promise<{ readonly status: number; readonly body: unknown }>
  /** Serves the routes, `/metrics` and `/healthz` on the port of the environment; runs until SIGTERM. */
  listen(routes: readonly Route[]): void
  every(ms: number, work: () => Promise<void>): void
}

/** What all demo services share: telemetry, an HTTP server, `/metrics`, a client, a clean stop. */
export function createService(name: string): Service {
  const telemetry = startTelemetry(name)
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const stop = new AbortController()

  return {
    name,
    registry,
    tracer: trace.getTracer(name),
    call: (method, url, body) => call(telemetry, method, url, body),
    listen: (routes) => {
      const server = telemetry.http.createServer((request, response) => {
        void serve(routes, registry, request, response)
      })
      server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1')
      stopOnSignal(server, telemetry, stop)
    },
    every: (ms, work) => {
      const tick = (): void => {
        if (stop.signal.aborted) return
        // Traffic has no rhythm: waits are exponential around the given mean.
        const wait = -Math.log(1 - Math.random()) * ms
        setTimeout(
          () =>
            void work()
              .catch(() => undefined)
              .finally(tick),
          wait,
        ).unref()
      }
      tick()
    },
  }
}

async function serve(
  routes: readonly Route[],
  registry: Registry,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '/').split('?')[0] ?? '/'
  if (path === '/metrics') {
    response.writeHead(200, { 'content-type': registry.contentType }).end(await registry.metrics())
    return
  }
  const route = routes.find((candidate) => candidate.method === request.method && candidate.path.test(path))
  if (route === undefined) {
    response.writeHead(path === '/healthz' ? 200 : 404).end()
    return
  }
  trace.getActiveSpan()?.updateName(`${route.method} ${route.name}`).setAttribute('http.route', route.name)
  try {
    const reply = await route.handle({ params: route.path.exec(path)?.slice(1) ?? [], body: await readBody(request) })
    response.writeHead(reply.status, { 'content-type': 'application/json' }).end(JSON.stringify(reply.body))
  } catch (reason) {
    trace.getActiveSpan()?.recordException(reason as Error)
    trace.getActiveSpan()?.setStatus({ code: SpanStatusCode.ERROR, message: String(reason) })
    response.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify({ error: String(reason) }))
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

function call(
  { http }: Telemetry,
  method: string,
  url: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly body: unknown }> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, timeout: 5_000, headers: { 'content-type': 'application/json' } })
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, body: text === '' ? undefined : (JSON.parse(text) as unknown) })
      })
    })
    request.on('timeout', () => request.destroy(new Error(`no answer from ${url} within 5 s`)))
    request.on('error', reject)
    request.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

function stopOnSignal(server: Server, telemetry: Telemetry, stop: AbortController): void {
  const end = (): void => {
    stop.abort()
    server.close()
    server.closeAllConnections()
    const deadline = setTimeout(() => process.exit(0), 2_000)
    void telemetry.shutdown().finally(() => {
      clearTimeout(deadline)
      process.exit(0)
    })
  }
  process.once('SIGTERM', end)
  process.once('SIGINT', end)
  // The program that started us holds our standard input; when it is gone, so are we.
  process.stdin.on('end', end).resume()
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

export { SpanKind, SpanStatusCode }
