import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noEngineReason } from '../storage/testing/test-engine.ts'
import { A, GONE, ns, SHORT, startShopHub, T0 } from './testing/shop-traces.ts'
import type { StoreHub } from './testing/store-hub.ts'
import { decodeTempo } from './testing/tempo-proto.ts'

const PROTOBUF = 'application/protobuf'
const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64')

describe.skipIf(noEngineReason !== undefined)(`Tempo's traces by id over the store ${noEngineReason ?? ''}`, () => {
  let hub: StoreHub
  beforeAll(async () => {
    hub = await startShopHub()
  }, 60_000)
  afterAll(() => hub.stop())

  async function get(
    path: string,
    accept?: string,
  ): Promise<{ status: number; type: string; bytes: Buffer; text: string }> {
    const headers = { ...hub.headers('dev'), ...(accept === undefined ? {} : { accept }) }
    const response = await hub.app.inject({ url: `/tempo/api${path}`, headers })
    const type = String(response.headers['content-type'])
    return { status: response.statusCode, type, bytes: response.rawPayload, text: response.body }
  }

  interface Trace {
    readonly resourceSpans: {
      readonly resource: { attributes: { key: string; value: unknown }[] }
      readonly scopeSpans: { scope: unknown; spans: unknown[] }[]
    }[]
  }

  /** The first span as both encodings must have it. */
  const CHECKOUT = {
    traceId: base64(A),
    spanId: base64('a000000000000001'),
    traceState: 'vendor=1',
    flags: 257,
    name: 'POST /checkout',
    kind: 'SPAN_KIND_SERVER',
    startTimeUnixNano: ns(T0),
    endTimeUnixNano: ns(T0 + 100),
    droppedAttributesCount: 2,
    events: [
      { timeUnixNano: ns(T0 + 20, 5000), name: 'cache miss', attributes: [{ key: 'shelf', value: { intValue: '7' } }] },
      { timeUnixNano: ns(T0 + 30), attributes: [{ key: 'event', value: { stringValue: 'own' } }] },
    ],
  }
  const ATTRIBUTES = [
    { key: 'http.status_code', value: { intValue: '200' } },
    { key: 'big', value: { intValue: '9007199254740993' } },
    { key: 'ratio', value: { doubleValue: 72.5 } },
    { key: 'retried', value: { boolValue: true } },
    { key: 'blob', value: { bytesValue: 'AAAwOQ==' } },
    { key: 'list', value: { arrayValue: { values: [{ stringValue: 'x' }, { intValue: '1' }] } } },
    { key: 'map', value: { kvlistValue: { values: [{ key: 'k', value: { boolValue: false } }] } } },
  ]
  const SCOPE = { name: 'tracer', version: '1.2', attributes: [{ key: 'lib', value: { stringValue: 'x' } }] }

  function expectTrace({ resourceSpans }: Trace): void {
    expect(resourceSpans).toHaveLength(2)
    const [shop, pay] = resourceSpans
    expect(shop?.resource.attributes).toEqual(
      expect.arrayContaining([
        { key: 'service.name', value: { stringValue: 'shop' } },
        { key: 'host.name', value: { stringValue: 'node-1' } },
      ]),
    )
    expect(shop?.scopeSpans).toHaveLength(1)
    expect(shop?.scopeSpans[0]?.scope).toEqual(SCOPE)
    expect(shop?.scopeSpans[0]?.spans).toHaveLength(1)
    expect(shop?.scopeSpans[0]?.spans[0]).toMatchObject(CHECKOUT)
    expect(shop?.scopeSpans[0]?.spans[0]).toHaveProperty('attributes', ATTRIBUTES)
    expect(pay?.scopeSpans[0]?.spans).toMatchObject([
      {
        parentSpanId: base64('a000000000000001'),
        status: { code: 'STATUS_CODE_ERROR', message: 'card refused' },
        links: [{}, { traceId: base64(A) }, {}, {}],
      },
      { name: 'sql' },
    ])
  }

  it('answers with TraceByIDResponse, whose trace is always there', async () => {
    const { status, type, bytes } = await get(`/v2/traces/${A}`, PROTOBUF)
    expect([status, type]).toEqual([200, PROTOBUF])
    const response = decodeTempo('TraceByIDResponse', bytes)
    expectTrace(response['trace'] as Trace)
    expect(response['metrics']).toEqual({})
    // COMPLETE is zero.
    expect(response).not.toHaveProperty('status')
  })

  it('answers the older address with a bare Trace', async () => {
    const { bytes } = await get(`/traces/${A}?start=${String(T0 / 1000 - 1)}&end=${String(T0 / 1000 + 1)}`, PROTOBUF)
    expectTrace(decodeTempo('Trace', bytes) as unknown as Trace)
  })

  it('answers in JSON to whoever asks for nothing else', async () => {
    const v2 = await get(`/v2/traces/${A}`)
    expect([v2.status, v2.type]).toEqual([200, 'application/json'])
    const { trace, ...rest } = JSON.parse(v2.text) as { trace: Trace }
    expectTrace(trace)
    expect(rest).toEqual({ metrics: {} })
    const v1 = await get(`/traces/${A}`, 'application/json')
    expect(JSON.parse(v1.text)).toEqual({ batches: trace.resourceSpans })
  })

  it('says the same in both encodings', async () => {
    const { trace } = JSON.parse((await get(`/v2/traces/${A}`)).text) as { trace: Trace }
    const decoded = decodeTempo('TraceByIDResponse', (await get(`/v2/traces/${A}`, PROTOBUF)).bytes)['trace']
    // The readers differ in what they show of empty messages.
    const without = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value, (_, inner: unknown) => (isEmpty(inner) ? undefined : inner)))
    expect(without(trace)).toEqual(without(decoded))
  })

  it('loses nothing of what OTLP can say', async () => {
    const id = 'd'.repeat(32)
    const spanId = 'd000000000000001'
    const sent = (toId: (hex: string) => string, kind: unknown, code: unknown): unknown => ({
      resource: {
        attributes: [{ key: 'service.name', value: { stringValue: 'whole' } }],
        droppedAttributesCount: 3,
        entityRefs: [
          {
            schemaUrl: 'https://example.org/e',
            type: 'service',
            idKeys: ['service.name'],
            descriptionKeys: ['a', 'b'],
          },
          { type: 'host', idKeys: ['host.id'] },
        ],
      },
      scopeSpans: [
        {
          scope: { name: 's', version: '2', attributes: [{ key: 'unset', value: {} }], droppedAttributesCount: 4 },
          spans: [
            {
              traceId: toId(id),
              spanId: toId(spanId),
              parentSpanId: toId('d0000000000000ff'),
              traceState: 'a=1,b=2',
              flags: 769,
              name: 'all',
              kind,
              startTimeUnixNano: ns(T0, 1),
              endTimeUnixNano: ns(T0, 2),
              attributes: [
                { key: 'unset', value: {} },
                { key: 'empty', value: { stringValue: '' } },
                { key: 'nested', value: { arrayValue: { values: [{}, { kvlistValue: {} }, { arrayValue: {} }] } } },
                { key: 'least', value: { intValue: '-9223372036854775808' } },
                { key: 'tiny', value: { doubleValue: 5e-324 } },
              ],
              droppedAttributesCount: 5,
              events: [
                { timeUnixNano: ns(T0, 1), name: 'one' },
                { timeUnixNano: ns(T0, 2), name: 'two', droppedAttributesCount: 6 },
              ],
              droppedEventsCount: 7,
              links: [
                { traceId: toId(A), spanId: toId(spanId), traceState: 'c=3', droppedAttributesCount: 8, flags: 257 },
                { traceId: toId(A), spanId: toId(spanId), attributes: [{ key: 'k', value: { boolValue: false } }] },
              ],
              droppedLinksCount: 9,
              status: { message: 'why', code },
            },
            // Ends before it starts.
            {
              traceId: toId(id),
              spanId: toId('d000000000000002'),
              name: 'backwards',
              startTimeUnixNano: ns(T0, 9),
              endTimeUnixNano: ns(T0, 3),
              status: {},
            },
          ],
          schemaUrl: 'https://opentelemetry.io/schemas/1.26.0',
        },
        {
          scope: { name: 's', version: '2' },
          spans: [
            // Has not ended.
            {
              traceId: toId(id),
              spanId: toId('d000000000000003'),
              startTimeUnixNano: ns(T0, 10),
              name: 'x',
              status: {},
            },
          ],
        },
      ],
      schemaUrl: 'https://opentelemetry.io/schemas/1.27.0',
    })
    await hub.send('traces', { resourceSpans: [sent((hex) => hex, 3, 2)] })
    const expected = [sent(base64, 'SPAN_KIND_CLIENT', 'STATUS_CODE_ERROR')]
    const json = JSON.parse((await get(`/v2/traces/${id}`)).text) as { trace: Trace }
    expect(json.trace.resourceSpans).toEqual(expected)
    const decoded = decodeTempo('Trace', (await get(`/traces/${id}`, PROTOBUF)).bytes)
    const said = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value, (_, inner: unknown) => (inner === '0' || isEmpty(inner) ? undefined : inner)))
    expect(said(decoded['resourceSpans'])).toEqual(said(expected))
    const { result } = JSON.parse(
      (await hub.app.inject({ url: `/jaeger/api/v3/traces/${id}`, headers: hub.headers('dev') })).body,
    ) as { result: Trace }
    expect(result.resourceSpans).toEqual([sent((hex) => hex, 3, 2)])
  })

  it('takes ids without leading zeros and in capitals', async () => {
    for (const id of ['c5', 'C5', '00c5', SHORT]) expect((await get(`/v2/traces/${id}`)).status, id).toBe(200)
  })

  const errors: readonly (readonly [string, number, string])[] = [
    ['/v2/traces/1234', 404, 'trace not found'],
    [`/traces/${GONE}`, 404, 'trace not found'],
    [`/v2/traces/${A}?start=1&end=2`, 404, 'trace not found'],
    ['/traces/xyz', 400, "trace IDs can only contain hex characters: invalid character 'x' at position 1"],
    [`/v2/traces/${'a'.repeat(33)}`, 400, "trace IDs can't be larger than 128 bits"],
    [`/v2/traces/${A}?start=x`, 400, 'invalid start: "x" is no number'],
    [`/v2/traces/${A}?start=2&end=1`, 400, 'http parameter start must be before end. received start=2 end=1'],
  ]
  it.each(errors)('%s', async (path, status, text) => {
    for (const accept of [PROTOBUF, 'application/json']) {
      expect(await get(path, accept)).toMatchObject({ status, text, type: 'text/plain; charset=utf-8' })
    }
  })
})

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}
