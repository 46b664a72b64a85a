import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Metadata, status } from '@grpc/grpc-js'
import { afterEach, describe, expect, it } from 'vitest'
import { silentLogger, systemClock } from '../../../core/index.ts'
import { parseFleetFile } from '../../../fleet/index.ts'
import type { Batch, Signal } from '../../../model/index.ts'
import { createSecrets, type DestinationProtocol, type Outcome } from '../../../pipeline/destination/index.ts'
import {
  encodePartialSuccess,
  encodeRpcStatus,
  jsonToOtlp,
  readLogs,
  RemoteWriteWriter,
  toPlainText,
} from '../../../wire/index.ts'
import { readMetricPoints } from '../../../wire/otlp/read/index.ts'
import { createOtlpProtocol } from './index.ts'
import type { OtlpRequest } from './request.ts'
import { GrpcIntake } from './testing/grpc-intake.ts'

const NEVER = new AbortController().signal
const identity = { cluster: 'dev', environment: 'dev', region: 'r', clusterType: 'workload', tenant: 'dev' }

function protocolFor(endpoint: string, extra = '', env: NodeJS.ProcessEnv = {}): DestinationProtocol<OtlpRequest> {
  const fleet = parseFleetFile(
    `{ fleet: f, hub: { cluster: ops }, clusters: { dev: { environment: dev, region: r } },
       destinations: { o: { type: otlp, endpoint: "${endpoint}"${extra} } } }`,
    'f.yaml',
  )
  const settings = fleet.destinations.get('o')
  if (settings?.type !== 'otlp') throw new Error('no such destination')
  const parts = { secrets: createSecrets(env), userAgent: 'Fleetglass/t', clock: systemClock, log: silentLogger() }
  return createOtlpProtocol(settings, parts)
}

function batchOf(
  signal: Signal,
  payload: Uint8Array,
  items: number,
  format: 'otlp' | 'remote-write-2' = 'otlp',
): Batch {
  return { envelope: { signal, format, items, identity, collectedAtMs: 1, receivedAtMs: 2 }, payload }
}

function logBatch(...bodies: readonly string[]): Batch {
  const logRecords = bodies.map((stringValue) => ({ body: { stringValue } }))
  return batchOf(
    'logs',
    jsonToOtlp('logs', JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })),
    bodies.length,
  )
}

function bodiesOf(payload: Uint8Array): string[] {
  return [...readLogs(payload)].map(({ record }) => toPlainText(record.body))
}

async function send(
  protocol: DestinationProtocol<OtlpRequest>,
  ...batches: readonly Batch[]
): Promise<Outcome<OtlpRequest>> {
  const [request] = protocol.encode(batches, Date.now()).requests
  if (request === undefined) throw new Error('nothing to send')
  return await protocol.send(request, NEVER)
}

