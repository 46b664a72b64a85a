import { once } from 'node:events'
import net from 'node:net'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { CompressionAlgorithms } from '@grpc/grpc-js/build/src/compression-algorithms.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError, ERROR_CODES, type ErrorCode } from '../../../core/index.ts'
import { SIGNALS } from '../../../model/index.ts'
import { countItems, decodeRpcStatus } from '../../../wire/index.ts'
import type { OtlpReceiver } from './index.ts'
import { createGrpcClient, EXPORT, type GrpcTestClient, sendHttp } from './testing/clients.ts'
import { otlpBytes, otlpJson } from './testing/payloads.ts'
import { DEV, type Running, startEdge } from './testing/receivers.ts'

const gzip = promisify(zlib.gzip)
const deflate = promisify(zlib.deflate)
const PROTOBUF = { 'content-type': 'application/x-protobuf' }
const JSON_TYPE = { 'content-type': 'application/json' }
const MIB = 1_048_576

/** A frame of Zstandard with one block that is not compressed. */
function storedInZstd(body: Uint8Array): Uint8Array {
  const head = (body.length << 3) | 1
  return Buffer.concat([
    Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0x38, head & 0xff, (head >> 8) & 0xff, (head >> 16) & 0xff),
    body,
  ])
}

let edge: Running<OtlpReceiver>
let client: GrpcTestClient

beforeEach(async () => {
  edge = await startEdge({ maxRequestSize: '1MiB', maxJsonRequestSize: '64KiB', maxInFlight: '2MiB', maxWait: '300ms' })
  client = createGrpcClient(edge.grpc)
})

afterEach(async () => {
  client.close()
  await edge.stop()
})

describe('OTLP over gRPC on an edge', () => {
  it.each(SIGNALS)('takes %s over as the bytes that came', async (signal) => {
    const payload = otlpBytes(signal, 3)
    const before = Date.now()
    expect((await client.call(EXPORT[signal], payload)).code).toBe('OK')
    const [batch] = edge.batches
    expect(Buffer.compare(batch?.payload ?? new Uint8Array(0), payload)).toBe(0)
    expect(batch?.envelope).toMatchObject({ signal, format: 'otlp', items: 3, identity: DEV })
    expect(batch?.envelope.receivedAtMs).toBeGreaterThanOrEqual(before)
    expect(batch?.envelope.collectedAtMs).toBe(batch?.envelope.receivedAtMs)
    expect(edge.accepted).toEqual([['dev-uaenorth', signal, 3, payload.length]])
  })

  it.each([
    ['gzip', CompressionAlgorithms.gzip],
    ['deflate', CompressionAlgorithms.deflate],
  ])('takes %s', async (_, algorithm) => {
    const compressing = createGrpcClient(edge.grpc, undefined, { 'grpc.default_compression_algorithm': algorithm })
    expect((await compressing.call(EXPORT.logs, otlpBytes('logs', 100))).code).toBe('OK')
    expect(edge.batches[0]?.envelope.items).toBe(100)
    compressing.close()
  })

  it('answers an empty request with success and passes nothing on', async () => {
    expect((await client.call(EXPORT.traces, new Uint8Array(0))).code).toBe('OK')
    expect(edge.batches).toEqual([])
  })

  it('refuses what is malformed for good', async () => {
    const answer = await client.call(EXPORT.traces, Uint8Array.of(10, 200, 1))
    expect(answer).toMatchObject({ code: 'INVALID_ARGUMENT', retryAfterMs: undefined })
  })

  it('refuses what is too large for good, compressed or not', async () => {
    expect(await client.call(EXPORT.logs, otlpBytes('logs', 1, 'x'.repeat(MIB)))).toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      retryAfterMs: undefined,
    })
    const options = { 'grpc.default_compression_algorithm': CompressionAlgorithms.gzip }
    const compressing = createGrpcClient(edge.grpc, undefined, options)
    expect(await compressing.call(EXPORT.logs, otlpBytes('logs', 1, '0'.repeat(64 * MIB)))).toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      retryAfterMs: undefined,
    })
    compressing.close()
    expect(edge.batches).toEqual([])
    expect((await client.call(EXPORT.logs, otlpBytes('logs', 1))).code).toBe('OK')
  })

  it('does not know the methods of the hub, and takes no numbers', async () => {
    expect((await client.call('/fleetglass.v1.Ingest/WriteMetrics', new Uint8Array(0))).code).toBe('UNIMPLEMENTED')
    await client.call(EXPORT.logs, otlpBytes('logs', 1), { 'fleetglass-batch-id': 'dev-uaenorth/0;e;1;1' })
    expect(edge.batches[0]?.envelope.id).toBeUndefined()
  })

  it('holds back what does not fit into memory, and turns it away when that takes long', async () => {
    const open: (() => void)[] = []
    edge.consume = () => new Promise((resolve) => open.push(resolve))
    const held = [1, 2].map(() => client.call(EXPORT.logs, otlpBytes('logs', 1, 'x'.repeat(MIB - 100))))
    await expect.poll(() => open.length).toBe(2)
    expect(await client.call(EXPORT.logs, otlpBytes('logs', 1))).toMatchObject({
      code: 'UNAVAILABLE',
      retryAfterMs: 1_000,
    })
    for (const resolve of open) resolve()
    expect((await Promise.all(held)).map(({ code }) => code)).toEqual(['OK', 'OK'])
    edge.consume = () => Promise.resolve()
    expect((await client.call(EXPORT.logs, otlpBytes('logs', 1))).code).toBe('OK')
  })

  it('survives connections that speak anything else', async () => {
    const socket = net.connect(edge.grpc.port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.end('GET / HTTP/1.1\r\n\r\n')
    socket.resume()
    await once(socket, 'close')
    expect((await client.call(EXPORT.logs, otlpBytes('logs', 1))).code).toBe('OK')
  })
})

