import { Metadata, Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js'
import type { EdgeReport } from '../../../../model/index.ts'
import type { CertificateSet } from '../../../../pki/testing/fleet-certificates.ts'
import { encodeRpcStatus } from '../../../../wire/index.ts'

/** A request as it arrived. */
export interface Arrived {
  readonly path: string
  readonly epoch: string
  readonly first: number
  readonly last: number
  readonly message: Buffer
  readonly metadata: Readonly<Record<string, string>>
}

/** What the hub is told to do with a request: take it, refuse it, or take it and lose the answer. */
export type Answer =
  | 'take'
  | 'take and lose the answer'
  | { readonly code: status; readonly message?: string; readonly retryAfterMs?: number; readonly stored?: string }

export interface FakeHub {
  readonly port: number
  /** Every request, also those that were refused. */
  readonly arrived: Arrived[]
  /** `epoch/sequence` → how often it was stored. */
  readonly stored: Map<string, number>
  readonly reports: EdgeReport[]
  /** The most requests that were under way at once. */
  mostAtOnce: number
  answer: (request: Arrived) => Answer | Promise<Answer>
  stop(): Promise<void>
}

const DATA_PATHS = [
  '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  '/fleetglass.v1.Ingest/WriteMetrics',
]
const REPORT_PATH = '/fleetglass.v1.Ingest/Report'

type Call = ServerUnaryCall<Buffer, Buffer>
type Method = (call: Call, callback: sendUnaryData<Buffer>) => Promise<void>

/** A hub that keeps to the protocol between edges and hubs, and can be told to misbehave. `stored` may be carried over. */
export async function startFakeHub(
  certificates: CertificateSet,
  options: { readonly port?: number; readonly stored?: Map<string, number> } = {},
): Promise<FakeHub> {
  const server = new Server({ 'grpc.max_receive_message_length': -1 })
  const stored = options.stored ?? new Map<string, number>()
  let atOnce = 0
  const onData =
    (path: string): Method =>
    async (call, callback) => {
      atOnce += 1
      hub.mostAtOnce = Math.max(hub.mostAtOnce, atOnce)
      const request = toArrived(path, call)
      hub.arrived.push(request)
      const answer = await hub.answer(request)
      atOnce -= 1
      if (typeof answer === 'object') {
        callback(toError(answer))
        return
      }
      const conflict = store(stored, request)
      if (conflict !== undefined) callback(toError({ code: status.ALREADY_EXISTS, stored: conflict }))
      else if (answer === 'take') callback(null, Buffer.alloc(0))
      else callback(toError({ code: status.UNAVAILABLE, message: 'the answer is lost' }))
    }
  for (const path of DATA_PATHS) addMethod(server, path, onData(path))
  addMethod(server, REPORT_PATH, (call, callback) => {
    hub.reports.push(JSON.parse(call.request.toString()) as EdgeReport)
    callback(null, Buffer.alloc(0))
    return Promise.resolve()
  })
  const port = await listen(server, certificates, options.port ?? 0)
  const hub: FakeHub = {
    port,
    arrived: [],
    stored,
    reports: [],
    mostAtOnce: 0,
    answer: () => 'take',
    stop: () => {
      server.forceShutdown()
      return Promise.resolve()
    },
  }
  return hub
}

/** Stores all or nothing; returns the ranges that were stored before if that is only a part. */
function store(stored: Map<string, number>, { epoch, first, last }: Arrived): string | undefined {
  const keys = Array.from({ length: last - first + 1 }, (_, i) => `${epoch}/${String(first + i)}`)
  const held = keys.flatMap((key, i) => (stored.has(key) ? [first + i] : []))
  if (held.length === keys.length) return undefined
  if (held.length > 0) return held.map((sequence) => `${String(sequence)}-${String(sequence)}`).join(',')
  for (const key of keys) stored.set(key, (stored.get(key) ?? 0) + 1)
  return undefined
}

function toArrived(path: string, { request, metadata }: Call): Arrived {
  const entries = metadata.getMap()
  const [, epoch = '', first = '', last = ''] = String(entries['fleetglass-batch-id']).split(';')
  const text = Object.fromEntries(Object.entries(entries).map(([name, value]) => [name, value.toString()]))
  return { path, epoch, first: Number(first), last: Number(last), message: request, metadata: text }
}

function toError(answer: Exclude<Answer, string>): { code: status; details: string; metadata: Metadata } {
  const metadata = new Metadata()
  const { code, message = 'because', retryAfterMs, stored } = answer
  if (retryAfterMs !== undefined) {
    metadata.set('grpc-status-details-bin', Buffer.from(encodeRpcStatus({ code, message, retryAfterMs })))
  }
  if (stored !== undefined) metadata.set('fleetglass-stored', stored)
  return { code, details: message, metadata }
}

function addMethod(server: Server, path: string, method: Method): void {
  const keep = (bytes: Buffer): Buffer => bytes
  const codec = { requestSerialize: keep, requestDeserialize: keep, responseSerialize: keep, responseDeserialize: keep }
  server.addService(
    { call: { path, requestStream: false, responseStream: false, ...codec } },
    { call: (call: Call, callback: sendUnaryData<Buffer>) => void method(call, callback) },
  )
}

function listen(server: Server, { ca, cert, key }: CertificateSet, port: number): Promise<number> {
  const pair = { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) }
  const credentials = ServerCredentials.createSsl(Buffer.from(ca), [pair], true)
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${String(port)}`, credentials, (error, bound) => {
      if (error === null) resolve(bound)
      else reject(error)
    })
  })
}
