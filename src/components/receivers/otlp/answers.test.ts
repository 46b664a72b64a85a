import http2 from 'node:http2'
import { CompressionAlgorithms } from '@grpc/grpc-js/build/src/compression-algorithms.js'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type CertificateSet,
  createFleetCertificates,
  type FleetCertificates,
} from '../../../pki/testing/fleet-certificates.ts'
import type { WriteRoute } from '../../../pipeline/ingest/index.ts'
import { decodeRpcStatus, jsonToOtlp, readPartialSuccess } from '../../../wire/index.ts'
import { createGrpcClient, EXPORT, type GrpcAnswer, sendHttp } from './testing/clients.ts'
import { otlpBytes } from './testing/payloads.ts'
import { DEV, type RunningHub, startEdge, startHub } from './testing/receivers.ts'

const PROTOBUF = { 'content-type': 'application/x-protobuf' }
const JSON_TYPE = { 'content-type': 'application/json' }

let certificates: FleetCertificates
let dev: CertificateSet
let hub: RunningHub

beforeAll(async () => {
  certificates = await createFleetCertificates()
  dev = await certificates.edge('dev-uaenorth')
})
beforeEach(async () => {
  hub = await startHub(certificates)
})
afterEach(() => hub.stop())

async function call(message: Uint8Array, metadata: Record<string, string> = {}): Promise<GrpcAnswer> {
  const client = createGrpcClient(hub.grpc, dev)
  const answer = await client.call(EXPORT.logs, message, metadata)
  client.close()
  return answer
}

/** Logs of an hour ago, of now, of half an hour ahead, and of long ago. */
function mixedLogs(): string {
  const now = Date.now()
  const times = [now - 3_600_000, now, now + 1_800_000, 1_000]
  const logRecords = times.map((ms) => ({ timeUnixNano: `${String(ms)}000000`, body: { stringValue: 'x' } }))
  return JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
}

const MESSAGE = 'too old: 1, too far in the future: 1'

describe('a request of which a part is refused', () => {
  it('is a success over HTTP, in the encoding of the request, and says how much was left out', async () => {
    const binary = await sendHttp(hub.http, {
      path: '/v1/logs',
      body: jsonToOtlp('logs', mixedLogs()),
      headers: PROTOBUF,
      tls: dev,
    })
    expect(binary.status).toBe(200)
    expect(readPartialSuccess(binary.body)).toEqual({ rejected: 2, message: MESSAGE })
    const json = await sendHttp(hub.http, { path: '/v1/logs', body: mixedLogs(), headers: JSON_TYPE, tls: dev })
    expect([json.status, JSON.parse(json.body.toString())]).toEqual([
      200,
      { partialSuccess: { rejectedLogRecords: '2', errorMessage: MESSAGE } },
    ])
    expect(hub.batches.map(({ envelope }) => envelope.items)).toEqual([2, 2])
    const about = { signal: 'logs', items: 1 }
    expect(hub.rejected.slice(0, 2)).toEqual([
      ['dev-uaenorth', { ...about, reason: 'too_old' }],
      ['dev-uaenorth', { ...about, reason: 'too_far_in_future' }],
    ])
  })

  it('is OK over gRPC', async () => {
    expect((await call(jsonToOtlp('logs', mixedLogs()))).code).toBe('OK')
    expect(hub.batches[0]?.envelope.items).toBe(2)
  })

  it('loses nothing of what an edge has numbered, however late it comes', async () => {
    const metadata = { 'fleetglass-batch-id': 'dev-uaenorth/0;e1;7;7' }
    expect((await call(jsonToOtlp('logs', mixedLogs()), metadata)).code).toBe('OK')
    expect(hub.batches[0]?.envelope.items).toBe(4)
    expect(hub.rejected).toEqual([])
  })
})

