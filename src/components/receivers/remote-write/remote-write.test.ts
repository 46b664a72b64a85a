import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../../../core/index.ts'
import { DEV, type Sent, startWriteRig, type WriteRig } from '../../../pipeline/ingest/testing/write-rig.ts'
import { ProtoWriter, readSeries, RemoteWriteWriter, snappyCompress } from '../../../wire/index.ts'
import { createRemoteWriteRoutes } from './index.ts'

const PATH = '/prometheus/api/v1/write'
const V1 = 'application/x-protobuf'
const V2 = 'application/x-protobuf;proto=io.prometheus.write.v2.Request'
const NOW = Date.now()
const STALE = 0x7ff0000000000002n

let rig: WriteRig
beforeEach(async () => {
  rig = await startWriteRig(createRemoteWriteRoutes)
})
afterEach(() => rig.stop())

function post(body: Uint8Array, contentType: string, headers: Record<string, string> = {}, path = PATH): Promise<Sent> {
  const all = { 'content-type': contentType, 'content-encoding': 'snappy', ...headers }
  return rig.send(path, { body: snappyCompress(body), headers: all })
}

interface Series1 {
  readonly labels: readonly (readonly [string, string])[]
  readonly samples: readonly (readonly [value: bigint, ms: number])[]
}

/** A `prometheus.WriteRequest`. Values are bits, so that staleness markers are what they are. */
function request1(...series: readonly Series1[]): Uint8Array {
  const writer = new ProtoWriter()
  for (const { labels, samples } of series) {
    const start = writer.begin(1)
    for (const [name, value] of labels) {
      const label = writer.begin(1)
      writer.string(1, name)
      writer.string(2, value)
      writer.end(label)
    }
    for (const [bits, ms] of samples) {
      const sample = writer.begin(2)
      writer.fixed64(1, bits)
      writer.int64(2, ms)
      writer.end(sample)
    }
    writer.end(start)
  }
  return writer.finish()
}

const up = (...samples: readonly (readonly [bigint, number])[]): Series1 => ({
  labels: [
    ['__name__', 'up'],
    ['job', 'node'],
  ],
  samples,
})
const ONE = 0x3ff0000000000000n

function request2(ms: number, exemplarLabel = 'trace_id'): Uint8Array {
  const writer = new RemoteWriteWriter()
  writer.beginSeries(['__name__', 'requests_total', 'job', 'api'])
  writer.sample(1, ms - 1_000)
  writer.sample(2, ms)
  writer.exemplar([exemplarLabel, 'abc'], 1, ms)
  writer.metadata('counter', 'Requests.', '')
  writer.endSeries()
  writer.beginSeries(['__name__', 'latency', 'job', 'api'])
  writer.histogram({
    counts: { kind: 'integer', count: 3n, zeroCount: 0n, positiveDeltas: [3n], negativeDeltas: [] },
    sum: 4,
    schema: 0,
    zeroThreshold: 0,
    positiveSpans: [{ offset: 0, length: 1 }],
    negativeSpans: [],
    resetHint: 'unspecified',
    timestampMs: ms,
  })
  writer.endSeries()
  return writer.finish()
}

function written({ headers }: Sent): unknown[] {
  return ['samples', 'histograms', 'exemplars'].map((what) => headers[`x-prometheus-remote-write-${what}-written`])
}

