import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ProtoReader, ProtoWriter, snappyCompress, snappyUncompress } from '../../wire/index.ts'
import { bucketsFromSpans, type FloatHistogram } from '../../query/index.ts'
import { createMemoryMetrics, seriesOf } from '../../query/testing/memory-metrics.ts'
import { createInlineRunner } from '../handlers/index.ts'
import { createTestHub, NOW_MS, sources, type TestHub } from '../testing/test-hub.ts'
import { decodeXorChunk } from '../testing/xor-decoder.ts'
import { encodeXorChunk } from './xor-chunk.ts'

let hub: TestHub
let port = 0
beforeAll(async () => {
  hub = await createTestHub()
  await hub.app.listen({ host: '127.0.0.1', port: 0 })
  const address = hub.app.server.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})
afterAll(async () => {
  await hub.app.close()
})

/** Of `{__name__=~name}` in the last ten minutes. */
function requestOf(name: string, ...accepted: number[]): Uint8Array {
  const writer = new ProtoWriter()
  const query = writer.begin(1)
  writer.int64(1, NOW_MS - 600_000)
  writer.int64(2, NOW_MS)
  const matcher = writer.begin(3)
  writer.uint32(1, 2)
  writer.string(2, '__name__')
  writer.string(3, name)
  writer.end(matcher)
  writer.end(query)
  if (accepted.length > 0) writer.bytes(2, Uint8Array.from(accepted))
  return snappyCompress(writer.finish())
}

async function read(body: Uint8Array, from = hub): Promise<{ status: number; type: unknown; body: Buffer }> {
  const response = await from.app.inject({
    method: 'POST',
    url: '/prometheus/api/v1/read',
    headers: { ...from.headers('dev'), 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
    payload: Buffer.from(body),
  })
  return { status: response.statusCode, type: response.headers['content-type'], body: response.rawPayload }
}

/** What a message has in a field that is a message or bytes. */
function fieldsOf(bytes: Uint8Array, field: number): Uint8Array[] {
  const reader = new ProtoReader(bytes)
  const found: Uint8Array[] = []
  while (reader.next()) {
    if (reader.field === field && reader.wireType === 2) found.push(reader.slice())
    else reader.skip()
  }
  return found
}

function varintsOf(bytes: Uint8Array, field: number): number[] {
  const reader = new ProtoReader(bytes)
  const found: number[] = []
  while (reader.next()) {
    if (reader.field === field && reader.wireType === 0) found.push(reader.uint32())
    else reader.skip()
  }
  return found
}

function histogramOf(count: number): FloatHistogram {
  const buckets = bucketsFromSpans([0], [1], [count])
  const rest = { negative: bucketsFromSpans([], [], []), customValues: [], zeroThreshold: 0.001, zeroCount: 0 }
  return { schema: 0, resetHint: 'unknown', count, sum: count, positive: buckets, ...rest }
}

describe('remote read', () => {
  it('answers with samples, of the scope only, both ends inside', async () => {
    const { status, type, body } = await read(requestOf('requests_total'))
    expect([status, type]).toEqual([200, 'application/x-protobuf'])
    const [result = new Uint8Array()] = fieldsOf(snappyUncompress(body, 1e6), 1)
    const series = fieldsOf(result, 1)
    expect(series.map((one) => [fieldsOf(one, 1).length, fieldsOf(one, 2).length])).toEqual([
      [5, 21],
      [5, 21],
    ])
    expect(Buffer.from(snappyUncompress(body, 1e6)).includes('canary-prd')).toBe(false)
  })

  it('streams chunks to who prefers them', async () => {
    const { type, body } = await read(requestOf('requests_total', 1, 0))
    expect(type).toBe('application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse')
    const length = (body[0] ?? 0) - 128 + 128 * (body[1] ?? 0)
    const [series = new Uint8Array()] = fieldsOf(body.subarray(6, 6 + length), 1)
    const [chunk = new Uint8Array()] = fieldsOf(series, 2)
    const [data = new Uint8Array()] = fieldsOf(chunk, 4)
    const expected = Array.from({ length: 21 }, (_, i) => [NOW_MS - 600_000 + 30_000 * i, i * 10])
    expect(decodeXorChunk(data)).toEqual(expected)
  })

  it('streams histograms between floats, in the order of time', async () => {
    const float = seriesOf('mixed', { tenant_id: 'dev' }, [
      [NOW_MS - 4_000, 1],
      [NOW_MS - 3_000, 2],
      [NOW_MS, 3],
    ])
    const histograms = {
      timesMs: Float64Array.of(NOW_MS - 2_000, NOW_MS - 1_000),
      values: [histogramOf(1), { ...histogramOf(2), resetHint: 'not-reset' as const }],
    }
    const metrics = createMemoryMetrics([{ ...float, histograms }])
    const clock = { now: () => NOW_MS, sleep: () => Promise.resolve() }
    const runner = createInlineRunner({ sources: { ...sources, metrics }, clock, onFault: () => undefined })
    const own = await createTestHub({ runner })
    const chunks = async (): Promise<(readonly [type: number, count: number])[]> => {
      const { body } = await read(requestOf('mixed', 1), own)
      const length = (body[0] ?? 0) < 128 ? 1 : 2
      const [series = new Uint8Array()] = fieldsOf(body.subarray(length + 4), 1)
      return fieldsOf(series, 2).map((chunk) => {
        const [data = new Uint8Array()] = fieldsOf(chunk, 4)
        const type = data.length > 0 ? varintsOf(chunk, 3)[0] : 0
        return [type ?? 0, (data[0] ?? 0) * 256 + (data[1] ?? 0)]
      })
    }
    expect(await chunks()).toEqual([
      [1, 2],
      [3, 2],
      [1, 1],
    ])
    await own.app.close()
  })

  it('refuses what is no request', async () => {
    expect((await read(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0]))).status).toBe(413)
    expect((await read(Buffer.from('nonsense'))).status).toBe(400)
    expect((await read(requestOf('.*'))).status).toBe(400)
  })
})

