import { once } from 'node:events'
import http2 from 'node:http2'
import net from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BufferPool, createMetrics, silentLogger, systemClock } from '../../../../core/index.ts'
import { IngestGate } from '../../../../pipeline/ingest/index.ts'
import { Intake } from '../intake.ts'
import { createOtlpMeters } from '../meters.ts'
import { createGrpcServer, type GrpcServer } from './index.ts'

const IDENTITY = { cluster: 'dev', environment: 'dev', region: 'r', clusterType: 'workload', tenant: 'dev' }
const ECHO = '/test.Echo/Echo'
const SLOW = '/test.Echo/Slow'

interface Answer {
  readonly status: string | undefined
  readonly headers: http2.IncomingHttpHeaders
  readonly body: Buffer
}

/** Speaks HTTP/2 itself, to say what no client of gRPC would. */
describe('gRPC server', () => {
  let grpc: GrpcServer
  let listener: net.Server
  let session: http2.ClientHttp2Session

  beforeAll(async () => {
    const metrics = createMetrics()
    const clock = systemClock
    grpc = createGrpcServer({
      methods: new Map([
        [ECHO, ({ message }) => Promise.resolve(Buffer.from(message))],
        [SLOW, async ({ message }) => (await clock.sleep(300, new AbortController().signal), Buffer.from(message))],
      ]),
      callerOf: () => IDENTITY,
      intake: new Intake({
        clock,
        log: silentLogger(),
        meters: createOtlpMeters(metrics),
        next: () => Promise.resolve(),
        takesBatchIds: false,
      }),
      gate: new IngestGate({ clock, metrics, maxInFlightBytes: 1 << 24, maxWaiting: 500, maxWaitMs: 5_000 }),
      buffers: new BufferPool(1 << 20),
      maxRequestBytes: 1 << 20,
      receiveTimeoutMs: 500,
      takesAnnouncements: false,
    })
    listener = net.createServer((socket) => grpc.accept(socket)).listen(0, '127.0.0.1')
    await once(listener, 'listening')
    session = connect(listener)
  })
  afterAll(async () => {
    session.close()
    await grpc.shutdown(AbortSignal.timeout(1_000))
    listener.close()
  })

  const call = (path: string, body: Buffer | undefined, headers: http2.OutgoingHttpHeaders = {}): Promise<Answer> =>
    ask(session, { ':path': path, 'content-type': 'application/grpc', ...headers }, body)

  it('answers a message that comes in single bytes, and empty ones, and many at once', async () => {
    const small = await call(ECHO, frame(Buffer.from('hello')))
    expect([small.status, small.body.subarray(5).toString()]).toEqual(['0', 'hello'])

    const stream = session.request({ ':method': 'POST', ':path': ECHO, 'content-type': 'application/grpc+proto' })
    for (const byte of frame(Buffer.from('piecemeal'))) {
      stream.write(Buffer.of(byte))
      await new Promise((resolve) => setImmediate(resolve))
    }
    stream.end()
    expect((await collect(stream)).body.subarray(5).toString()).toBe('piecemeal')

    expect((await call(ECHO, frame(Buffer.alloc(0)))).body).toEqual(Buffer.alloc(5))
    const texts = Array.from({ length: 200 }, (_, i) => `${i} `.repeat(2_000))
    const answers = await Promise.all(texts.map((text) => call(ECHO, frame(Buffer.from(text)))))
    expect(answers.map(({ body }) => body.subarray(5).toString())).toEqual(texts)
  })

  it.each([
    ['nothing at all', Buffer.alloc(0), '3', 'ends before its length'],
    ['half a prefix', Buffer.of(0, 0, 0), '3', 'ends before its length'],
    ['half a message', frame(Buffer.from('hello')).subarray(0, 7), '3', 'ends before its length'],
    ['two messages', Buffer.concat([frame(Buffer.from('a')), frame(Buffer.from('b'))]), '3', 'there is more behind it'],
    ['an unknown flag', Buffer.of(7, 0, 0, 0, 0), '3', 'unknown flag 7'],
    ['a length of 4 GiB', Buffer.of(0, 0xff, 0xff, 0xff, 0xff), '8', 'larger than 1048576 bytes'],
    ['a compressed message that is none', frame(Buffer.from('hello'), 1), '3', 'decompress'],
  ])('refuses %s', async (_, body, status, message) => {
    const answer = await call(ECHO, body, { 'grpc-encoding': 'gzip' })
    expect([answer.status, decodeURIComponent(String(answer.headers['grpc-message']))]).toEqual([
      status,
      expect.stringContaining(message),
    ])
  })

  it('refuses what is no call of gRPC, unknown methods, and unknown compression', async () => {
    expect((await call(ECHO, frame(Buffer.alloc(1)), { 'content-type': 'text/plain' })).headers[':status']).toBe(415)
    expect((await call('/test.Echo/Ech%C3%B6', frame(Buffer.alloc(1)))).status).toBe('12')
    const answer = await call(ECHO, frame(Buffer.alloc(1)), { 'grpc-encoding': 'br' })
    expect([answer.status, answer.headers['grpc-accept-encoding']]).toEqual(['12', 'identity,deflate,gzip'])
  })

  it('does not wait for ever for a message, and goes on with the connection', async () => {
    const stream = session.request({ ':method': 'POST', ':path': ECHO, 'content-type': 'application/grpc' })
    stream.write(Buffer.of(0, 0, 0))
    const answer = await collect(stream)
    expect([answer.status, String(answer.headers['grpc-message'])]).toEqual(['14', expect.stringContaining('in time')])
    expect((await call(ECHO, frame(Buffer.from('on')))).status).toBe('0')
  })

  it('stops a sender whose message is refused by its length, though it sends on', async () => {
    const stream = session.request({ ':method': 'POST', ':path': ECHO, 'content-type': 'application/grpc' })
    stream.on('error', () => undefined)
    stream.write(Buffer.concat([Buffer.of(0, 0x7f, 0, 0, 0), Buffer.alloc(200_000)]))
    expect((await collect(stream)).status).toBe('8')
    await once(stream, 'close')
    expect((await call(ECHO, frame(Buffer.alloc(500_000)))).body.length).toBe(500_005)
  })

  it('lets calls under way finish when it shuts down', async () => {
    const own = connect(listener)
    const answer = ask(own, { ':path': SLOW, 'content-type': 'application/grpc' }, frame(Buffer.from('late')))
    await new Promise((resolve) => setTimeout(resolve, 100))
    await grpc.shutdown(AbortSignal.timeout(5_000))
    expect((await answer).body.subarray(5).toString()).toBe('late')
    own.close()
  })
})

function connect(listener: net.Server): http2.ClientHttp2Session {
  const { port } = listener.address() as net.AddressInfo
  return http2.connect(`http://127.0.0.1:${port}`)
}

function frame(message: Buffer, flag = 0): Buffer {
  const prefix = Buffer.alloc(5)
  prefix[0] = flag
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

function ask(
  session: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders,
  body: Buffer | undefined,
): Promise<Answer> {
  const stream = session.request({ ':method': 'POST', ...headers })
  stream.end(body)
  return collect(stream)
}

async function collect(stream: http2.ClientHttp2Stream): Promise<Answer> {
  let headers: http2.IncomingHttpHeaders = {}
  const chunks: Buffer[] = []
  for (const name of ['response', 'trailers'] as const) {
    stream.on(name, (more: http2.IncomingHttpHeaders) => {
      headers = { ...headers, ...more }
    })
  }
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(stream, 'end')
  return { status: headers['grpc-status'] as string | undefined, headers, body: Buffer.concat(chunks) }
}
