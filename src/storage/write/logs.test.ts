import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { lokiJsonToOtlp, stampOtlp } from '../../wire/index.ts'
import { type ChdbStore, openChdbStore } from '../native/testing/chdb-store.ts'
import { attributes, DEV_LABELS, insertAll, NOW_MS, ns, otlpRecord, recordOf } from './testing/records.ts'
import { Transcoder } from './transcoder.ts'

let store: ChdbStore
beforeAll(async () => {
  store = await openChdbStore()
})
afterAll(() => store.close())
beforeEach(() => {
  store.run('USE fleetglass; TRUNCATE TABLE logs; TRUNCATE TABLE log_streams')
})

let tokens = 0
async function write(...requests: readonly unknown[]): Promise<Readonly<Record<string, number>>> {
  const transcoded = new Transcoder({}).transcode(requests.map((request) => otlpRecord('logs', request)))
  await insertAll(store, transcoded, `t${String(tokens++)}`)
  return Object.fromEntries(transcoded.outcomes.flatMap(({ rejected }) => [...rejected]))
}

const TIME = ns(NOW_MS - 1000)

describe('OTLP logs', () => {
  it('writes every field of a record', async () => {
    const record = {
      timeUnixNano: `${String(NOW_MS - 1000)}123456`,
      observedTimeUnixNano: ns(NOW_MS - 500),
      severityNumber: 17,
      severityText: 'ERROR',
      eventName: 'payment.failed',
      body: { stringValue: 'card declined ä' },
      attributes: attributes({
        code: 42,
        big: -7,
        ratio: 0.5,
        ok: true,
        text: 'plain',
        odd: '\x01starts oddly',
        empty: '',
      }),
      droppedAttributesCount: 3,
      flags: 1,
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
    }
    const resource = { attributes: attributes({ 'service.name': 'cart', 'k8s.pod.name': 'cart-1', zone: 'a' }) }
    const scope = { name: 'logger', version: '2', attributes: attributes({ lib: 'x' }) }
    await write({ resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: [record, record] }] }] })
    const rows = store.select(`SELECT * EXCEPT (time, stream, trace_id, span_id), toUnixTimestamp64Nano(time) AS time,
      lower(hex(trace_id)) AS trace, lower(hex(span_id)) AS span, stream = (SELECT any(id) FROM log_streams) AS same FROM logs`)
    const expected = {
      tenant_id: 'dev',
      cluster: 'dev-uaenorth',
      environment: 'dev',
      region: 'uaenorth',
      cluster_type: 'workload',
      service_name: 'cart',
      observed_time: '2026-01-05 10:29:59.500000000',
      hub_received_at: '2026-01-05 10:30:00.000',
      severity_number: 17,
      severity_text: 'ERROR',
      detected_level: 'error',
      event_name: 'payment.failed',
      body: 'card declined ä',
      flags: 1,
      scope_name: 'logger',
      scope_version: '2',
      scope_attributes: { lib: 'x' },
      resource_attributes: { 'service.name': 'cart', 'k8s.pod.name': 'cart-1', zone: 'a' },
      attributes: {
        code: '\x0142',
        big: '\x01-7',
        ratio: '\x020.5',
        ok: '\x03true',
        text: 'plain',
        odd: '\x07\x01starts oddly',
        empty: '',
      },
      dropped_attributes: 3,
      time: `${String(NOW_MS - 1000)}123456`,
      trace: '0af7651916cd43dd8448eb211c80319c',
      span: 'b7ad6b7169203331',
      same: 1,
    }
    expect(rows).toEqual([expected, expected])
    expect(store.select('SELECT tenant_id, cluster, labels FROM log_streams')).toEqual([
      {
        tenant_id: 'dev',
        cluster: 'dev-uaenorth',
        labels: { ...DEV_LABELS, service_name: 'cart', k8s_pod_name: 'cart-1' },
      },
    ])
  })

  it.each<readonly [body: unknown, text: string]>([
    [{ stringValue: '' }, ''],
    [{ stringValue: '\x01not tagged' }, '\x01not tagged'],
    [{ intValue: '-9223372036854775808' }, '-9223372036854775808'],
    [{ doubleValue: 1.5 }, '1.5'],
    [{ boolValue: true }, 'true'],
    [{ bytesValue: 'AQI=' }, 'AQI='],
    [{ arrayValue: { values: [{ intValue: '1' }, { stringValue: 'a"b' }, {}] } }, '[1,"a\\"b",null]'],
    [{ kvlistValue: { values: [{ key: 'a', value: { kvlistValue: { values: [] } } }] } }, '{"a":{}}'],
    [undefined, ''],
  ])('writes the body %j as %j', async (body, text) => {
    await write({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: TIME, body }] }] }] })
    expect(store.select('SELECT body, service_name, lower(hex(trace_id)) AS trace FROM logs')).toEqual([
      { body: text, service_name: 'unknown_service', trace: '0'.repeat(32) },
    ])
  })

  it.each<readonly [stream: object, attributes: object, record: object, level: string]>([
    [{}, {}, {}, 'unknown'],
    [{ 'loki.resource.labels': 'level', level: 'WARNING' }, { level: 'debug' }, { severityNumber: 17 }, 'warn'],
    [{ level: 'err' }, {}, { severityNumber: 9 }, 'error'],
    [{ level: 'err' }, { severity: 'Information' }, { severityNumber: 17 }, 'error'],
    [{}, { lvl: 'dbg' }, { severityNumber: 17, severityText: 'Warn' }, 'debug'],
    [{}, { SEVERITY_TEXT: 'dbg' }, { severityNumber: 17, severityText: 'notice' }, 'notice'],
    [{ 'loki.resource.labels': 'level', level: 'info' }, { detected_level: 'CRITICAL' }, {}, 'critical'],
    [{}, {}, { severityNumber: 21, body: { stringValue: 'level=info' } }, 'fatal'],
    [{}, {}, { body: { stringValue: 'ts=1 Level="WRN" msg="level=info"' } }, 'warn'],
    [{}, {}, { body: { stringValue: '{"a":{"level":"trc"},"level":"info"}' } }, 'trace'],
    [{}, {}, { body: { kvlistValue: { values: [{ key: 'lvl', value: { stringValue: 'fatal' } }] } } }, 'fatal'],
  ])('finds the level of a record of %j with %j in %j: %s', async (stream, own, record, level) => {
    const resource = { attributes: attributes(stream as Parameters<typeof attributes>[0]) }
    const logRecords = [
      { timeUnixNano: TIME, ...record, attributes: attributes(own as Parameters<typeof attributes>[0]) },
    ]
    await write({ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] })
    expect(store.select('SELECT detected_level FROM logs')).toEqual([{ detected_level: level }])
  })

  it('keeps nested attributes as the JSON of OTLP and bytes as base64', async () => {
    const nested = {
      kvlistValue: {
        values: [
          {
            key: 'n',
            value: { arrayValue: { values: [{ doubleValue: 0.5 }, { boolValue: false }, { bytesValue: 'AQI=' }] } },
          },
        ],
      },
    }
    const values = [
      { key: 'nested', value: nested },
      { key: 'bytes', value: { bytesValue: 'AQI=' } },
      { key: 'nan', value: { doubleValue: 'NaN' } },
      { key: 'inf', value: { doubleValue: '-Infinity' } },
      { key: 'none' },
      { key: 'long', value: { intValue: '9007199254740993' } },
    ]
    await write({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: TIME, attributes: values }] }] }] })
    expect(store.select('SELECT attributes FROM logs')).toEqual([
      {
        attributes: {
          nested: `\x04${JSON.stringify(nested)}`,
          bytes: '\x05AQI=',
          nan: '\x02NaN',
          inf: '\x02-Inf',
          none: '',
          long: '\x019007199254740993',
        },
      },
    ])
  })

  it('takes the time of observation, else of receipt, for records without a time', async () => {
    await write({
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ observedTimeUnixNano: TIME }, { body: { stringValue: 'x' } }] }] }],
    })
    expect(
      store.select(
        'SELECT toUnixTimestamp64Nano(time) AS time, toUnixTimestamp64Nano(observed_time) AS seen FROM logs ORDER BY time',
      ),
    ).toEqual([
      { time: TIME, seen: TIME },
      { time: ns(NOW_MS), seen: ns(NOW_MS) },
    ])
  })

  it('refuses records from the future only', async () => {
    const at = (ms: number): unknown => ({ timeUnixNano: ns(ms), body: { stringValue: 'x' } })
    const rejected = await write({
      resourceLogs: [{ scopeLogs: [{ logRecords: [at(NOW_MS + 600_001), at(NOW_MS + 600_000)] }] }],
    })
    expect(rejected).toEqual({ too_new: 1 })
    expect(store.select('SELECT count() AS rows FROM logs')).toEqual([{ rows: '1' }])
  })

  it.each<readonly [resource: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>]>([
    [{}, { service_name: 'unknown_service' }],
    [{ app: 'shop' }, { service_name: 'shop' }],
    [{ 'app.kubernetes.io/name': 'a', container: 'b' }, { service_name: 'a' }],
    [{ 'k8s.container.name': 'c' }, { service_name: 'c', k8s_container_name: 'c' }],
    [{ 'service.name': 's', app: 'other', 'host.name': 'h' }, { service_name: 's' }],
    [
      { 'loki.resource.labels': 'app, level', app: 'x', level: 'info' },
      { app: 'x', level: 'info', service_name: 'x' },
    ],
  ])('makes of the resource %j the labels %j', async (resource, labels) => {
    await write({
      resourceLogs: [
        { resource: { attributes: attributes(resource) }, scopeLogs: [{ logRecords: [{ timeUnixNano: TIME }] }] },
      ],
    })
    expect(store.select('SELECT labels FROM log_streams')).toEqual([{ labels: { ...DEV_LABELS, ...labels } }])
  })

  it('gives a stream of Loki the labels that it was pushed with, and no others', async () => {
    const push = lokiJsonToOtlp(
      Buffer.from(`{"streams":[{"stream":{"app":"shop","level":"info"},"values":[["${TIME}","x",{"a":"b"}]]}]}`),
    )
    const { bytes } = stampOtlp(
      'logs',
      push.payload,
      recordOf({ signal: 'logs', payload: push.payload }).batch.envelope.identity,
    )
    const transcoded = new Transcoder({}).transcode([recordOf({ signal: 'logs', payload: bytes })])
    await insertAll(store, transcoded, `t${String(tokens++)}`)
    expect(store.select('SELECT labels FROM log_streams')).toEqual([
      { labels: { ...DEV_LABELS, app: 'shop', level: 'info', service_name: 'shop' } },
    ])
    expect(store.select('SELECT service_name, attributes, body FROM logs')).toEqual([
      { service_name: 'shop', attributes: { a: 'b' }, body: 'x' },
    ])
  })

  it('takes a batch back that breaks in the middle, and announces its streams again', async () => {
    const good = otlpRecord('logs', {
      resourceLogs: [
        {
          resource: { attributes: attributes({ 'service.name': 'a' }) },
          scopeLogs: [{ logRecords: [{ timeUnixNano: TIME }] }],
        },
      ],
    })
    const torn = recordOf({
      signal: 'logs',
      payload: Buffer.concat([good.batch.payload, good.batch.payload.subarray(0, -3)]),
      items: 2,
    })
    const transcoded = new Transcoder({}).transcode([torn, good, torn])
    await insertAll(store, transcoded, `t${String(tokens++)}`)
    expect(transcoded.outcomes.map(({ rows, rejected, error }) => [rows, [...rejected], error?.code])).toEqual([
      [0, [['undecodable', 2]], 'invalid'],
      [1, [], undefined],
      [0, [['undecodable', 2]], 'invalid'],
    ])
    expect(store.select('SELECT count() AS rows FROM logs')).toEqual([{ rows: '1' }])
    expect(store.select('SELECT count() AS rows FROM log_streams')).toEqual([{ rows: '1' }])
  })
})
