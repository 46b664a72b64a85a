import { describe, expect, it } from 'vitest'
import { AppError } from '../../core/index.ts'
import { checkOtlp } from '../otlp/index.ts'
import { mutateBytes } from '../testing/mutate.ts'
import { OTLP_REQUEST_TYPES } from '../testing/otlp-proto.ts'
import { type BulkOptions, DEFAULT_BULK_LIMITS, elasticBulkToOtlp } from './index.ts'
import { parseElasticTime } from './time.ts'

const T = '2026-01-05T10:30:00.123456789Z'
const NS = '1767609000123456789'

interface Value {
  readonly stringValue?: string
  readonly [variant: string]: unknown
}
interface Attribute {
  readonly key?: string
  readonly value?: Value
}
interface Request {
  readonly resourceLogs?: readonly {
    readonly resource?: { readonly attributes?: readonly Attribute[] }
    readonly scopeLogs?: readonly {
      readonly logRecords?: readonly (Readonly<Record<string, unknown>> & {
        readonly attributes?: readonly Attribute[]
        readonly body?: Value
      })[]
    }[]
  }[]
}

const bulk = (...lines: readonly (string | object)[]): Uint8Array =>
  Buffer.from(`${lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')}\n`)

function read(bytes: Uint8Array, options?: BulkOptions) {
  const verdict = elasticBulkToOtlp(bytes, options)
  const type = OTLP_REQUEST_TYPES.logs
  const { resourceLogs = [] } = type.toObject(type.decode(verdict.payload), { longs: String }) as Request
  const flat = (attributes: readonly Attribute[] = []): Record<string, unknown> =>
    Object.fromEntries(attributes.map(({ key = '', value = {} }) => [key, Object.values(value)[0]]))
  const groups = resourceLogs.map(({ resource, scopeLogs = [] }) => ({
    resource: flat(resource?.attributes),
    records: scopeLogs.flatMap(({ logRecords = [] }) =>
      logRecords.map(({ attributes, body, ...rest }) => ({
        ...rest,
        body: body?.stringValue,
        attributes: flat(attributes),
      })),
    ),
  }))
  return { ...verdict, groups }
}

const CREATE = { create: { _index: 'filebeat-8.11.0' } }

