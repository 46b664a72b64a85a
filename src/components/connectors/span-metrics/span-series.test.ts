import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { identityOf, SpanRig, spanIdOf, type TestSpan, traceIdOf } from './testing/span-rig.ts'

const DEV = identityOf('dev')

describe('metrics of spans', () => {
  let rig: SpanRig
  beforeEach(async () => {
    rig = await SpanRig.open()
  })
  afterEach(async () => {
    await rig.close()
  })

  it('has a set of series for each service, name, kind and status of a cluster, with its identity', async () => {
    await rig.append(DEV, span({}), span({}), span({ kind: 'server', failed: true }), span({ name: 'rest' }))
    await rig.append(identityOf('prd'), span({}))
    await rig.run()
    const labels = ['service', 'span_name', 'span_kind', 'status_code', 'cluster', 'environment', 'region', 'tenant_id']
    expect(await rig.increases(/calls_total$/, labels)).toEqual({
      'traces_spanmetrics_calls_total shop rest SPAN_KIND_INTERNAL STATUS_CODE_UNSET dev-1 dev here dev': 1,
      'traces_spanmetrics_calls_total shop work SPAN_KIND_INTERNAL STATUS_CODE_UNSET dev-1 dev here dev': 2,
      'traces_spanmetrics_calls_total shop work SPAN_KIND_INTERNAL STATUS_CODE_UNSET prd-1 prd here prd': 1,
      'traces_spanmetrics_calls_total shop work SPAN_KIND_SERVER STATUS_CODE_ERROR dev-1 dev here dev': 1,
    })
    expect(
      (await rig.increases(/size_total$/, ['span_name', 'cluster']))['traces_spanmetrics_size_total rest dev-1'],
    ).toBeGreaterThan(40)
  })

  it('measures durations in buckets with inclusive bounds, and the sum', async () => {
    const durations = [4, 10, 10.5, 100, 1_000, 5_000]
    await rig.append(DEV, ...durations.map((ms) => span({ ms })))
    await rig.run()
    expect(await rig.increases(/latency_(bucket|count)$/, ['le'])).toEqual({
      'traces_spanmetrics_latency_bucket +Inf': 6,
      'traces_spanmetrics_latency_bucket 0.01': 2,
      'traces_spanmetrics_latency_bucket 0.1': 4,
      'traces_spanmetrics_latency_bucket 1': 5,
      traces_spanmetrics_latency_count: 6,
    })
    const sums = await rig.increases(/latency_sum$/, [])
    expect(sums['traces_spanmetrics_latency_sum']).toBeCloseTo(6.1245)
  })

  it('says what the series are, when their counters began, and gives a trace for each bucket', async () => {
    await rig.append(DEV, span({ trace: 'quick', ms: 5 }), span({ trace: 'slow', ms: 500 }), span({ ms: 501 }))
    await rig.run()
    const all = await rig.series()
    const buckets = all.filter(({ labels }) => new Map(labels).get('__name__') === 'traces_spanmetrics_latency_bucket')
    const exemplars = buckets.flatMap(({ labels, exemplars }) =>
      exemplars.map((exemplar) => [new Map(labels).get('le'), Object.fromEntries(exemplar.labels)]),
    )
    expect(exemplars).toEqual([
      ['0.01', { trace_id: traceIdOf('quick'), span_id: spanIdOf('id') }],
      ['1', { trace_id: traceIdOf('slow'), span_id: spanIdOf('id') }],
    ])
    const [zero, first] = buckets[0]?.samples ?? []
    expect(zero?.startTimestampMs).toBe(0)
    expect(first?.startTimestampMs).toBe(zero?.timestampMs)
    expect(new Set(all.map(({ type }) => type))).toEqual(new Set(['counter', 'histogram', 'gauge', 'unknown']))
  })

  it('takes dimensions from spans, or else from their resources, and not the place of other labels', async () => {
    const of = { attributes: { 'http.route': '/a', 'status.code': 'x' }, resource: { 'http.route': '/r', zone: '1' } }
    await rig.append(DEV, span(of), span({ resource: { 'http.route': '/r' } }), span({}))
    await rig.run({ dimensions: ['http.route', 'zone', 'status.code'] })
    const labels = ['http_route', 'zone', '__status_code', 'status_code']
    expect(await rig.increases(/calls_total$/, labels)).toEqual({
      'traces_spanmetrics_calls_total    STATUS_CODE_UNSET': 1,
      'traces_spanmetrics_calls_total /a 1 x STATUS_CODE_UNSET': 1,
      'traces_spanmetrics_calls_total /r   STATUS_CODE_UNSET': 1,
    })
  })

  it('takes ids out of names if it is told to', async () => {
    await rig.append(DEV, span({ name: 'GET /cart/17' }), span({ name: 'GET /cart/4711' }), span({ name: 'GET /v1/x' }))
    await rig.run({ spanNames: 'without-ids' })
    expect(await rig.increases(/calls_total$/, ['span_name'])).toEqual({
      'traces_spanmetrics_calls_total GET /cart/{id}': 2,
      'traces_spanmetrics_calls_total GET /v1/x': 1,
    })
  })

  it('counts what goes over the limit of a cluster together, and tells of it', async () => {
    const many = Array.from({ length: 50 }, (_, i) => span({ name: `work ${String(i)}` }))
    await rig.append(DEV, ...many)
    await rig.append(identityOf('prd'), span({}))
    await rig.run({ maxSeriesPerCluster: 200 })
    const calls = await rig.increases(/calls_total$/, ['cluster', 'metric_overflow'])
    // A set of series has 8 with three buckets, and target_info is one more.
    expect(calls).toEqual({
      'traces_spanmetrics_calls_total dev-1': 24,
      'traces_spanmetrics_calls_total dev-1 true': 26,
      'traces_spanmetrics_calls_total prd-1': 1,
    })
    expect(rig.overflowed).toEqual([['dev-1', 26]])
  })

  it('tells the attributes of resources', async () => {
    const resource = { 'service.namespace': 'web', 'service.instance.id': 'pod-1', 'k8s.pod.name': 'shop-1' }
    await rig.append(DEV, span({ resource }))
    await rig.run()
    const info = (await rig.series()).find(({ labels }) => new Map(labels).get('__name__') === 'traces_target_info')
    expect(Object.fromEntries(info?.labels ?? [])).toEqual({
      __name__: 'traces_target_info',
      cluster: 'dev-1',
      cluster_type: 'workload',
      environment: 'dev',
      instance: 'pod-1',
      job: 'web/shop',
      k8s_pod_name: 'shop-1',
      region: 'here',
      tenant_id: 'dev',
    })
    expect(info?.samples.map(({ value }) => value)).toEqual([1])
  })
})

function span(more: Partial<TestSpan>): TestSpan {
  return { trace: 't', id: 'id', kind: 'internal', service: 'shop', ...more }
}