describe('limits', () => {
  it('a sender over its rate gets RESOURCE_EXHAUSTED with a delay, or 429 with Retry-After', async () => {
    await hub.stop()
    hub = await startHub(certificates, {}, { gate: { bytesPerSecond: 1_024 } })
    expect((await call(otlpBytes('logs', 1, 'x'.repeat(10_000)))).code).toBe('OK')
    const refused = await call(otlpBytes('logs', 1))
    expect(refused).toMatchObject({ code: 'RESOURCE_EXHAUSTED' })
    expect(refused.retryAfterMs).toBeGreaterThan(5_000)
    const overHttp = await sendHttp(hub.http, {
      path: '/v1/logs',
      body: otlpBytes('logs', 1),
      headers: PROTOBUF,
      tls: dev,
    })
    expect(overHttp.status).toBe(429)
    expect(Number(overHttp.headers['retry-after'])).toBeGreaterThan(5)
    expect(decodeRpcStatus(overHttp.body).code).toBe(8)
  })

  it('a message that is too large, or becomes it, gets RESOURCE_EXHAUSTED without a delay', async () => {
    await hub.stop()
    hub = await startHub(certificates, { maxRequestSize: '64KiB' })
    const client = createGrpcClient(hub.grpc, dev, { 'grpc.default_compression_algorithm': CompressionAlgorithms.gzip })
    const answer = await client.call(EXPORT.logs, otlpBytes('logs', 1, 'x'.repeat(1_000_000)))
    client.close()
    expect(answer).toMatchObject({ code: 'RESOURCE_EXHAUSTED', retryAfterMs: undefined })
    expect(hub.rejected).toMatchObject([[DEV.cluster, { reason: 'too_large', items: 1 }]])
  })
})

describe('the port behind mutual TLS', () => {
  it('has OTLP where the main port has it, and as Loki has it', async () => {
    const body = otlpBytes('logs', 1)
    const send = (path: string, text: Uint8Array = body): ReturnType<typeof sendHttp> =>
      sendHttp(hub.http, { path, body: text, headers: PROTOBUF, tls: dev })
    expect((await send('/otlp/v1/logs')).status).toBe(200)
    const asLoki = await send('/loki/otlp/v1/logs')
    expect([asLoki.status, asLoki.body.length]).toEqual([204, 0])
    const broken = await send('/loki/otlp/v1/logs', Buffer.from('x'))
    expect([broken.status, broken.headers['content-type']]).toEqual([400, 'application/octet-stream'])
    expect(decodeRpcStatus(broken.body).code).toBe(3)
    hub.consume = () => Promise.reject(new Error('a fault'))
    expect((await send('/loki/otlp/v1/logs')).status).toBe(503)
  })

  it('has the routes of other receivers, for the cluster of the certificate', async () => {
    await hub.stop()
    const route: WriteRoute = {
      receiver: 'other',
      methods: ['POST'],
      path: /^\/other$/,
      handle: (request) => Promise.resolve({ status: 202, body: request.identity().cluster }),
      refuse: () => ({ status: 400 }),
    }
    hub = await startHub(certificates, {}, { routes: [route] })
    const answer = await sendHttp(hub.http, { path: '/other', tls: dev })
    expect([answer.status, answer.body.toString()]).toEqual([202, 'dev-uaenorth'])
    const tenants = { 'x-scope-orgid': 'prd' }
    expect((await sendHttp(hub.http, { path: '/other', headers: tenants, tls: dev })).status).toBe(400)
  })

  it('refuses a tenant that is not the one of the certificate', async () => {
    const send = (tenant: string): ReturnType<typeof sendHttp> =>
      sendHttp(hub.http, {
        path: '/v1/logs',
        body: otlpBytes('logs', 1),
        headers: { ...PROTOBUF, 'x-scope-orgid': tenant },
        tls: dev,
      })
    expect((await send('dev')).status).toBe(200)
    expect((await send('prd')).status).toBe(403)
    expect((await send('dev|prd')).status).toBe(400)
  })
})

describe('gRPC messages in a compression that is not known', () => {
  it('are answered with UNIMPLEMENTED and what is accepted', async () => {
    const edge = await startEdge()
    const session = http2.connect(`http://127.0.0.1:${String(edge.grpc.port)}`)
    const stream = session.request({
      ':method': 'POST',
      ':path': EXPORT.logs,
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-encoding': 'zstd',
    })
    const payload = otlpBytes('logs', 1)
    const frame = Buffer.alloc(5 + payload.length)
    frame.writeUInt8(1, 0)
    frame.writeUInt32BE(payload.length, 1)
    frame.set(payload, 5)
    stream.end(frame)
    const answered = await new Promise<http2.IncomingHttpHeaders>((resolve, reject) => {
      stream.on('response', resolve)
      stream.on('error', reject)
    })
    expect([answered['grpc-status'], answered['grpc-accept-encoding']]).toEqual(['12', 'identity,deflate,gzip'])
    session.destroy()
    await edge.stop()
  })
})
