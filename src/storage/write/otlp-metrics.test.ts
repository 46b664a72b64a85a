import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ChdbStore, openChdbStore } from '../native/testing/chdb-store.ts'
import { attributes, DEV_LABELS, insertAll, NOW_MS, ns, otlpRecord } from './testing/records.ts'
import { Transcoder, type TranscoderOptions } from './transcoder.ts'

let store: ChdbStore
beforeAll(async () => {
  store = await openChdbStore()
})
afterAll(() => store.close())
beforeEach(() => {
  for (const table of ['series', 'samples', 'histograms', 'exemplars', 'metric_metadata']) {
    store.run(`USE fleetglass; TRUNCATE TABLE ${table}`)
  }
})

const RESOURCE = { attributes: attributes({ 'service.name': 'cart', 'service.namespace': 'shop' }) }
const JOB = { job: 'shop/cart', service_name: 'cart', service_namespace: 'shop' }
const DELTA = 1
const CUMULATIVE = 2

function request(metrics: readonly unknown[], resource: unknown = RESOURCE): unknown {
  return { resourceMetrics: [{ resource, scopeMetrics: [{ scope: { name: 'test' }, metrics }] }] }
}

let tokens = 0
/** Transcodes one request after the other with one transcoder, stores them, and returns the rejects of the last. */
async function write(
  requests: readonly unknown[],
  options: TranscoderOptions = {},
): Promise<Readonly<Record<string, number>>> {
  const transcoder = new Transcoder(options)
  let rejected: Readonly<Record<string, number>> = {}
  for (const [i, json] of requests.entries()) {
    const transcoded = transcoder.transcode([otlpRecord('metrics', json, { sequence: i + 1 })])
    await insertAll(store, transcoded, `t${String(tokens++)}`)
    const [outcome] = transcoded.outcomes
    expect(outcome?.error).toBeUndefined()
    rejected = Object.fromEntries(outcome?.rejected ?? [])
  }
  return rejected
}

/** All float samples as `name{labels of its own} → value`, by time; labels that every series has are left out. */
function samples(): readonly unknown[] {
  const rows = store.select(`
    SELECT s.name AS name, s.labels AS labels, toUnixTimestamp64Milli(time) - ${String(NOW_MS)} AS at, toString(value) AS text,
      hex(reinterpretAsUInt64(value)) AS bits
    FROM samples AS v JOIN (SELECT DISTINCT id, name, labels FROM series) AS s ON s.id = v.series
    WHERE s.name != 'target_info' ORDER BY at, name, toString(s.labels)`)
  return rows.map(({ name, labels, at, text: number, bits }) => {
    const own = Object.entries(labels as Record<string, string>)
      .filter(([key]) => !(key in DEV_LABELS) && !(key in JOB))
      .map(([key, text]) => `${key}=${text}`)
    return [`${String(name)}{${own.join(',')}}`, Number(at), bits === '7FF0000000000002' ? 'stale' : Number(number)]
  })
}

