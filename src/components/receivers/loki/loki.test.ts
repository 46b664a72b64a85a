import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../../../core/index.ts'
import { DEV, type Sent, startWriteRig, type WriteRig } from '../../../pipeline/ingest/testing/write-rig.ts'
import { countItems, ProtoWriter, snappyCompress } from '../../../wire/index.ts'
import { createLokiRoutes } from './index.ts'

const gzip = promisify<zlib.InputType, Buffer>(zlib.gzip)
const deflate = promisify<zlib.InputType, Buffer>(zlib.deflate)

const PATH = '/loki/api/v1/push'
const JSON_TYPE = { 'content-type': 'application/json' }
const PROTOBUF = { 'content-type': 'application/x-protobuf' }
const NOW = Date.now()
const ns = (ms: number): string => `${String(ms)}000000`

let rig: WriteRig
beforeEach(async () => {
  rig = await startWriteRig(createLokiRoutes)
})
afterEach(() => rig.stop())

function push(...values: readonly (readonly [string, string, Record<string, string>?])[]): string {
  return JSON.stringify({ streams: [{ stream: { app: 'shop', level: 'info' }, values }] })
}

/** A `PushRequest` of one stream. */
function pushProto(ms: number, lines: readonly string[]): Uint8Array {
  const writer = new ProtoWriter()
  const stream = writer.begin(1)
  writer.string(1, '{app="shop"}')
  for (const line of lines) {
    const entry = writer.begin(2)
    const time = writer.begin(1)
    writer.int64(1, Math.floor(ms / 1_000))
    writer.int64(2, (ms % 1_000) * 1e6)
    writer.end(time)
    writer.string(2, line)
    writer.end(entry)
  }
  writer.end(stream)
  return writer.finish()
}

const send = (body: string | Uint8Array, headers: Record<string, string>, path = PATH): Promise<Sent> =>
  rig.send(path, { body, headers })

describe('Loki push', () => {
  it('takes JSON, with structured metadata, and answers 204 without a body', async () => {
    const answer = await send(push([ns(NOW), 'a line', { trace: 'abc' }], [ns(NOW), 'another']), JSON_TYPE)
    expect([answer.status, answer.body]).toEqual([204, ''])
    expect(rig.batches.map(({ envelope }) => envelope)).toEqual([
      expect.objectContaining({ identity: DEV, signal: 'logs', format: 'otlp', source: 'loki', items: 2 }),
    ])
    const [batch] = rig.batches
    expect(countItems('logs', batch?.payload ?? new Uint8Array(0))).toBe(2)
    expect(Buffer.from(batch?.payload ?? []).toString()).toContain('a line')
  })

  it.each<[string, () => Promise<Uint8Array> | Uint8Array, Record<string, string>]>([
    ['JSON in gzip', () => gzip(push([ns(NOW), 'x'])), { ...JSON_TYPE, 'content-encoding': 'gzip' }],
    ['JSON in deflate', () => deflate(push([ns(NOW), 'x'])), { ...JSON_TYPE, 'content-encoding': 'deflate' }],
    ['protobuf in snappy', () => snappyCompress(pushProto(NOW, ['x'])), { ...PROTOBUF, 'content-encoding': 'snappy' }],
    ['protobuf in snappy, unnamed', () => snappyCompress(pushProto(NOW, ['x'])), PROTOBUF],
    ['protobuf without a type', () => snappyCompress(pushProto(NOW, ['x'])), {}],
    ['snappy in gzip', () => gzip(snappyCompress(pushProto(NOW, ['x']))), { ...PROTOBUF, 'content-encoding': 'gzip' }],
    ['protobuf in gzip alone', () => gzip(pushProto(NOW, ['x'])), { ...PROTOBUF, 'content-encoding': 'gzip' }],
  ])('takes %s', async (_what, body, headers) => {
    expect((await send(await body(), headers)).status).toBe(204)
    expect(rig.batches.map(({ envelope }) => envelope.items)).toEqual([1])
  })

  it('listens where it once was', async () => {
    expect((await send(push([ns(NOW), 'x']), JSON_TYPE, '/api/prom/push')).status).toBe(204)
  })

  it('stores the good entries and refuses the rest with 400', async () => {
    const values = [
      [ns(NOW), 'good'],
      [ns(NOW + 3_600_000), 'ahead'],
      ['1', 'ancient'],
    ] as const
    const answer = await send(push(...values), JSON_TYPE)
    expect(answer.status).toBe(400)
    expect(answer.body).toContain('2 items were refused')
    expect(answer.body).not.toContain('ancient')
    expect(rig.batches.map(({ envelope }) => envelope.items)).toEqual([1])
    expect(rig.rejected.map(({ source, reason, items }) => [source, reason, items]).sort()).toEqual([
      ['loki', 'too_new', 1],
      ['loki', 'too_old', 1],
    ])
  })

  it.each([
    ['a numeric timestamp', '{"streams":[{"stream":{"a":"b"},"values":[[1,"x"]]}]}', JSON_TYPE, 400],
    ['no JSON', '{', JSON_TYPE, 400],
    ['another type', 'x', { 'content-type': 'text/plain' }, 415],
    ['another compression', 'x', { ...JSON_TYPE, 'content-encoding': 'br' }, 415],
    ['broken snappy', 'x', PROTOBUF, 400],
  ])('refuses %s', async (_what, body, headers, status) => {
    expect((await send(body, headers)).status).toBe(status)
    expect(rig.batches).toEqual([])
  })

  it('asks to come back while the log refuses, and counts nothing', async () => {
    rig.consume = () => Promise.reject(new AppError('exhausted', 'full', { retryAfterMs: 2_000 }))
    const answer = await send(push([ns(NOW), 'x'], ['1', 'old']), JSON_TYPE)
    expect([answer.status, answer.headers['retry-after']]).toEqual([429, '2'])
    expect(rig.rejected).toEqual([])
  })
})