/** What the sender is told about each of our errors: gRPC status and HTTP status, and whether it may try again. */
const ANSWERS: Readonly<Record<ErrorCode, readonly [grpc: string, http: number, retry: boolean]>> = {
  invalid: ['INVALID_ARGUMENT', 400, false],
  unauthenticated: ['UNAUTHENTICATED', 401, false],
  forbidden: ['PERMISSION_DENIED', 403, false],
  not_found: ['NOT_FOUND', 404, false],
  conflict: ['ALREADY_EXISTS', 409, false],
  too_large: ['RESOURCE_EXHAUSTED', 413, false],
  exhausted: ['UNAVAILABLE', 429, true],
  unavailable: ['UNAVAILABLE', 503, true],
  timeout: ['UNAVAILABLE', 504, true],
  cancelled: ['UNAVAILABLE', 503, false],
  corrupt: ['DATA_LOSS', 503, false],
  internal: ['INTERNAL', 500, false],
}

describe('errors of the pipeline', () => {
  it.each(ERROR_CODES)('%s', async (code) => {
    const [grpc, http, retry] = ANSWERS[code]
    edge.consume = () => Promise.reject(new AppError(code, 'because\ud800', { retryAfterMs: 2_500 }))
    const expected = { code: grpc, retryAfterMs: retry ? 2_500 : undefined }
    expect(await client.call(EXPORT.logs, otlpBytes('logs', 1))).toMatchObject(expected)

    const request = { path: '/v1/logs', body: otlpBytes('logs', 1), headers: PROTOBUF }
    const answer = await sendHttp(edge.http, request)
    expect(answer.status).toBe(http)
    expect(answer.headers['content-type']).toBe('application/x-protobuf')
    expect(answer.headers['retry-after']).toBe(retry ? '3' : undefined)
    expect(decodeRpcStatus(answer.body)).toMatchObject({
      message: 'because\ufffd',
      retryAfterMs: expected.retryAfterMs,
    })
  })

  it('tells the sender to come back if the error says that it will pass', async () => {
    edge.consume = () => Promise.reject(new AppError('internal', 'restarting', { retryable: true }))
    expect(await client.call(EXPORT.logs, otlpBytes('logs', 1))).toMatchObject({
      code: 'UNAVAILABLE',
      retryAfterMs: 1_000,
    })
    const answer = await sendHttp(edge.http, { path: '/v1/logs', body: otlpJson('logs', 1), headers: JSON_TYPE })
    expect(answer.status).toBe(503)
    expect(JSON.parse(answer.body.toString())).toMatchObject({ code: 14, message: 'restarting' })
  })

  it('hides nothing that is no AppError behind a success', async () => {
    edge.consume = () => Promise.reject(new TypeError('oops'))
    expect((await client.call(EXPORT.logs, otlpBytes('logs', 1))).code).toBe('INTERNAL')
    const { body } = await edge.metrics.render()
    expect(body).toContain('fleetglass_otlp_receiver_grpc_requests_total{code="internal"} 1')
  })
})

