import { createServer, type Server, type ServerResponse } from 'node:http'
import type { Component } from './component.ts'
import { AppError, systemCode } from './errors.ts'
import type { Metrics } from './metrics.ts'

export interface OperationsServerOptions {
  readonly host: string
  readonly port: number
  readonly metrics: Metrics
  /** What is not ready, in words; empty when all is. */
  readonly notReady: () => readonly string[]
}

export interface OperationsServer extends Component {
  /** The port in use, which is of interest when 0 was asked for. */
  readonly port: number
}

/** `/metrics`, `/healthz` and `/readyz` for a program that has no other HTTP server. */
export function createOperationsServer(options: OperationsServerOptions): OperationsServer {
  const server = createServer((request, response) => {
    void answer(request.url ?? '/', options, response)
  })
  server.headersTimeout = 10_000
  let port = options.port
  return {
    name: 'operations server',
    get port() {
      return port
    },
    start: async () => {
      port = await listen(server, options.host, options.port)
    },
    shutdown: () => {
      server.close()
      server.closeAllConnections()
      return Promise.resolve()
    },
  }
}

async function answer(url: string, options: OperationsServerOptions, response: ServerResponse): Promise<void> {
  switch (url.split('?')[0]) {
    case '/metrics': {
      const { body, contentType } = await options.metrics.render()
      response.writeHead(200, { 'content-type': contentType }).end(body)
      return
    }
    case '/healthz':
      response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n')
      return
    case '/readyz': {
      const missing = options.notReady()
      response.writeHead(missing.length === 0 ? 200 : 503, { 'content-type': 'text/plain' })
      response.end(missing.length === 0 ? 'ready\n' : `${missing.join('\n')}\n`)
      return
    }
    default:
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n')
  }
}

/** Listens and resolves with the port; a taken port is a `conflict` that names the address. */
function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (reason: unknown): void => {
      const taken = systemCode(reason) === 'EADDRINUSE'
      const what = `listen on ${host}:${String(port)}`
      reject(
        taken
          ? new AppError(
              'conflict',
              `${what}: the port is taken; stop the program that has it or choose another port`,
              {
                cause: reason,
              },
            )
          : AppError.from(reason, 'internal', what),
      )
    }
    server.once('error', fail)
    server.listen(port, host, () => {
      server.off('error', fail)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}