describe('remote write', () => {
  it('takes 2.0 with everything in it, and says how much was written', async () => {
    const answer = await post(request2(NOW), V2)
    expect([answer.status, answer.body, ...written(answer)]).toEqual([204, '', '2', '1', '1'])
    expect(rig.batches.map(({ envelope }) => envelope)).toEqual([
      expect.objectContaining({
        identity: DEV,
        signal: 'metrics',
        format: 'remote-write-2',
        source: 'remote-write',
        items: 3,
      }),
    ])
  })

  it('takes 1.0 as 2.0, staleness markers, late and doubled samples included', async () => {
    const answer = await post(request1(up([ONE, NOW], [ONE, NOW - 60_000], [ONE, NOW], [STALE, NOW + 1])), V1)
    expect([answer.status, ...written(answer)]).toEqual([204, '4', '0', '0'])
    const [series] = [...readSeries(rig.batches[0]?.payload ?? new Uint8Array(0))]
    expect(series?.samples.map(({ timestampMs }) => timestampMs)).toEqual([NOW, NOW - 60_000, NOW, NOW + 1])
    const bits = Buffer.from(rig.batches[0]?.payload ?? [])
    const stale = Buffer.alloc(8)
    stale.writeBigUInt64LE(STALE)
    expect(bits.includes(stale)).toBe(true)
  })

  it.each(['/prometheus/api/v1/push', '/api/v1/write', '/api/v1/push'])('listens at %s, too', async (path) => {
    expect((await post(request1(up([ONE, NOW])), V1, {}, path)).status).toBe(204)
  })

  it.each([
    ['the parameter of 1.0', `${V1};proto=prometheus.WriteRequest`, 204],
    ['a quoted parameter in other spacing', `${V1} ; proto="prometheus.WriteRequest"`, 204],
    ['a later version', `${V1};proto=io.prometheus.write.v3.Request`, 415],
    ['no type', '', 415],
    ['JSON', 'application/json', 415],
  ])('chooses by the content type alone: %s', async (_what, contentType, status) => {
    const answer = await post(request1(up([ONE, NOW])), contentType, {
      'x-prometheus-remote-write-version': '2.0.0',
    })
    expect(answer.status).toBe(status)
    if (status === 415) expect(written(answer)).toEqual(['0', '0', '0'])
  })

  it('takes snappy only, named or not', async () => {
    const body = snappyCompress(request1(up([ONE, NOW])))
    expect((await rig.send(PATH, { body, headers: { 'content-type': V1 } })).status).toBe(204)
    for (const encoding of ['gzip', 'identity', 'zstd']) {
      const headers = { 'content-type': V1, 'content-encoding': encoding }
      expect((await rig.send(PATH, { body, headers })).status).toBe(415)
    }
  })

  it('stores the good part of a request and refuses the rest for ever', async () => {
    const bad = { labels: [['job', 'x']] as const, samples: [[ONE, NOW]] as const }
    const future = up([ONE, NOW + 3_600_000], [ONE, NOW])
    const ancient = up([ONE, 1_000])
    const answer = await post(request1(bad, future, ancient), V1)
    expect([answer.status, ...written(answer)]).toEqual([400, '1', '0', '0'])
    expect(answer.body).toContain('3 items were refused')
    expect(answer.headers['retry-after']).toBeUndefined()
    expect(rig.batches.map(({ envelope }) => envelope.items)).toEqual([1])
    expect(rig.rejected.map(({ source, reason, items }) => [source, reason, items]).sort()).toEqual([
      ['remote-write', 'no_name', 1],
      ['remote-write', 'too_new', 1],
      ['remote-write', 'too_old', 1],
    ])
  })

  it('stores and counts nothing while the log refuses, so that the request may come again', async () => {
    rig.consume = () => Promise.reject(new AppError('unavailable', 'full', { retryAfterMs: 4_000 }))
    const answer = await post(request1(up([ONE, NOW], [ONE, 1_000])), V1)
    expect([answer.status, answer.headers['retry-after'], ...written(answer)]).toEqual([503, '4', '0', '0', '0'])
    expect(rig.rejected).toEqual([])
  })

  it('refuses what is no request with 400, once', async () => {
    const answer = await post(Buffer.from('\xff\xff\xff'), V2)
    expect([answer.status, ...written(answer)]).toEqual([400, '0', '0', '0'])
    expect(rig.rejected).toEqual([expect.objectContaining({ reason: 'malformed', items: 1 })])
  })

  it('answers an empty request with success', async () => {
    for (const type of [V1, V2]) expect((await post(new Uint8Array(0), type)).status).toBe(204)
    expect(rig.batches).toEqual([])
  })
})
