import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError, silentLogger } from '../../../core/index.ts'
import { DEV, startWriteRig, type WriteRig } from '../../../pipeline/ingest/testing/write-rig.ts'
import { countItems } from '../../../wire/index.ts'
import { createElasticRoutes, type DocumentIds, openDocumentIds } from './index.ts'

const gzip = promisify<zlib.InputType, Buffer>(zlib.gzip)
const NDJSON = { 'content-type': 'application/x-ndjson' }

interface Item {
  readonly status: number
  readonly _id?: string
  readonly error?: { readonly type: string }
}
interface Answer {
  readonly errors: boolean
  readonly items: readonly Readonly<Record<string, Item>>[]
}

let dir: string
let ids: DocumentIds
let rig: WriteRig
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'elastic-'))
  ids = await openDocumentIds({ dir, log: silentLogger() })
  rig = await startWriteRig((options) => createElasticRoutes({ ...options, ids }))
})
afterEach(async () => {
  await rig.stop()
  await ids.close()
  await rm(dir, { recursive: true })
})

function document(message: string, atMs = Date.now()): object {
  return { '@timestamp': new Date(atMs).toISOString(), message, agent: { type: 'filebeat' } }
}
const create = (id?: string): object => ({
  create: { _index: 'filebeat-8.17.0', ...(id === undefined ? {} : { _id: id }) },
})
const lines = (...list: readonly (object | string)[]): string =>
  list.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('')

async function bulk(body: string, target = '/elastic/_bulk'): Promise<Answer> {
  const { status, headers, body: text } = await rig.send(target, { body, headers: NDJSON })
  expect([status, headers['x-elastic-product']]).toEqual([200, 'Elasticsearch'])
  return JSON.parse(text) as Answer
}
const statuses = ({ items }: Answer): number[] => items.map((item) => Object.values(item)[0]?.status ?? 0)

describe('what clients ask before they write', () => {
  it.each([
    ['GET', '/elastic/'],
    ['GET', '/elastic'],
    ['HEAD', '/elastic/'],
    ['GET', '/elastic/_license'],
    ['GET', '/elastic/_xpack'],
    ['GET', '/elastic/_cluster/health'],
    ['GET', '/elastic/_ilm/policy/filebeat'],
    ['PUT', '/elastic/_ilm/policy/filebeat'],
    ['HEAD', '/elastic/_index_template/filebeat-8.17.0'],
    ['PUT', '/elastic/_index_template/filebeat-8.17.0'],
    ['GET', '/elastic/_template/filebeat'],
    ['PUT', '/elastic/_data_stream/filebeat-8.17.0'],
    ['GET', '/elastic/_ingest/pipeline/filebeat-8.17.0-nginx'],
    ['PUT', '/elastic/_ingest/pipeline/filebeat-8.17.0-nginx'],
    ['GET', '/elastic/_nodes/_all/http'],
    ['GET', '/elastic/_logstash/pipeline'],
  ])('%s %s is answered', async (method, target) => {
    const { status, headers, body } = await rig.send(target, { method, body: method === 'PUT' ? '{}' : '' })
    expect([status, headers['x-elastic-product'], headers['content-type']]).toEqual([
      200,
      'Elasticsearch',
      'application/json',
    ])
    if (method === 'PUT') expect(JSON.parse(body)).toEqual({ acknowledged: true })
  })

  it('is of the version that the client is', async () => {
    const versionFor = async (agent: string): Promise<string> => {
      const { body } = await rig.send('/elastic/', { method: 'GET', headers: { 'user-agent': agent } })
      return (JSON.parse(body) as { version: { number: string } }).version.number
    }
    expect(await versionFor('Elastic-filebeat/7.17.1 (linux; amd64; x; 2022; y)')).toBe('7.17.1')
    expect(await versionFor('elasticsearch-js/8.13.1 (linux 5)')).toBe('8.13.1')
    expect(await versionFor('curl/8')).toBe('8.17.0')
  })

  it('is refused in the same way when there is no such thing', async () => {
    const { status, headers } = await rig.send('/elastic/_search', { method: 'GET' })
    expect([status, headers['x-elastic-product']]).toEqual([404, 'Elasticsearch'])
  })
})

