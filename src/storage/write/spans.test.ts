import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ChdbStore, openChdbStore } from '../native/testing/chdb-store.ts'
import { attributes, insertAll, NOW_MS, ns, otlpRecord } from './testing/records.ts'
import { Transcoder } from './transcoder.ts'

let store: ChdbStore
beforeAll(async () => {
  store = await openChdbStore()
})
afterAll(() => store.close())
beforeEach(() => {
  store.run('USE fleetglass; TRUNCATE TABLE spans; TRUNCATE TABLE traces')
})

let tokens = 0
async function write(...requests: readonly unknown[]): Promise<Readonly<Record<string, number>>> {
  const transcoded = new Transcoder({}).transcode(requests.map((request) => otlpRecord('traces', request)))
  await insertAll(store, transcoded, `t${String(tokens++)}`)
  return Object.fromEntries(transcoded.outcomes.flatMap(({ rejected }) => [...rejected]))
}

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const OTHER = 'ffffffffffffffffffffffffffffffff'
const SPAN = 'b7ad6b7169203331'

const spansOf = (...spans: readonly unknown[]): unknown => ({
  resourceSpans: [
    {
      resource: { attributes: attributes({ 'service.name': 'cart' }) },
      scopeSpans: [{ scope: { name: 'tracer', version: '1', attributes: attributes({ lib: 'x' }) }, spans }],
      schemaUrl: 'https://example.org/1',
    },
  ],
})

describe('OTLP traces', () => {
  it('writes every field of a span', async () => {
    const span = {
      traceId: TRACE,
      spanId: SPAN,
      parentSpanId: '00f067aa0ba902b7',
      traceState: 'a=b',
      flags: 257,
      name: 'GET /cart',
      kind: 2,
      startTimeUnixNano: `${String(NOW_MS - 1000)}000001`,
      endTimeUnixNano: `${String(NOW_MS)}000000`,
      attributes: attributes({ 'http.status_code': 500 }),
      droppedAttributesCount: 1,
      events: [
        { timeUnixNano: ns(NOW_MS - 900), name: 'first', attributes: attributes({ n: 1 }) },
        { timeUnixNano: ns(NOW_MS - 800), name: 'second' },
      ],
      droppedEventsCount: 2,
      links: [
        { traceId: OTHER, spanId: '1111111111111111', traceState: 'c=d', attributes: attributes({ why: 'retry' }) },
        { flags: 257 },
      ],
      droppedLinksCount: 3,
      status: { code: 2, message: 'boom' },
    }
    await write(spansOf(span, { traceId: TRACE, spanId: SPAN, name: 'bare', startTimeUnixNano: ns(NOW_MS) }))
    const rows =
      store.select(`SELECT * EXCEPT (time, trace_id, span_id, parent_span_id, link_trace_ids, link_span_ids, event_times),
      toUnixTimestamp64Nano(time) AS time, lower(hex(trace_id)) AS trace, lower(hex(span_id)) AS span, lower(hex(parent_span_id)) AS parent,
      arrayMap(id -> lower(hex(id)), link_trace_ids) AS link_traces, arrayMap(id -> lower(hex(id)), link_span_ids) AS link_spans,
      arrayMap(at -> toUnixTimestamp64Nano(at), event_times) AS event_ns FROM spans ORDER BY name`)
    const common = {
      tenant_id: 'dev',
      cluster: 'dev-uaenorth',
      environment: 'dev',
      region: 'uaenorth',
      cluster_type: 'workload',
      service_name: 'cart',
      hub_received_at: '2026-01-05 10:30:00.000',
      scope_name: 'tracer',
      scope_version: '1',
      scope_attributes: { lib: 'x' },
      resource_attributes: { 'service.name': 'cart' },
      otlp_group: '{"resourceSchemaUrl":"https://example.org/1"}',
      trace: TRACE,
      span: SPAN,
    }
    expect(rows).toEqual([
      {
        ...common,
        name: 'GET /cart',
        kind: 2,
        trace_state: 'a=b',
        flags: 257,
        time: `${String(NOW_MS - 1000)}000001`,
        duration: '999999999',
        status_code: 2,
        status_message: 'boom',
        attributes: { 'http.status_code': '\x01500' },
        event_names: ['first', 'second'],
        event_attributes: [{ n: '\x011' }, {}],
        event_ns: [ns(NOW_MS - 900), ns(NOW_MS - 800)],
        link_traces: [OTHER, '0'.repeat(32)],
        link_spans: ['1111111111111111', '0'.repeat(16)],
        link_trace_states: ['c=d', ''],
        link_attributes: [{ why: 'retry' }, {}],
        dropped_attributes: 1,
        dropped_events: 2,
        dropped_links: 3,
        otlp_rest: '{"linkFlags":[0,257]}',
        parent: '00f067aa0ba902b7',
      },
      {
        ...common,
        name: 'bare',
        kind: 0,
        trace_state: '',
        flags: 0,
        time: ns(NOW_MS),
        duration: '0',
        status_code: 0,
        status_message: '',
        attributes: {},
        event_names: [],
        event_attributes: [],
        event_ns: [],
        link_traces: [],
        link_spans: [],
        link_trace_states: [],
        link_attributes: [],
        dropped_attributes: 0,
        dropped_events: 0,
        dropped_links: 0,
        otlp_rest: '{"end":"0"}',
        parent: '0'.repeat(16),
      },
    ])
  })

  it('writes one range a trace and flush, over all its spans', async () => {
    const at = (traceId: string, fromMs: number, toMs: number): unknown => ({
      traceId,
      spanId: SPAN,
      startTimeUnixNano: ns(NOW_MS + fromMs),
      endTimeUnixNano: ns(NOW_MS + toMs),
    })
    await write(spansOf(at(TRACE, -10, -5), at(OTHER, -3, -2), at(TRACE, -20, -15)), spansOf(at(TRACE, -12, 0)))
    expect(
      store.select(`SELECT lower(hex(trace_id)) AS trace, toUnixTimestamp64Milli(start) - ${String(NOW_MS)} AS start,
        toUnixTimestamp64Milli(end) - ${String(NOW_MS)} AS end FROM traces ORDER BY start`),
    ).toEqual([
      { trace: TRACE, start: '-20', end: '0' },
      { trace: OTHER, start: '-3', end: '-2' },
    ])
  })

  it('rejects spans without ids or time and keeps their neighbours; an end before the start is the start', async () => {
    const good = { traceId: TRACE, spanId: SPAN, startTimeUnixNano: ns(NOW_MS), endTimeUnixNano: ns(NOW_MS - 5) }
    const rejected = await write(
      spansOf({ ...good, traceId: '' }, { ...good, spanId: '0102' }, { traceId: TRACE, spanId: SPAN }, good, {
        ...good,
        startTimeUnixNano: ns(NOW_MS + 700_000),
      }),
    )
    expect(rejected).toEqual({ bad_id: 2, no_time: 1, too_new: 1 })
    expect(store.select('SELECT duration, otlp_rest FROM spans')).toEqual([
      { duration: '0', otlp_rest: `{"end":"${ns(NOW_MS - 5)}"}` },
    ])
  })
})
