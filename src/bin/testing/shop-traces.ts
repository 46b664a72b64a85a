import { startStoreHub, type StoreHub } from './store-hub.ts'

/** When the tests take place. */
export const NOW_MS = Date.UTC(2026, 0, 1, 12)
/** When the first trace begins. */
export const T0 = NOW_MS - 600_000

/** A span of OTLP/JSON, and of which service and scope it is. */
export interface TestSpan {
  readonly trace: string
  readonly id: string
  readonly parent?: string
  readonly service: string
  readonly name: string
  readonly kind?: number
  readonly atMs: number
  readonly durationUs: number
  readonly status?: { readonly code?: number; readonly message?: string }
  readonly attributes?: Readonly<Record<string, unknown>>
  readonly resource?: Readonly<Record<string, unknown>>
  readonly scope?: unknown
  readonly events?: readonly unknown[]
  readonly links?: readonly unknown[]
  readonly more?: Readonly<Record<string, unknown>>
}

/** The traces' ids; the newest is last. */
export const A = 'a'.repeat(32)
export const B = 'b'.repeat(32)
export const SHORT = `${'0'.repeat(16)}00000000000000c5`
/** Of another tenant. */
export const GONE = 'f'.repeat(32)

/** Nanoseconds as OTLP/JSON writes them. */
export const ns = (ms: number, plus = 0): string => (BigInt(Math.round(ms)) * 1_000_000n + BigInt(plus)).toString()
const keyValues = (values: Readonly<Record<string, unknown>>): unknown[] =>
  Object.entries(values).map(([key, value]) => ({ key, value }))

export const SPANS: readonly TestSpan[] = [
  {
    trace: A,
    id: 'a000000000000001',
    service: 'shop',
    name: 'POST /checkout',
    kind: 2,
    atMs: 0,
    durationUs: 100_000,
    attributes: {
      'http.status_code': { intValue: '200' },
      big: { intValue: '9007199254740993' },
      ratio: { doubleValue: 72.5 },
      retried: { boolValue: true },
      blob: { bytesValue: 'AAAwOQ==' },
      list: { arrayValue: { values: [{ stringValue: 'x' }, { intValue: '1' }] } },
      map: { kvlistValue: { values: [{ key: 'k', value: { boolValue: false } }] } },
    },
    resource: { 'host.name': { stringValue: 'node-1' } },
    scope: { name: 'tracer', version: '1.2', attributes: keyValues({ lib: { stringValue: 'x' } }) },
    events: [
      { timeUnixNano: ns(T0 + 20, 5000), name: 'cache miss', attributes: keyValues({ shelf: { intValue: '7' } }) },
      { timeUnixNano: ns(T0 + 30), attributes: keyValues({ event: { stringValue: 'own' } }) },
    ],
    more: { traceState: 'vendor=1', droppedAttributesCount: 2, flags: 257 },
  },
  {
    trace: A,
    id: 'a000000000000002',
    parent: 'a000000000000001',
    service: 'pay',
    name: 'charge',
    kind: 2,
    atMs: 20,
    durationUs: 50_000,
    status: { code: 2, message: 'card refused' },
    attributes: { 'http.status_code': { intValue: '500' } },
    links: [
      { traceId: B, spanId: 'b000000000000001', attributes: keyValues({ why: { stringValue: 'batch' } }) },
      { traceId: A, spanId: 'a000000000000001', attributes: [] },
      {
        traceId: B,
        spanId: 'b000000000000002',
        attributes: keyValues({ 'opentracing.ref_type': { stringValue: 'child_of' } }),
      },
      {},
    ],
  },
  {
    trace: A,
    id: 'a000000000000003',
    parent: 'a000000000000002',
    service: 'pay',
    name: 'sql',
    atMs: 25,
    durationUs: 3,
  },
  {
    trace: B,
    id: 'b000000000000001',
    service: 'shop',
    name: 'GET /login',
    kind: 2,
    atMs: 60_000,
    durationUs: 5_000,
    status: { code: 1 },
    attributes: { 'http.status_code': { stringValue: '200' }, error: { stringValue: 'false' } },
  },
  {
    trace: B,
    id: 'b000000000000002',
    parent: 'b000000000000001',
    service: 'pay',
    name: 'charge',
    kind: 3,
    atMs: 60_001,
    durationUs: 1_000,
    attributes: { error: { boolValue: true } },
  },
  {
    trace: SHORT,
    id: 'c000000000000001',
    parent: 'c0000000000000ff',
    service: 'late',
    name: 'tail',
    kind: 5,
    atMs: 120_000,
    durationUs: 1,
  },
]

/** The spans as an export request. */
function toRequest(spans: readonly TestSpan[]): unknown {
  return {
    resourceSpans: spans.map(({ service, resource = {}, scope = {}, ...span }) => ({
      resource: { attributes: keyValues({ 'service.name': { stringValue: service }, ...resource }) },
      scopeSpans: [
        {
          scope,
          spans: [
            {
              traceId: span.trace,
              spanId: span.id,
              parentSpanId: span.parent ?? '',
              name: span.name,
              kind: span.kind ?? 0,
              startTimeUnixNano: ns(T0 + span.atMs),
              endTimeUnixNano: ns(T0 + span.atMs, span.durationUs * 1000),
              status: span.status ?? {},
              attributes: keyValues(span.attributes ?? {}),
              events: span.events ?? [],
              links: span.links ?? [],
              ...span.more,
            },
          ],
        },
      ],
    })),
  }
}

/** A hub with the traces above; the first span was sent twice, as senders without batch ids may. */
export async function startShopHub(): Promise<StoreHub> {
  const hub = await startStoreHub(NOW_MS)
  await hub.send('traces', toRequest(SPANS))
  await hub.send('traces', toRequest(SPANS.slice(0, 1)))
  const hidden = { trace: GONE, id: 'f000000000000001', service: 'secret', name: 'hidden', atMs: 1, durationUs: 1 }
  await hub.send('traces', toRequest([hidden]), 'prd')
  return hub
}