describe('Elasticsearch bulk', () => {
  it('makes a log record of a document as Filebeat sends it', () => {
    const document = {
      '@timestamp': T,
      message: 'GET / 200\n',
      log: { level: 'Warning', offset: 12, file: { path: '/var/log/pods/x.log' } },
      kubernetes: {
        namespace: 'shop',
        pod: { name: 'cart-1', uid: 'u' },
        container: { name: 'cart' },
        node: { name: 'n1' },
        labels: { app: 'cart', tier: 'web' },
      },
      host: { name: 'n1' },
      'service.name': 'cart-service',
      ecs: { version: '8.0.0' },
      http: { response: { status_code: 200, time: 0.25 }, ok: true, none: null },
      tags: ['a', 1, { b: [null] }],
      big: 12345678901234567890,
      long: '@@',
      trace: { id: '0af7651916cd43dd8448eb211c80319c' },
    }
    const text = JSON.stringify(document).replace('"@@"', '9223372036854775807')
    const { groups, items, records } = read(bulk({ create: { _index: 'filebeat-8.11.0', _id: 'id-1' } }, text))
    expect(items).toEqual([{ operation: 'create', index: 'filebeat-8.11.0', id: 'id-1', status: 201 }])
    expect(records).toBe(1)
    expect(groups).toHaveLength(1)
    expect(groups[0]?.resource).toEqual({
      'service.name': 'cart-service',
      'host.name': 'n1',
      'k8s.namespace.name': 'shop',
      'k8s.pod.name': 'cart-1',
      'k8s.pod.uid': 'u',
      'k8s.container.name': 'cart',
      'k8s.node.name': 'n1',
      'k8s.pod.label.app': 'cart',
      'k8s.pod.label.tier': 'web',
    })
    const { traceId, ...record }: Readonly<Record<string, unknown>> = groups[0]?.records[0] ?? {}
    expect(Buffer.from(traceId as Uint8Array).toString('hex')).toBe('0af7651916cd43dd8448eb211c80319c')
    expect(record).toEqual({
      timeUnixNano: NS,
      severityNumber: 13,
      severityText: 'Warning',
      body: 'GET / 200\n',
      attributes: {
        'log.level': 'Warning',
        'log.offset': '12',
        'log.file.path': '/var/log/pods/x.log',
        'ecs.version': '8.0.0',
        'http.response.status_code': '200',
        'http.response.time': 0.25,
        'http.ok': true,
        big: 12345678901234567000,
        long: '9223372036854775807',
        tags: {
          values: [
            { stringValue: 'a' },
            { intValue: '1' },
            { kvlistValue: { values: [{ key: 'b', value: { arrayValue: { values: [{}] } } }] } },
          ],
        },
        'log.record.uid': 'id-1',
        'elasticsearch.index': 'filebeat-8.11.0',
      },
    })
  })

  it('answers each operation, in order, and keeps the neighbours of bad ones', () => {
    const good = { '@timestamp': T, message: 'x' }
    const { items, records, rejected, duplicates } = read(
      bulk(
        { index: { _index: 'a' } },
        good,
        CREATE,
        '{"message":',
        CREATE,
        { '@timestamp': 'yesterday', message: 'x' },
        { delete: { _index: 'a', _id: '1' } },
        { update: { _index: 'a', _id: '1' } },
        { doc: {} },
        '',
        { create: { _id: 'held' } },
        good,
        CREATE,
        '[1]',
        CREATE,
        { '@timestamp': '2027-01-05T10:30:00Z' },
        CREATE,
        { '@timestamp': '1971-01-05T10:30:00Z' },
        CREATE,
        good,
      ),
      {
        index: 'from-address',
        isHeld: (index, id) => index === 'from-address' && id === 'held',
        limits: { ...DEFAULT_BULK_LIMITS, earliestMs: 1e12, latestMs: 1_767_609_600_000 },
      },
    )
    expect(items.map(({ operation, index, status, error }) => [operation, index, status, error?.type])).toEqual([
      ['index', 'a', 201, undefined],
      ['create', 'filebeat-8.11.0', 400, 'document_parsing_exception'],
      ['create', 'filebeat-8.11.0', 400, 'document_parsing_exception'],
      ['delete', 'a', 400, 'illegal_argument_exception'],
      ['update', 'a', 400, 'illegal_argument_exception'],
      ['create', 'from-address', 409, 'version_conflict_engine_exception'],
      ['create', 'filebeat-8.11.0', 400, 'document_parsing_exception'],
      ['create', 'filebeat-8.11.0', 400, 'illegal_argument_exception'],
      ['create', 'filebeat-8.11.0', 400, 'illegal_argument_exception'],
      ['create', 'filebeat-8.11.0', 201, undefined],
    ])
    expect([records, duplicates, [...rejected]]).toEqual([
      2,
      1,
      [
        ['bad_document', 3],
        ['bad_operation', 2],
        ['too_new', 1],
        ['too_old', 1],
      ],
    ])
  })

  it('puts documents of one resource together, and names their service', () => {
    const of = (pod: string): object => ({
      message: pod,
      kubernetes: { pod: { name: pod }, container: { name: 'web' } },
    })
    const { groups } = read(
      bulk(
        CREATE,
        of('a'),
        CREATE,
        of('b'),
        CREATE,
        of('a'),
        { create: { _index: 'logs-nginx-2026.01.05-000001' } },
        { message: 'x' },
        CREATE,
        { message: 'y', event: { dataset: 'nginx.access' } },
      ),
    )
    expect(
      groups.map(({ resource, records }) => [resource['service.name'], resource['k8s.pod.name'], records.length]),
    ).toEqual([
      ['web', 'a', 2],
      ['web', 'b', 1],
      ['logs-nginx', undefined, 1],
      ['nginx.access', undefined, 1],
    ])
  })

  it('shows the whole document where there is no message', () => {
    const text = '{ "a": {"b": 1}, "message": 5 }'
    expect(read(bulk(CREATE, text)).groups[0]?.records[0]).toMatchObject({
      body: text,
      attributes: { 'a.b': '1', message: '5' },
    })
  })

  it('cuts what is over a limit, marks it and counts it', () => {
    const limits = { ...DEFAULT_BULK_LIMITS, attributes: 3, nameBytes: 4, valueBytes: 5, lineBytes: 3 }
    const { groups, cut } = read(bulk({ create: {} }, { message: 'ääää', a: 'ööö', longname: 1, b: 2, c: 3 }), {
      limits,
    })
    expect(cut).toEqual({ attributes: 1, values: 1, lines: 1 })
    expect(groups[0]?.records[0]).toEqual({
      body: 'ä',
      attributes: { a: 'öö', b: '2', c: '3', 'fleetglass.truncated': true },
      droppedAttributesCount: 1,
    })
  })

  it('refuses documents that nest too deeply, alone', () => {
    const deep = `{"a":${'['.repeat(40)}${']'.repeat(40)}}`
    const objects = `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`
    expect(
      read(bulk(CREATE, deep, CREATE, objects, CREATE, '{"message":"x"}')).items.map(({ status }) => status),
    ).toEqual([400, 400, 201])
  })

  it.each([
    '{"create":{}}',
    '{"upsert":{}}\n{}',
    'x\n{}',
    '{"create":{}',
    '{}\n{}',
    '{"create":{},"index":{}}\n{}',
    '[]\n{}',
    '{"create":1}\n{}',
  ])('refuses the whole of %j', (body) => {
    expect(() => elasticBulkToOtlp(Buffer.from(body))).toThrow(AppError)
  })

  it('keeps good documents beside bytes that are no UTF-8', () => {
    const bytes = Buffer.from(bulk(CREATE, { message: '@@' }, CREATE, { message: 'ok' }))
    bytes[bytes.indexOf('@@')] = 0xff
    expect(read(bytes).items.map(({ status }) => status)).toEqual([400, 201])
  })

  it.each([
    [T, NS],
    ['2026-01-05T10:30:00Z', '1767609000000000000'],
    ['2026-01-05T11:30:00+01:00', '1767609000000000000'],
    ['2026-01-05T11:30:00+0100', '1767609000000000000'],
    ['2026-01-05T10:30:00.5', '1767609000500000000'],
    ['2026-01-05T10:30', '1767609000000000000'],
    ['2026-01-05', '1767571200000000000'],
    ['1767609000123', '1767609000123000000'],
    ['1767609000123.5', '1767609000123500000'],
    ['2026', '1767225600000000000'],
    ['2026-13-05', undefined],
    ['now', undefined],
    ['', undefined],
  ])('reads the time %s', (text, ns) => {
    const bytes = Buffer.from(text)
    expect(parseElasticTime(bytes, 0, bytes.length)?.toString()).toBe(ns)
  })

  it('only throws AppError on damaged requests, and what it writes is OTLP', () => {
    const sample = bulk(
      CREATE,
      { '@timestamp': T, message: 'x\u00e9', a: { b: [1, 'x', null] } },
      { index: { _index: 'x', _id: 'y' } },
      { message: 'y', host: { name: 'h' } },
    )
    let refused = 0
    for (let seed = 0; seed < 3_000; seed++) {
      try {
        const { payload, records, items } = elasticBulkToOtlp(mutateBytes([sample], seed))
        expect(checkOtlp('logs', payload)).toBe(records)
        expect(items.filter(({ status }) => status === 201)).toHaveLength(records)
        OTLP_REQUEST_TYPES.logs.decode(payload)
      } catch (reason) {
        expect([seed, reason]).toEqual([seed, expect.any(AppError)])
        refused += 1
      }
    }
    expect(refused).toBeGreaterThan(200)
  })
})