it('chunks hold any floats at any times', () => {
  const times = [-5, 0, 1, 8_000, 8_001, 100_000, 9e12, 9e12 + 1]
  const values = [0, -0, 1.5, 1.5, Infinity, 5e-324, -1e300, NaN]
  const data = encodeXorChunk(Float64Array.from(times), Float64Array.from(values), 0, times.length)
  expect(decodeXorChunk(data)).toEqual(times.map((time, i) => [time, values[i]]))
})

/** What Debian's packages bring; undefined when the program is not there. */
function installed(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe.skipIf(!installed('promtool'))('promtool, if it is installed', () => {
  const promtool = (...args: string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const child = spawn('promtool', ['query', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
      let output = ''
      child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()))
      child.stderr.on('data', (bytes: Buffer) => (output += bytes.toString()))
      child.on('error', reject)
      child.on('close', () => {
        resolve(output)
      })
    })

  it.each(['/metrics', '/prometheus/federate?match[]=up'])('finds no fault in the grammar of %s', async (url) => {
    const { body } = await hub.app.inject({ url, headers: hub.headers('all') })
    const check = spawnSync('promtool', ['check', 'metrics'], { input: body, encoding: 'utf8' })
    // 3: it parses, and there is advice about names.
    expect([0, 3], check.stderr).toContain(check.status)
    expect(body).toMatch(/^# TYPE /m)
  })

  it('queries instants, ranges, series and labels', async () => {
    const open = await createTestHub({ access: openAccess })
    await open.app.listen({ host: '127.0.0.1', port: 0 })
    const address = open.app.server.address()
    const url = `http://127.0.0.1:${String(typeof address === 'object' && address !== null ? address.port : 0)}/prometheus`
    const now = String(NOW_MS / 1000)
    try {
      expect(await promtool('instant', '--time', now, url, 'sum(requests_total)')).toBe(`{} => 400 @[${now}]\n`)
      const start = String(NOW_MS / 1000 - 30)
      const range = await promtool('range', '--start', start, '--end', now, '--step', '30s', url, 'sum(requests_total)')
      expect(range).toBe(`{} =>\n380 @[${start}]\n400 @[${now}]\n`)
      expect(await promtool('labels', url, 'job')).toBe('a\nb\npool-canary-dev\n')
      expect(await promtool('series', '--match', 'requests_total{job="a"}', url)).toContain('__name__="requests_total"')
    } finally {
      await open.app.close()
    }
  })
})

const openAccess = {
  authorize: () => ({ team: 'test', role: 'viewer' as const, scope: { tenants: ['dev'] } }),
}

describe.skipIf(!installed('prometheus'))('Prometheus, if it is installed', () => {
  it('reads from here', { timeout: 30_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'remote-read-'))
    const own = await freePort()
    const url = `http://127.0.0.1:${String(port)}/prometheus/api/v1/read`
    const config = `remote_read: [{ url: '${url}', read_recent: true, authorization: { credentials: token-dev } }]\n`
    await writeFile(join(folder, 'prometheus.yml'), config)
    const child = spawn(
      'prometheus',
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${String(own)}`,
      ],
      { stdio: 'ignore' },
    )
    const ended = new Promise((resolve) => child.once('exit', resolve))
    try {
      const query = `http://127.0.0.1:${String(own)}/api/v1/query?query=sum(requests_total)&time=${String(NOW_MS / 1000)}`
      const answer = await untilAnswered(query)
      expect(answer).toMatchObject({ data: { result: [{ value: [NOW_MS / 1000, '400'] }] } })
    } finally {
      child.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true })
    }
  })
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function untilAnswered(url: string): Promise<unknown> {
  for (let i = 0; i < 100; i++) {
    const response = await fetch(url).catch(() => undefined)
    if (response?.ok === true) return await response.json()
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(`no answer from ${url}`)
}