describe('OTLP over HTTP on an edge', () => {
  it.each(SIGNALS)('takes %s in protobuf and in JSON, and answers in kind', async (signal) => {
    const path = `/v1/${signal}`
    const binary = await sendHttp(edge.http, { path, body: otlpBytes(signal, 2), headers: PROTOBUF })
    expect([binary.status, binary.headers['content-type'], binary.body.length]).toEqual([
      200,
      'application/x-protobuf',
      0,
    ])
    const headers = { 'content-type': 'application/json; charset=utf-8' }
    const json = await sendHttp(edge.http, { path, body: otlpJson(signal, 2), headers })
    expect([json.status, json.headers['content-type'], json.body.toString()]).toEqual([200, 'application/json', '{}'])
    expect(edge.batches.map(({ payload }) => countItems(signal, payload))).toEqual([2, 2])
  })

  it('takes gzip, deflate and zstd', async () => {
    const body = otlpBytes('logs', 5)
    for (const [encoding, compressed] of [
      ['gzip', await gzip(body)],
      ['deflate', await deflate(body)],
      ['zstd', storedInZstd(body)],
    ] as const) {
      const headers = { ...PROTOBUF, 'content-encoding': encoding }
      expect((await sendHttp(edge.http, { path: '/v1/logs', body: compressed, headers })).status).toBe(200)
    }
    expect(edge.batches.map(({ envelope }) => envelope.items)).toEqual([5, 5, 5])
  })

  it('answers an empty request with success', async () => {
    expect((await sendHttp(edge.http, { path: '/v1/logs', headers: PROTOBUF })).status).toBe(200)
    expect((await sendHttp(edge.http, { path: '/v1/logs', body: '{}', headers: JSON_TYPE })).status).toBe(200)
    expect(edge.batches).toEqual([])
  })

  it('refuses bombs and large bodies with 413, whatever they announce', async () => {
    const bomb = await gzip(Buffer.alloc(200 * MIB))
    const large = Buffer.alloc(2 * MIB, 'x')
    const json = JSON.stringify({ x: 'x'.repeat(100_000) })
    const cases = [
      { body: bomb, headers: { ...PROTOBUF, 'content-encoding': 'gzip' } },
      { body: await deflate(Buffer.alloc(50 * MIB)), headers: { ...PROTOBUF, 'content-encoding': 'deflate' } },
      { body: large, headers: PROTOBUF },
      { body: large, headers: { ...PROTOBUF, 'transfer-encoding': 'chunked' } },
      { body: json, headers: JSON_TYPE },
      { body: await gzip(json), headers: { ...JSON_TYPE, 'content-encoding': 'gzip' } },
    ]
    for (const request of cases) {
      const answer = await sendHttp(edge.http, { path: '/v1/logs', ...request })
      expect(answer.status).toBe(413)
      expect(answer.headers['retry-after']).toBeUndefined()
    }
    expect(
      (await sendHttp(edge.http, { path: '/v1/logs', body: otlpBytes('logs', 1), headers: PROTOBUF })).status,
    ).toBe(200)
  })

  it.each([
    ['another path', 404, { path: '/v1/profiles', headers: PROTOBUF }],
    ['another method', 405, { path: '/v1/logs', method: 'PUT', headers: PROTOBUF }],
    ['no content type', 415, { path: '/v1/logs', body: 'x' }],
    ['another content type', 415, { path: '/v1/logs', headers: { 'content-type': 'text/plain' } }],
    ['another compression', 415, { path: '/v1/logs', headers: { ...PROTOBUF, 'content-encoding': 'br' } }],
    ['broken compression', 400, { path: '/v1/logs', body: 'x', headers: { ...PROTOBUF, 'content-encoding': 'gzip' } }],
    ['broken protobuf', 400, { path: '/v1/logs', body: 'x', headers: PROTOBUF }],
    ['broken JSON', 400, { path: '/v1/logs', body: '{', headers: JSON_TYPE }],
  ])('refuses %s with %d', async (_, status, request) => {
    const answer = await sendHttp(edge.http, request)
    expect(answer.status).toBe(status)
    const isProtobuf = answer.headers['content-type'] === 'application/x-protobuf'
    const { message } = isProtobuf
      ? decodeRpcStatus(answer.body)
      : (JSON.parse(answer.body.toString()) as { message: string })
    expect(message).not.toBe('')
    expect(edge.batches).toEqual([])
  })

  it('cuts compression short in the middle', async () => {
    const body = (await gzip(otlpBytes('logs', 50))).subarray(0, -12)
    const headers = { ...PROTOBUF, 'content-encoding': 'gzip' }
    expect((await sendHttp(edge.http, { path: '/v1/logs', body, headers })).status).toBe(400)
  })

  it('tells that it is well', async () => {
    expect((await sendHttp(edge.http, { path: '/healthz', method: 'GET' })).status).toBe(200)
  })
})

describe('the life of the receiver', () => {
  it('lets requests under way finish when it stops', async () => {
    const open: (() => void)[] = []
    edge.consume = () => new Promise((resolve) => open.push(resolve))
    const overGrpc = client.call(EXPORT.logs, otlpBytes('logs', 1))
    const overHttp = sendHttp(edge.http, { path: '/v1/logs', body: otlpBytes('logs', 1), headers: PROTOBUF })
    await expect.poll(() => open.length).toBe(2)
    const stopped = edge.stop()
    for (const finish of open) finish()
    expect((await overGrpc).code).toBe('OK')
    expect((await overHttp).status).toBe(200)
    await stopped
    await edge.stop()
  })

  it('stops in time although a request hangs', async () => {
    const hangs = new Promise<void>((started) => {
      edge.consume = () => {
        started()
        return new Promise(() => undefined)
      }
    })
    const answer = client.call(EXPORT.logs, otlpBytes('logs', 1))
    await hangs
    await edge.receiver.shutdown(AbortSignal.timeout(100))
    expect((await answer).code).not.toBe('OK')
  })

  it('says so when an address is taken', async () => {
    await expect(startEdge({}, { grpc: edge.grpc, http: edge.http })).rejects.toMatchObject({ code: 'conflict' })
  })
})