describe('OTLP metrics', () => {
  it('writes gauges and cumulative sums with names and labels of Prometheus', async () => {
    const point = { timeUnixNano: ns(NOW_MS), attributes: attributes({ 'http.method': 'GET', code: 200 }) }
    const rejected = await write([
      request([
        { name: 'cpu.utilization', unit: '1', gauge: { dataPoints: [{ ...point, asDouble: 0.25 }] } },
        {
          name: 'http.requests',
          description: 'Requests.',
          unit: '{request}',
          sum: {
            aggregationTemporality: CUMULATIVE,
            isMonotonic: true,
            dataPoints: [{ ...point, asInt: '-9007199254740993' }],
          },
        },
        { name: 'queue', sum: { aggregationTemporality: CUMULATIVE, dataPoints: [{ ...point, asDouble: 3 }] } },
        { name: 'gone', gauge: { dataPoints: [{ timeUnixNano: ns(NOW_MS), flags: 1 }] } },
      ]),
    ])
    expect(rejected).toEqual({})
    expect(samples()).toEqual([
      ['cpu_utilization_ratio{code=200,http_method=GET}', 0, 0.25],
      ['gone{}', 0, 'stale'],
      ['http_requests_total{code=200,http_method=GET}', 0, -9007199254740992],
      ['queue{code=200,http_method=GET}', 0, 3],
    ])
    const [series] =
      store.select(`SELECT tenant_id, cluster, labels, toUnixTimestamp64Milli(first_seen) <= ${String(NOW_MS)} AS before,
      toUnixTimestamp64Milli(last_seen) >= ${String(NOW_MS)} AS after,
      toUnixTimestamp64Milli(last_seen) - toUnixTimestamp64Milli(first_seen) AS span, toUnixTimestamp64Milli(hub_received_at) AS received
      FROM series WHERE name = 'queue'`)
    expect(series).toEqual({
      tenant_id: 'dev',
      cluster: 'dev-uaenorth',
      labels: { ...DEV_LABELS, ...JOB, code: '200', http_method: 'GET' },
      before: 1,
      after: 1,
      span: '3599999',
      received: String(NOW_MS),
    })
    expect(store.select('SELECT name, type, unit, help FROM metric_metadata ORDER BY name')).toEqual([
      { name: 'cpu_utilization_ratio', type: 'gauge', unit: '', help: '' },
      { name: 'gone', type: 'gauge', unit: '', help: '' },
      { name: 'http_requests_total', type: 'counter', unit: '', help: 'Requests.' },
      { name: 'queue', type: 'gauge', unit: '', help: '' },
    ])
  })

  it('lets identity win over job and instance, these over attributes, and attributes over promoted ones', async () => {
    const resource = {
      attributes: attributes({
        'service.name': 'cart',
        'service.instance.id': 'i-1',
        'k8s.pod.name': 'pod-of-resource',
        'k8s.cluster.name': 'dev-uaenorth',
        'not.promoted': 'x',
      }),
    }
    const claims = attributes({
      job: 'claimed',
      cluster: 'claimed',
      'k8s.pod.name': 'pod-of-point',
      'a.b': '2',
      'a-b': '1',
      empty: '',
    })
    await write([
      request(
        [{ name: 'm', gauge: { dataPoints: [{ timeUnixNano: ns(NOW_MS), asDouble: 1, attributes: claims }] } }],
        resource,
      ),
    ])
    const own = { ...DEV_LABELS, job: 'cart', instance: 'i-1', k8s_cluster_name: 'dev-uaenorth' }
    expect(store.select("SELECT labels FROM series WHERE name = 'm'")).toEqual([
      {
        labels: { ...own, service_name: 'cart', service_instance_id: 'i-1', k8s_pod_name: 'pod-of-point', a_b: '1;2' },
      },
    ])
    expect(store.select("SELECT labels FROM series WHERE name = 'target_info'")).toEqual([
      { labels: { ...own, k8s_pod_name: 'pod-of-resource', not_promoted: 'x' } },
    ])
  })

  it('writes one target_info a resource and export, at its latest time', async () => {
    const point = (ms: number): unknown => ({ timeUnixNano: ns(ms), asDouble: 1 })
    const resource = { attributes: attributes({ 'service.name': 'cart', 'host.name': 'h' }) }
    await write([request([{ name: 'm', gauge: { dataPoints: [point(NOW_MS + 500), point(NOW_MS)] } }], resource)])
    expect(
      store.select(`SELECT toUnixTimestamp64Milli(time) - ${String(NOW_MS)} AS at, value FROM samples
        WHERE series IN (SELECT id FROM series WHERE name = 'target_info')`),
    ).toEqual([{ at: '500', value: 1 }])
  })

  it('writes explicit histograms as buckets, sum and count', async () => {
    const point = {
      timeUnixNano: ns(NOW_MS),
      count: '6',
      sum: 5.5,
      bucketCounts: ['1', '2', '3'],
      explicitBounds: [0.005, 1],
    }
    const bare = { timeUnixNano: ns(NOW_MS + 1), count: '4' }
    await write([
      request([
        { name: 'latency', unit: 's', histogram: { aggregationTemporality: CUMULATIVE, dataPoints: [point, bare] } },
      ]),
    ])
    expect(samples()).toEqual([
      ['latency_seconds_bucket{le=+Inf}', 0, 6],
      ['latency_seconds_bucket{le=0.005}', 0, 1],
      ['latency_seconds_bucket{le=1}', 0, 3],
      ['latency_seconds_count{}', 0, 6],
      ['latency_seconds_sum{}', 0, 5.5],
      ['latency_seconds_bucket{le=+Inf}', 1, 4],
      ['latency_seconds_count{}', 1, 4],
    ])
  })

  it('writes summaries as quantiles, sum and count', async () => {
    const point = {
      timeUnixNano: ns(NOW_MS),
      count: '6',
      sum: 5.5,
      quantileValues: [
        { quantile: 0.5, value: 1 },
        { quantile: 1, value: 2 },
      ],
    }
    await write([request([{ name: 'rpc', summary: { dataPoints: [point] } }])])
    expect(samples()).toEqual([
      ['rpc{quantile=0.5}', 0, 1],
      ['rpc{quantile=1}', 0, 2],
      ['rpc_count{}', 0, 6],
      ['rpc_sum{}', 0, 5.5],
    ])
  })

  it('adds deltas up, per series, and refuses what comes twice or too late', async () => {
    const at = (ms: number, asInt: number): unknown => ({ timeUnixNano: ns(NOW_MS + ms), asInt: String(asInt) })
    const sum = (...dataPoints: unknown[]): unknown => ({
      name: 'hits',
      sum: { aggregationTemporality: DELTA, isMonotonic: true, dataPoints },
    })
    const rejected = await write([
      request([sum(at(0, 5))]),
      request([sum(at(10, 7), at(10, 100), at(5, 100), at(20, 1))]),
    ])
    expect(rejected).toEqual({ delta_out_of_order: 2 })
    expect(samples()).toEqual([
      ['hits_total{}', 0, 5],
      ['hits_total{}', 10, 12],
      ['hits_total{}', 20, 13],
    ])
  })

  it('adds up deltas of histograms', async () => {
    const histogram = (ms: number, counts: readonly number[]): unknown => ({
      name: 'h',
      histogram: {
        aggregationTemporality: DELTA,
        dataPoints: [
          {
            timeUnixNano: ns(NOW_MS + ms),
            count: String(counts.reduce((a, b) => a + b)),
            sum: ms,
            bucketCounts: counts.map(String),
            explicitBounds: [1],
          },
        ],
      },
    })
    const exponential = (ms: number, scale: number, offset: number): unknown => ({
      name: 'e',
      exponentialHistogram: {
        aggregationTemporality: DELTA,
        dataPoints: [
          {
            timeUnixNano: ns(NOW_MS + ms),
            count: '3',
            sum: 2,
            scale,
            zeroCount: '1',
            positive: { offset, bucketCounts: ['2'] },
          },
        ],
      },
    })
    await write([
      request([histogram(1, [1, 2]), exponential(1, 1, 4)]),
      request([histogram(2, [3, 4]), exponential(2, 0, 2)]),
    ])
    expect(samples()).toEqual([
      ['h_bucket{le=+Inf}', 1, 3],
      ['h_bucket{le=1}', 1, 1],
      ['h_count{}', 1, 3],
      ['h_sum{}', 1, 1],
      ['h_bucket{le=+Inf}', 2, 10],
      ['h_bucket{le=1}', 2, 4],
      ['h_count{}', 2, 10],
      ['h_sum{}', 2, 3],
    ])
    expect(
      store.select(
        'SELECT schema, count, sum, zero_count, positive_offsets, positive_lengths, positive_counts FROM histograms ORDER BY time',
      ),
    ).toEqual([
      {
        schema: 1,
        count: 3,
        sum: 2,
        zero_count: 1,
        positive_offsets: [5],
        positive_lengths: [1],
        positive_counts: [2],
      },
      {
        schema: 0,
        count: 6,
        sum: 4,
        zero_count: 2,
        positive_offsets: [3],
        positive_lengths: [1],
        positive_counts: [4],
      },
    ])
  })

  it('writes exponential histograms as native ones, coarser where the scale is too fine', async () => {
    const point = (scale: number, more: object): unknown => ({ timeUnixNano: ns(NOW_MS), count: '9', scale, ...more })
    const metric = (name: string, dataPoint: unknown): unknown => ({
      name,
      exponentialHistogram: { aggregationTemporality: CUMULATIVE, dataPoints: [dataPoint] },
    })
    const rejected = await write([
      request([
        metric(
          'a',
          point(3, {
            sum: 1.5,
            zeroCount: '2',
            zeroThreshold: 0.01,
            positive: { offset: -2, bucketCounts: ['0', '1', '0', '2', '0', '0', '0', '3', '0'] },
            negative: { offset: 0, bucketCounts: ['1'] },
          }),
        ),
        metric('b', point(10, { sum: 1, positive: { offset: -5, bucketCounts: ['1', '1', '1', '1', '1', '1'] } })),
        metric('c', point(-5, { sum: 1 })),
        metric('c', point(-4, { sum: 1, positive: { offset: 2_000_000_000, bucketCounts: ['1'] } })),
        metric('d', point(0, {})),
        metric('e', { timeUnixNano: ns(NOW_MS), flags: 1 }),
      ]),
    ])
    expect(rejected).toEqual({ bad_histogram: 2, no_sum: 1 })
    const rows =
      store.select(`SELECT s.name AS name, h.* EXCEPT (tenant_id, series, received, time, version, sum), hex(reinterpretAsUInt64(h.sum)) AS sum
      FROM histograms AS h JOIN (SELECT DISTINCT id, name FROM series) AS s ON s.id = h.series ORDER BY name`)
    const common = { reset_hint: 0, is_float: false, custom_values: [] }
    const none = { negative_offsets: [], negative_lengths: [], negative_counts: [] }
    expect(rows).toEqual([
      {
        ...common,
        name: 'a',
        schema: 3,
        count: 9,
        sum: '3FF8000000000000',
        zero_threshold: 0.01,
        zero_count: 2,
        positive_offsets: [0, 3],
        positive_lengths: [3, 1],
        positive_counts: [1, 0, 2, 3],
        negative_offsets: [1],
        negative_lengths: [1],
        negative_counts: [1],
      },
      {
        ...common,
        ...none,
        name: 'b',
        schema: 8,
        count: 9,
        sum: '3FF0000000000000',
        zero_threshold: 1e-128,
        zero_count: 0,
        positive_offsets: [-1],
        positive_lengths: [3],
        positive_counts: [1, 4, 1],
      },
      {
        ...common,
        ...none,
        name: 'e',
        schema: 0,
        count: 0,
        sum: '7FF0000000000002',
        zero_threshold: 0,
        zero_count: 0,
        positive_offsets: [],
        positive_lengths: [],
        positive_counts: [],
      },
    ])
  })

  it('writes exemplars of counters and histograms, within the limit of labels', async () => {
    const exemplar = {
      timeUnixNano: ns(NOW_MS - 5),
      asDouble: 0.7,
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      filteredAttributes: attributes({ user: 'u1', long: 'x'.repeat(100) }),
    }
    const point = { timeUnixNano: ns(NOW_MS), exemplars: [exemplar] }
    await write([
      request([
        { name: 'gauge', gauge: { dataPoints: [{ ...point, asDouble: 1 }] } },
        {
          name: 'hits',
          sum: { aggregationTemporality: CUMULATIVE, isMonotonic: true, dataPoints: [{ ...point, asDouble: 1 }] },
        },
        {
          name: 'h',
          histogram: {
            aggregationTemporality: CUMULATIVE,
            dataPoints: [{ ...point, count: '1', sum: 1, bucketCounts: ['0', '1', '0'], explicitBounds: [0.5, 1] }],
          },
        },
      ]),
    ])
    const trace = '0af7651916cd43dd8448eb211c80319c'
    const labels = { trace_id: trace, span_id: 'b7ad6b7169203331', user: 'u1' }
    expect(
      store.select(`SELECT s.name AS name, s.labels['le'] AS le, toUnixTimestamp64Milli(time) - ${String(NOW_MS)} AS at, value, trace_id, e.labels AS labels
        FROM exemplars AS e JOIN (SELECT DISTINCT id, name, labels FROM series) AS s ON s.id = e.series ORDER BY name`),
    ).toEqual([
      { name: 'h_bucket', le: '1', at: '-5', value: 0.7, trace_id: trace, labels },
      { name: 'hits_total', le: '', at: '-5', value: 0.7, trace_id: trace, labels },
    ])
  })

  it('rejects single points with a reason and keeps their neighbours', async () => {
    const good = { timeUnixNano: ns(NOW_MS), asDouble: 1 }
    const rejected = await write([
      request([
        {
          name: 'm',
          gauge: {
            dataPoints: [
              good,
              { asDouble: 1 },
              { ...good, timeUnixNano: ns(NOW_MS + 700_000) },
              { timeUnixNano: ns(NOW_MS) },
            ],
          },
        },
        { name: '...', gauge: { dataPoints: [good, good] } },
        { name: 's', sum: { dataPoints: [good] } },
        {
          name: 'h',
          histogram: {
            aggregationTemporality: CUMULATIVE,
            dataPoints: [
              { timeUnixNano: ns(NOW_MS), count: '1', bucketCounts: ['1'], explicitBounds: [1] },
              { timeUnixNano: ns(NOW_MS), count: '1', bucketCounts: ['1', '0', '0'], explicitBounds: [2, 1] },
            ],
          },
        },
        { name: 'empty' },
      ]),
    ])
    expect(rejected).toEqual({
      no_time: 1,
      too_new: 1,
      no_value: 1,
      no_name: 2,
      bad_temporality: 1,
      bad_histogram: 2,
    })
    expect(samples()).toEqual([['m{}', 0, 1]])
  })

  it('announces a series once an hour of its samples, and again after a restart', async () => {
    const hour = 3_600_000
    const at = (ms: number): unknown =>
      request([{ name: 'm', gauge: { dataPoints: [{ timeUnixNano: ns(NOW_MS + ms), asDouble: 1 }] } }])
    await write([at(0), at(0), at(-hour), at(0), at(-hour)])
    const counts = 'SELECT count() AS rows, uniqExact(id) AS ids FROM series'
    expect(store.select(counts)).toEqual([{ rows: '2', ids: '1' }])
    await write([at(0)])
    expect(store.select(counts)).toEqual([{ rows: '3', ids: '1' }])
  })

  it('spreads the announcements of many series over the hour', async () => {
    const dataPoints = Array.from({ length: 600 }, (_, i) => ({
      timeUnixNano: ns(NOW_MS),
      asDouble: 1,
      attributes: attributes({ i }),
    }))
    await write([request([{ name: 'm', gauge: { dataPoints } }])])
    const [row] = store.select('SELECT uniqExact(toMinute(last_seen)) AS minutes FROM series')
    expect(Number(row?.['minutes'])).toBe(60)
  })

  it('finds the same series whatever the order of attributes and the pieces of the resource', async () => {
    const point = (values: Record<string, string>): unknown => ({
      timeUnixNano: ns(NOW_MS),
      asDouble: 1,
      attributes: attributes(values),
    })
    await write([
      request([{ name: 'm', gauge: { dataPoints: [point({ a: '1', b: '2' }), point({ b: '2', a: '1' })] } }]),
      request([{ name: 'm', gauge: { dataPoints: [point({ a: '1', b: '2' })] } }], {
        attributes: [
          ...attributes({ 'service.namespace': 'overwritten', 'service.name': 'cart' }),
          ...attributes({ 'service.namespace': 'shop' }),
        ],
      }),
    ])
    expect(store.select("SELECT uniqExact(id) AS ids FROM series WHERE name = 'm'")).toEqual([{ ids: '1' }])
  })

  it('makes labels of the scope where that is asked for', async () => {
    const json = {
      resourceMetrics: [
        {
          resource: RESOURCE,
          scopeMetrics: ['one', 'two'].map((name) => ({
            scope: { name, version: '1', attributes: attributes({ 'my.attr': 'v' }) },
            metrics: [{ name: 'm', gauge: { dataPoints: [{ timeUnixNano: ns(NOW_MS), asDouble: 1 }] } }],
          })),
        },
      ],
    }
    await write([json], { scopeLabels: true })
    expect(samples()).toEqual([
      ['m{otel_scope_my_attr=v,otel_scope_name=one,otel_scope_version=1}', 0, 1],
      ['m{otel_scope_my_attr=v,otel_scope_name=two,otel_scope_version=1}', 0, 1],
    ])
  })

  it('keeps the last write of the same sample', async () => {
    const at = (value: number): unknown =>
      request([{ name: 'm', gauge: { dataPoints: [{ timeUnixNano: ns(NOW_MS), asDouble: value }] } }])
    await write([at(1), at(2)])
    expect(store.select('SELECT value, version FROM samples FINAL')).toEqual([{ value: 2, version: '2' }])
  })
})
