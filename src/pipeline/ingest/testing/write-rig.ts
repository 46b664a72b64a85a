import http from 'node:http'
import { createMetrics, type Metrics, silentLogger, systemClock } from '../../../core/index.ts'
import type { Batch, Identity } from '../../../model/index.ts'
import type { Consumer } from '../../consumer.ts'
import { IngestGate, type IngestGateOptions } from '../gate.ts'
import type { RejectedItems, WriteReceiverOptions } from '../write-receiver.ts'
import type { WriteRoute } from '../write-route.ts'
import { createWriteMeters, createWriteServer } from '../write-server.ts'

export const DEV: Identity = {
  cluster: 'dev-uaenorth',
  environment: 'dev',
  region: 'uaenorth',
  clusterType: 'workload',
  tenant: 'dev',
}

export interface Sent {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

export interface SendOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: string | Uint8Array
}

export interface WriteRig {
  readonly port: number
  readonly gate: IngestGate
  readonly metrics: Metrics
  readonly batches: Batch[]
  readonly rejected: (RejectedItems & { readonly cluster: string; readonly source: string })[]
  /** Replaces what happens to batches. */
  consume: Consumer
  /** For whom every sender may write. */
  granted: readonly Identity[]
  send(path: string, options?: SendOptions): Promise<Sent>
  stop(): Promise<void>
}

const WINDOW_PAST_MS = 30 * 86_400_000
const WINDOW_AHEAD_MS = 600_000

/** Routes on a server of node:http without TLS, behind a real gate. */
export async function startWriteRig(
  create: (options: WriteReceiverOptions) => readonly WriteRoute[],
  options: {
    readonly gate?: Partial<IngestGateOptions>
    readonly maxRequestBytes?: number
    readonly receiveTimeoutMs?: number
  } = {},
): Promise<WriteRig> {
  const metrics = createMetrics()
  const limits = { maxInFlightBytes: 64 * 1_048_576, maxWaiting: 16, maxWaitMs: 300 }
  const gate = new IngestGate({ clock: systemClock, metrics, ...limits, ...options.gate })
  const onRejected: WriteReceiverOptions['onRejected'] = ({ cluster }, source, items) => {
    rig.rejected.push({ cluster, source, ...items })
  }
  const routes = create({
    clock: systemClock,
    next: (batch) => rig.consume(batch),
    maxRequestBytes: options.maxRequestBytes ?? 1_048_576,
    windowOf: () => ({ fromMs: Date.now() - WINDOW_PAST_MS, toMs: Date.now() + WINDOW_AHEAD_MS }),
    onRejected,
  })
  const writes = createWriteServer({
    routes,
    gate,
    grantOf: () => rig.granted,
    receiveTimeoutMs: options.receiveTimeoutMs ?? 5_000,
    meters: createWriteMeters(metrics),
    onRejected,
    log: silentLogger(),
  })
  const server = http.createServer(writes.handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const rig: WriteRig = {
    port,
    gate,
    metrics,
    batches: [],
    rejected: [],
    granted: [DEV],
    consume: (batch) => {
      rig.batches.push(batch)
      return Promise.resolve()
    },
    send: (path, sending) => send(port, path, sending),
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => {
          resolve()
        })
      }),
  }
  return rig
}

function send(
  port: number,
  path: string,
  { method = 'POST', headers = {}, body = '' }: SendOptions = {},
): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, path, method, headers, agent: false })
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text })
      })
    })
    request.end(body)
  })
}