describe('OTLP destination over gRPC', () => {
  const open: { close(): Promise<void> }[] = []
  const intakes: GrpcIntake[] = []
  afterEach(async () => {
    for (const protocol of open.splice(0)) await protocol.close()
    for (const intake of intakes.splice(0)) intake.stop()
  })

  async function pair(
    extra = '',
    env: NodeJS.ProcessEnv = {},
  ): Promise<{ intake: GrpcIntake; protocol: DestinationProtocol<OtlpRequest> }> {
    const intake = await new GrpcIntake().start()
    const protocol = protocolFor(`http://127.0.0.1:${String(intake.port)}`, extra, env)
    intakes.push(intake)
    open.push(protocol)
    return { intake, protocol }
  }

  it('sends neighbouring batches as one request, with headers and secrets', async () => {
    const { intake, protocol } = await pair(
      ', headers: { X-Team: sre, x-api-key: { env: KEY } }, auth: { bearer: { env: TOKEN } }',
      {
        KEY: 'k',
        TOKEN: 't',
      },
    )
    expect(await send(protocol, logBatch('a', 'b'), logBatch('c'))).toEqual({ t: 'delivered' })
    expect(intake.arrivals.map(({ path: at, payload }) => [at, bodiesOf(payload)])).toEqual([
      ['/opentelemetry.proto.collector.logs.v1.LogsService/Export', ['a', 'b', 'c']],
    ])
    const { metadata } = intake.arrivals[0] ?? {}
    expect(['x-team', 'x-api-key', 'authorization'].map((name) => metadata?.get(name)[0])).toEqual([
      'sre',
      'k',
      'Bearer t',
    ])
  })

  it('sends series as OTLP metrics, and counts what OTLP has no form for', async () => {
    const { intake, protocol } = await pair()
    const writer = new RemoteWriteWriter()
    writer.beginSeries(['__name__', 'up', 'instance', 'i', 'job', 'j'])
    writer.sample(1, 5)
    writer.endSeries()
    expect(await send(protocol, batchOf('metrics', writer.finish(), 1, 'remote-write-2'))).toEqual({ t: 'delivered' })
    const [point] = [...readMetricPoints(intake.arrivals[0]?.payload ?? Buffer.alloc(0))]
    expect(point).toMatchObject({ kind: 'gauge', metric: { name: 'up' }, point: { value: 1, timeNs: 5_000_000n } })
  })

  it('counts what was rejected in part and does not send it again', async () => {
    const { intake, protocol } = await pair()
    intake.answer = () => Buffer.from(encodePartialSuccess({ rejected: 2, message: 'no' }))
    expect(await send(protocol, logBatch('a', 'b', 'c'))).toEqual({
      t: 'delivered',
      undelivered: [{ reason: 'rejected_by_server', items: 2 }],
    })
  })

  it.each([
    ['retry', ['CANCELLED', 'DEADLINE_EXCEEDED', 'ABORTED', 'OUT_OF_RANGE', 'UNAVAILABLE', 'DATA_LOSS']],
    ['refused', ['UNKNOWN', 'INVALID_ARGUMENT', 'ALREADY_EXISTS', 'FAILED_PRECONDITION', 'INTERNAL']],
    ['misconfigured', ['NOT_FOUND', 'PERMISSION_DENIED', 'UNAUTHENTICATED', 'UNIMPLEMENTED']],
    ['too-large', ['RESOURCE_EXHAUSTED']],
  ] as const)('takes as %s: %j', async (t, names) => {
    const { intake, protocol } = await pair()
    for (const name of names) {
      intake.answer = () => ({ code: status[name] })
      expect(await send(protocol, logBatch('a')), name).toMatchObject({ t })
    }
  })

  it('comes back when it is told to', async () => {
    const { intake, protocol } = await pair()
    const trailers = new Metadata()
    const details = encodeRpcStatus({ code: status.RESOURCE_EXHAUSTED, message: 'busy', retryAfterMs: 2_500 })
    trailers.set('grpc-status-details-bin', Buffer.from(details))
    intake.answer = () => ({ code: status.RESOURCE_EXHAUSTED, trailers })
    expect(await send(protocol, logBatch('a'))).toEqual({
      t: 'retry',
      detail: 'gRPC RESOURCE_EXHAUSTED',
      afterMs: 2_500,
    })
  })

  it('does not wait for ever, ends at once when it is called off, and finds a server that comes back', async () => {
    const { intake, protocol } = await pair(', timeout: 300ms')
    intake.answer = () => 'never'
    expect(await send(protocol, logBatch('a'))).toMatchObject({ t: 'retry' })
    const [request] = protocol.encode([logBatch('a')], 0).requests
    const controller = new AbortController()
    const sending = request && protocol.send(request, controller.signal)
    controller.abort()
    await expect(sending).rejects.toMatchObject({ code: 'cancelled' })
    intake.stop()
    expect(await send(protocol, logBatch('a'))).toMatchObject({ t: 'retry' })
    intake.answer = () => Buffer.alloc(0)
    await intake.start()
    let outcome = await send(protocol, logBatch('back'))
    for (let i = 0; i < 40 && outcome.t === 'retry'; i++) outcome = await send(protocol, logBatch('back'))
    expect(outcome).toEqual({ t: 'delivered' })
  })

  it('says what is wrong with our settings instead of trying', async () => {
    const { intake, protocol } = await pair(', auth: { bearer: { env: TOKEN } }')
    expect(await send(protocol, logBatch('a'))).toEqual({
      t: 'misconfigured',
      detail: 'the environment variable TOKEN, which holds a secret, is not set',
    })
    expect(intake.arrivals).toEqual([])
    const secure = protocolFor(`https://127.0.0.1:${String(intake.port)}`, ', timeout: 2s')
    open.push(secure)
    expect((await send(secure, logBatch('a'))).t).not.toBe('delivered')
  })

  it('cuts a request in two', () => {
    const [request] = protocolFor('http://x:1').encode([logBatch('a', 'b'), logBatch('c')], 0).requests
    expect(request?.split()?.map(({ payload, items }) => [items, bodiesOf(payload)])).toEqual([
      [1, ['a']],
      [2, ['b', 'c']],
    ])
  })
})

