import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'

export interface Exposer {
  /** host:port */
  readonly address: string
  /** What each scrape asked, in order. */
  readonly requests: http.IncomingMessage[]
  /** What the next scrapes are answered; change it at any time. */
  answer: (response: http.ServerResponse, request: http.IncomingMessage) => void
  close(): Promise<void>
}

/** A target on a free port of the loopback; with `tls`, over HTTPS. */
export async function startExposer(answer: Exposer['answer'], tls?: https.ServerOptions): Promise<Exposer> {
  const requests: http.IncomingMessage[] = []
  const listener: http.RequestListener = (request, response) => {
    requests.push(request)
    exposer.answer(response, request)
  }
  const server = tls === undefined ? http.createServer(listener) : https.createServer(tls, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const exposer: Exposer = {
    address: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    requests,
    answer,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
  return exposer
}

export function text(body: string | Buffer, contentType = 'text/plain; version=0.0.4'): Exposer['answer'] {
  return (response) => {
    response.setHeader('content-type', contentType).end(body)
  }
}

export function openMetrics(body: string): Exposer['answer'] {
  return text(`${body}\n# EOF\n`, 'application/openmetrics-text; version=1.0.0; charset=utf-8')
}