describe('_bulk', () => {
  it('stores documents, with and without ids, in an index or the one of the address', async () => {
    const answer = await bulk(
      lines(create('a'), document('one'), create(), document('two'), '{"index":{}}', document('3')),
      '/elastic/logs-x/_bulk?filter_path=errors',
    )
    expect(answer.errors).toBe(false)
    expect(statuses(answer)).toEqual([201, 201, 201])
    expect(answer.items[1]?.['create']?._id).not.toBe('')
    expect(answer.items[2]).toMatchObject({ index: { _index: 'logs-x' } })
    const [batch] = rig.batches
    expect(batch?.envelope).toMatchObject({
      identity: DEV,
      signal: 'logs',
      format: 'otlp',
      source: 'elastic',
      items: 3,
    })
    expect(countItems('logs', batch?.payload ?? new Uint8Array(0))).toBe(3)
  })

  it('answers each document by itself, in order', async () => {
    const answer = await bulk(
      lines(
        create(),
        document('good'),
        create(),
        '{"broken',
        '{"delete":{"_index":"i","_id":"1"}}',
        '{"update":{"_index":"i","_id":"1"}}',
        { doc: {} },
        create(),
        document('ancient', 1_000),
        create(),
        document('good, too'),
      ),
    )
    expect(answer.errors).toBe(true)
    expect(statuses(answer)).toEqual([201, 400, 400, 400, 400, 201])
    expect(rig.batches.map(({ envelope }) => envelope.items)).toEqual([2])
    expect(rig.rejected.map(({ source, reason, items }) => [source, reason, items]).sort()).toEqual([
      ['elastic', 'bad_document', 1],
      ['elastic', 'bad_operation', 2],
      ['elastic', 'too_old', 1],
    ])
  })

  it('stores a document with an id once, also after a restart', async () => {
    const body = lines(create('a'), document('one'), create('b'), document('two'))
    expect(statuses(await bulk(body))).toEqual([201, 201])
    const again = await bulk(lines(create('b'), document('two'), create('c'), document('three')))
    expect(statuses(again)).toEqual([409, 201])
    expect(again.items[0]?.['create']?.error?.type).toBe('version_conflict_engine_exception')
    await ids.close()
    ids = await openDocumentIds({ dir, log: silentLogger() })
    await rig.stop()
    rig = await startWriteRig((options) => createElasticRoutes({ ...options, ids }))
    expect(
      statuses(
        await bulk(
          lines(create('c'), document('three'), { index: { _index: 'filebeat-8.17.0', _id: 'a' } }, document('one')),
        ),
      ),
    ).toEqual([409, 200])
    expect(rig.batches).toEqual([])
    expect(rig.rejected).toEqual([])
  })

  it('forgets the ids of what the log has refused, and asks for the whole request again', async () => {
    const { consume } = rig
    rig.consume = () => Promise.reject(new AppError('unavailable', 'full', { retryAfterMs: 1_000 }))
    const body = lines(create('a'), document('one'))
    const refused = await rig.send('/elastic/_bulk', { body, headers: NDJSON })
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1'])
    rig.consume = consume
    expect(statuses(await bulk(body))).toEqual([201])
  })

  it('lets a sender wait for a document that another request is storing', async () => {
    let finish = (): void => undefined
    const { consume } = rig
    rig.consume = async (batch) => {
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      await consume(batch)
    }
    const body = lines(create('a'), document('one'))
    const first = bulk(body)
    await expect.poll(() => rig.gate.inFlightBytes).toBeGreaterThan(0)
    await new Promise((resolve) => setTimeout(resolve, 50))
    rig.consume = consume
    expect(statuses(await bulk(lines(create('a'), document('one'), create('b'), document('two'))))).toEqual([429, 201])
    finish()
    expect(statuses(await first)).toEqual([201])
    expect(statuses(await bulk(body))).toEqual([409])
  })

  it('takes gzip, and refuses what is too large or torn', async () => {
    const body = await gzip(lines(create(), document('one')))
    const headers = { ...NDJSON, 'content-encoding': 'gzip' }
    expect((await rig.send('/elastic/_bulk', { body, headers })).status).toBe(200)
    const large = lines(create(), document('x'.repeat(2_000_000)))
    expect((await rig.send('/elastic/_bulk', { body: large, headers: NDJSON })).status).toBe(413)
    const torn = await rig.send('/elastic/_bulk', { body: lines(create()), headers: NDJSON })
    expect([torn.status, JSON.parse(torn.body)]).toEqual([400, expect.objectContaining({ status: 400 })])
  })
})
