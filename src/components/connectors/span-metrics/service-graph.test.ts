import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SpanMetricsSettings } from '../../../fleet/index.ts'
import type { Identity } from '../../../model/index.ts'
import { identityOf, SpanRig, spanIdOf, type TestSpan, traceIdOf } from './testing/span-rig.ts'

const DEV = identityOf('dev')
const DEV_2 = identityOf('dev', 'dev-2')
const PRD = identityOf('prd')
const client = (more: Partial<TestSpan> = {}): TestSpan => ({
  trace: 't',
  id: 'c',
  kind: 'client',
  service: 'shop',
  ...more,
})
const server = (more: Partial<TestSpan> = {}): TestSpan => ({
  trace: 't',
  id: 's',
  parent: 'c',
  kind: 'server',
  service: 'model',
  ...more,
})

const LABELS = [
  'client',
  'client_cluster',
  'client_environment',
  'server',
  'server_cluster',
  'server_environment',
  'connection_type',
  'cluster',
  'tenant_id',
]

describe('the service graph', () => {
  let rig: SpanRig
  beforeEach(async () => {
    rig = await SpanRig.open()
  })
  afterEach(async () => {
    await rig.close()
  })

  /** What is counted of spans of these clusters once everything has waited long enough. */
  async function graph(
    batches: readonly (readonly [Identity, ...(readonly TestSpan[])])[],
    settings: Partial<SpanMetricsSettings> = {},
  ): Promise<Readonly<Record<string, number>>> {
    await rig.start(settings)
    for (const [identity, ...spans] of batches) await rig.append(identity, ...spans)
    await rig.settled()
    rig.advance(11_000)
    await rig.append(DEV, { trace: 'late', id: 'late', kind: 'internal', service: 'late' })
    await rig.settled()
    await rig.stop()
    const counted = await rig.increases(/_service_graph_.*_total$/, LABELS)
    return Object.fromEntries(
      Object.entries(counted).map(([key, value]) => [
        key.replace('traces_service_graph_', '').replace(/ +/g, ' '),
        value,
      ]),
    )
  }

  it('joins a client and a server in whichever order and batches they come', async () => {
    expect(await graph([[DEV, client(), server()]])).toEqual({
      'request_total shop dev-1 dev model dev-1 dev dev-1 dev': 1,
    })
    expect(
      await graph([
        [DEV, server({ trace: 'u' })],
        [DEV, client({ trace: 'u' })],
      ]),
    ).toEqual({
      'request_total shop dev-1 dev model dev-1 dev dev-1 dev': 2,
    })
  })

  it('joins them over clusters of a tenant; the series are those of the server', async () => {
    expect(
      await graph([
        [DEV, client()],
        [DEV_2, server()],
      ]),
    ).toEqual({
      'request_total shop dev-1 dev model dev-2 dev dev-2 dev': 1,
    })
  })

  it('joins them over tenants, for those who may read both', async () => {
    expect(
      await graph([
        [PRD, client()],
        [DEV, server()],
      ]),
    ).toEqual({
      'request_total shop prd-1 prd model dev-1 dev dev-1 dev.prd': 1,
    })
    const named = (tenant: string, name: string): Promise<boolean> =>
      rig.series().then((all) =>
        all.some(({ labels }) => {
          const of = new Map(labels)
          return of.get('tenant_id') === tenant && [...of.values()].includes(name)
        }),
      )
    expect(await named('dev.prd', 'shop')).toBe(true)
    expect(await named('dev', 'shop')).toBe(false)
    expect(await named('dev', 'prd-1')).toBe(false)
    expect(await named('prd', 'model')).toBe(false)
  })

  it('counts a request as failed when one of its sides says so', async () => {
    const answer = await graph([
      [DEV, client(), server({ failed: true })],
      [DEV, client({ trace: 'u', failed: true }), server({ trace: 'u' })],
      [DEV, client({ trace: 'v' }), server({ trace: 'v' })],
    ])
    expect(answer['request_total shop dev-1 dev model dev-1 dev dev-1 dev']).toBe(3)
    expect(answer['request_failed_total shop dev-1 dev model dev-1 dev dev-1 dev']).toBe(2)
  })

  it('joins producers and consumers', async () => {
    expect(await graph([[DEV, client({ kind: 'producer' }), server({ kind: 'consumer' })]])).toEqual({
      'request_total shop dev-1 dev model dev-1 dev messaging_system dev-1 dev': 1,
    })
  })

  const databases: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
    [{ 'db.system': 'redis' }, 'redis'],
    [{ 'db.system.name': 'postgresql' }, 'postgresql'],
    [{ 'db.system': 'mysql', 'db.name': 'orders' }, 'orders'],
    [{ 'db.namespace': 'orders', 'db.system.name': 'mysql' }, 'orders'],
    [{ 'db.name': 'orders', 'network.peer.address': '10.0.0.7', 'network.peer.port': '5432' }, '10.0.0.7:5432'],
    [{ 'db.name': 'orders', 'server.address': 'db.shop', 'network.peer.address': '10.0.0.7' }, 'db.shop'],
    [{ 'db.name': 'orders', 'server.address': 'db.shop', 'peer.service': 'orders-db' }, 'orders-db'],
  ]
  it.each(databases)('knows a database by %j', async (attributes, name) => {
    expect(await graph([[DEV, client({ attributes })]])).toEqual({
      [`request_total shop dev-1 dev ${name} database dev-1 dev`]: 1,
    })
  })

  const peers: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
    [{ 'peer.service': 'pay.example', 'server.address': '1.2.3.4' }, 'pay.example'],
    [{ 'server.address': 'pay.example', 'network.peer.address': '1.2.3.4' }, 'pay.example'],
    [{ 'network.peer.address': '1.2.3.4', 'network.peer.port': '443' }, '1.2.3.4:443'],
  ]
  it.each(peers)('takes who sends no spans from %j', async (attributes, name) => {
    expect(await graph([[DEV, client({ attributes })]])).toEqual({
      [`request_total shop dev-1 dev ${name} virtual_node dev-1 dev`]: 1,
    })
  })

  it('does not make a node of a peer that sent its span in time', async () => {
    expect(
      await graph([
        [DEV, client({ attributes: { 'server.address': 'model.svc' } })],
        [DEV_2, server()],
      ]),
    ).toEqual({
      'request_total shop dev-1 dev model dev-2 dev dev-2 dev': 1,
    })
  })

  it('takes a trace that begins with a server for a call of a user', async () => {
    const root = { trace: 't', id: 's', kind: 'server', service: 'model' } as const
    expect(await graph([[DEV, root]])).toEqual({ 'request_total user model dev-1 dev virtual_node dev-1 dev': 1 })
  })

  it('counts sides whose other side does not come', async () => {
    expect(
      await graph([
        [DEV, client()],
        [PRD, server({ trace: 'u' })],
      ]),
    ).toEqual({
      'unpaired_spans_total shop dev-1 dev': 1,
      'unpaired_spans_total model prd-1 prd': 1,
    })
  })

  it('counts sides for which there is no room', async () => {
    const many = Array.from({ length: 1_010 }, (_, i) => client({ id: String(i) }))
    const counted = await graph([[DEV, ...many]], { maxPending: 1_000 })
    expect(counted).toEqual({ 'dropped_spans_total shop dev-1 dev': 10, 'unpaired_spans_total shop dev-1 dev': 1_000 })
  })

  it('measures both sides, and gives their trace as an exemplar', async () => {
    await graph([[DEV, client({ ms: 120 }), server({ ms: 80 })]])
    const sums = await rig.increases(/_seconds_(sum|count)$/, [])
    expect(sums['traces_service_graph_request_client_seconds_sum']).toBeCloseTo(0.12)
    expect(sums['traces_service_graph_request_server_seconds_sum']).toBeCloseTo(0.08)
    expect(sums['traces_service_graph_request_server_seconds_count']).toBe(1)
    const exemplars = (await rig.series())
      .filter(({ labels }) => labels.some(([, value]) => value.endsWith('server_seconds_bucket')))
      .flatMap(({ exemplars }) => exemplars)
    expect(exemplars.map(({ labels }) => Object.fromEntries(labels))).toEqual([
      { trace_id: traceIdOf('t'), span_id: spanIdOf('s') },
    ])
  })
})