describe('OTLP destination over HTTP', () => {
  let answer: { status: number; headers?: Record<string, string>; body?: Uint8Array } = { status: 200 }
  const arrivals: { url: string; headers: http.IncomingHttpHeaders; body: Buffer }[] = []
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      arrivals.push({ url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) })
      response.writeHead(answer.status, answer.headers).end(answer.body)
    })
  })
  afterEach(async () => {
    arrivals.length = 0
    server.closeAllConnections()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  })

  async function start(): Promise<string> {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
  }

  it('posts protobuf in gzip to the path of the signal; a token file is read again when it changes', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'fg-otlp-'))
    const file = path.join(dir, 'token')
    await writeFile(file, 'first\n')
    const protocol = protocolFor(`${await start()}/intake/`, `, protocol: http, auth: { bearer: { file: "${file}" } }`)
    answer = { status: 202 }
    expect(await send(protocol, logBatch('a'))).toEqual({ t: 'delivered' })
    await writeFile(file, 'second\n')
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    await send(protocol, logBatch('b'))
    expect(arrivals.map(({ url, headers, body }) => [url, headers.authorization, bodiesOf(gunzipSync(body))])).toEqual([
      ['/intake/v1/logs', 'Bearer first', ['a']],
      ['/intake/v1/logs', 'Bearer second', ['b']],
    ])
    await protocol.close()
    await rm(dir, { recursive: true })
  })

  it.each([
    [
      { status: 200, body: encodePartialSuccess({ rejected: 1, message: '' }) },
      { t: 'delivered', undelivered: [{ items: 1 }] },
    ],
    [
      { status: 429, headers: { 'retry-after': '3' } },
      { t: 'retry', afterMs: 3_000 },
    ],
    [{ status: 503 }, { t: 'retry' }],
    [{ status: 500 }, { t: 'refused', reason: 'http_500' }],
    [{ status: 400 }, { t: 'refused', reason: 'http_400' }],
    [{ status: 413 }, { t: 'too-large' }],
    [{ status: 401 }, { t: 'misconfigured' }],
    [{ status: 404 }, { t: 'misconfigured' }],
    [{ status: 307, headers: { location: 'http://127.0.0.1:1/' } }, { t: 'misconfigured' }],
  ])('takes %j for what it means', async (given, outcome) => {
    answer = given
    const protocol = protocolFor(await start(), ', protocol: http, compression: none')
    expect(await send(protocol, logBatch('a', 'b'))).toMatchObject(outcome)
    expect(bodiesOf(arrivals[0]?.body ?? Buffer.alloc(0))).toEqual(['a', 'b'])
    await protocol.close()
  })
})
