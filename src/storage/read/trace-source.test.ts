import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Scope } from '../../model/index.ts'
import {
  type AttributeValue,
  evaluateTraceMetrics,
  type FoundTrace,
  parseTraceql,
  parseTraceqlField,
  searchTraces,
  type SpanNeed,
  type TraceSource,
} from '../../query/index.ts'
import { sql, str, timeMs } from '../sql.ts'
import { toTaggedText } from '../tagged-text.ts'
import { insertRows, seconds } from '../testing/rows.ts'
import { noEngineReason, startTestEngine, type TestEngine } from '../testing/test-engine.ts'
import { DEFAULT_QUERY_LIMITS } from './limits.ts'
import { isOneOf } from './trace-ids.ts'
import { createTraceSource } from './trace-source.ts'
import { mayMeet } from './traces/need-sql.ts'

const MS = 1_000_000
/** Tags are listed for the last day only. */
const T0 = Math.floor(Date.now() / 1000) * 1000 - 600_000
const EVERYTHING: Scope = { tenants: 'all' }
const signal = new AbortController().signal

/** Ids whose bytes are letters, so that they can be written as JSON strings. */
const TRACES = ['aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb', 'cccccccccccccccc'] as const
const hex = (id: string): string => Buffer.from(id).toString('hex')
const [CHECKOUT, LOGIN, ORPHAN] = TRACES.map(hex) as [string, string, string]

interface TestSpan {
  readonly trace: string
  readonly id: string
  readonly parent?: string
  readonly service: string
  readonly name: string
  readonly atMs: number
  readonly durationMs: number
  readonly cluster?: string
  readonly status?: number
  readonly attributes?: Readonly<Record<string, AttributeValue>>
}

const SPANS: readonly TestSpan[] = [
  { trace: TRACES[0], id: 'root0001', service: 'shop', name: 'POST /checkout', atMs: 0, durationMs: 100 },
  {
    trace: TRACES[0],
    id: 'pay00001',
    parent: 'root0001',
    service: 'pay',
    name: 'charge',
    atMs: 20,
    durationMs: 50,
    cluster: 'dev-2',
    status: 2,
    attributes: {
      'http.status_code': { type: 'int', value: 500n },
      ratio: { type: 'double', value: 0.25 },
      retry: { type: 'bool', value: true },
      'card.type': { type: 'string', value: 'visa' },
      empty: { type: 'string', value: '' },
      control: { type: 'string', value: '\x01looks like a number' },
    },
  },
  {
    trace: TRACES[1],
    id: 'root0002',
    service: 'shop',
    name: 'GET /login',
    atMs: 60_000,
    durationMs: 5,
    attributes: { 'http.status_code': { type: 'int', value: 200n }, service: { type: 'string', value: 'span wins' } },
  },
  {
    trace: TRACES[2],
    id: 'orphan01',
    parent: 'missing0',
    service: 'late',
    name: 'tail',
    atMs: 120_000,
    durationMs: 1,
    cluster: 'prd-1',
    attributes: { 'http.status_code': { type: 'string', value: '200' } },
  },
]

const text = (value: string): AttributeValue => ({ type: 'string', value })
const int = (value: number): AttributeValue => ({ type: 'int', value: BigInt(value) })

describe.skipIf(noEngineReason !== undefined)(`traces in the store ${noEngineReason ?? ''}`, () => {
  let engine: TestEngine
  let source: TraceSource
  beforeAll(async () => {
    engine = await startTestEngine()
    source = createTraceSource(engine.client)
    await insertRows(engine.client, 'spans', SPANS.map(toRow))
    await insertRows(
      engine.client,
      'traces',
      SPANS.map(({ trace, atMs, durationMs, cluster = 'dev-1' }) => ({
        tenant_id: tenantOf(cluster),
        trace_id: trace,
        start: seconds(T0 + atMs),
        end: seconds(T0 + atMs + durationMs),
      })),
    )
  })
  afterAll(async () => {
    await engine.stop()
  })

  it('finds a trace by id, its spans in the order of their starts', async () => {
    const found = await source.trace(EVERYTHING, CHECKOUT.toUpperCase(), {}, signal)
    expect(found.map(({ name }) => name)).toEqual(['POST /checkout', 'charge'])
    expect(found[1]).toEqual({
      traceId: CHECKOUT,
      spanId: hex('pay00001'),
      parentSpanId: hex('root0001'),
      traceState: 'k=v',
      name: 'charge',
      kind: 3,
      statusCode: 2,
      statusMessage: 'because',
      startNs: BigInt(T0 + 20) * BigInt(MS),
      endNs: BigInt(T0 + 70) * BigInt(MS),
      flags: 1,
      resource: { 'service.name': text('pay') },
      scope: { name: 'lib', version: '1', attributes: { s: text('x') } },
      attributes: SPANS[1]?.attributes,
      events: [
        { timeNs: BigInt(T0 + 21) * BigInt(MS), name: 'one', attributes: { n: int(1) } },
        { timeNs: BigInt(T0 + 22) * BigInt(MS), name: 'two', attributes: {} },
      ],
      links: [{ traceId: LOGIN, spanId: hex('linked01'), traceState: 'a=b', attributes: { l: text('y') } }],
    })
    expect(found[0]).toMatchObject({ parentSpanId: '', links: [], events: [] })
  })

  it.each([
    [EVERYTHING, {}, 2],
    [{ tenants: ['dev'], clusters: ['dev-2'] }, {}, 1],
    [{ tenants: ['prd'] }, {}, 0],
    [{ tenants: [] }, {}, 0],
    [EVERYTHING, { startMs: T0 + 10 }, 1],
    [EVERYTHING, { endMs: T0 + 10 }, 1],
  ] as const)('shows the scope %j in the range %j %i spans of a trace', async (scope, range, count) => {
    expect(await source.trace(scope, CHECKOUT, range, signal)).toHaveLength(count)
  })

  it('finds nothing for an unknown id, and refuses what is none', async () => {
    expect(await source.trace(EVERYTHING, '1234', {}, signal)).toEqual([])
    for (const id of ['', 'xyz', 'a'.repeat(33), "'"]) {
      await expect(source.trace(EVERYTHING, id, {}, signal)).rejects.toMatchObject({ code: 'invalid' })
    }
  })

  const search = async (
    query: string,
    more: Partial<Parameters<typeof searchTraces>[1]> = {},
    scope = EVERYTHING,
  ): Promise<readonly FoundTrace[]> => {
    const request = { startMs: T0 - 1000, endMs: T0 + 600_000, limit: 20, spansPerSpanset: 3, ...more }
    return (await searchTraces(parseTraceql(query), request, { source, scope, signal })).traces
  }
  const idsOf = (traces: readonly FoundTrace[]): readonly string[] => traces.map(({ traceId }) => traceId)

  const searches: readonly (readonly [string, string, readonly string[]])[] = [
    ['every span', '{}', [ORPHAN, LOGIN, CHECKOUT]],
    ['a name', '{ name = "charge" }', [CHECKOUT]],
    ['names by expression, whole', '{ name =~ ".*/.*" }', [LOGIN, CHECKOUT]],
    ['names by expression, not part', '{ name =~ "char" }', []],
    ['a status', '{ status = error }', [CHECKOUT]],
    ['a kind', '{ kind = client }', [CHECKOUT]],
    ['a duration', '{ duration > 60ms }', [CHECKOUT]],
    ['an integer', '{ span.http.status_code = 200 }', [LOGIN]],
    ['an integer as a double', '{ span.http.status_code >= 199.5 }', [LOGIN, CHECKOUT]],
    ['an integer unlike', '{ span.http.status_code != 200 }', [CHECKOUT]],
    ['a string that looks like an integer', '{ span.http.status_code = "200" }', [ORPHAN]],
    ['a string unlike, of strings only', '{ span.http.status_code != "x" }', [ORPHAN]],
    ['a double', '{ span.ratio < 0.3 }', [CHECKOUT]],
    ['a double, equal', '{ span.ratio = 0.25 }', [CHECKOUT]],
    ['a bool', '{ span.retry = true }', [CHECKOUT]],
    ['a bool by itself', '{ span.retry }', [CHECKOUT]],
    ['a bool unlike', '{ span.retry != true }', []],
    ['an empty string, present', '{ span.empty = "" }', [CHECKOUT]],
    ['an empty string, absent', '{ span.absent = "" }', []],
    ['a string with a tag of its own', '{ span.control = "\\x01looks like a number" }', [CHECKOUT]],
    ['a string by expression', '{ span.card.type =~ "vi.*" }', [CHECKOUT]],
    ['a string by expression, not', '{ span.card.type !~ "vi.*" }', []],
    ['strings in an order', '{ span.card.type > "vis" && span.card.type < "vit" }', [CHECKOUT]],
    ['a service', '{ .service.name = "shop" }', [LOGIN, CHECKOUT]],
    ['a service on the resource', '{ resource.service.name = "late" }', [ORPHAN]],
    ['what is there, and what is not', '{ span.card.type != nil && span.nope = nil }', [CHECKOUT]],
    ['events', '{ event:name = "two" && event.n = 1 && event:timeSinceStart >= 2ms }', [CHECKOUT]],
    ['links', `{ link:spanID = "${hex('linked01')}" && link:traceID = "${LOGIN}" && link.l = "y" }`, [CHECKOUT]],
    ['a trace', `{ trace:id = "${LOGIN}" }`, [LOGIN]],
    ['a span', `{ span:id = "${hex('pay00001')}" && span:parentID = "${hex('root0001')}" }`, [CHECKOUT]],
    ['a library', '{ instrumentation:name = "lib" && instrumentation.s = "x" && name = "tail" }', [ORPHAN]],
    ['the root', '{ rootName = "GET /login" && rootServiceName =~ "sho." }', [LOGIN]],
    ['roots', '{ nestedSetParent < 0 }', [LOGIN, CHECKOUT]],
    ['two conditions on one span', '{ name = "charge" && span.ratio > 0 }', [CHECKOUT]],
    ['two conditions on different spans', '{ name = "POST /checkout" && span.ratio > 0 }', []],
    ['children', '{ name = "POST /checkout" } > { span.ratio > 0 }', [CHECKOUT]],
    ['parents', '{ .service.name = "shop" } !>> { .service.name = "shop" }', [LOGIN, CHECKOUT]],
    ['a count', '{ } | count() > 1', [CHECKOUT]],
    ['an injection', `{ span."x' OR 1=1 --" = "' OR '1'='1" }`, []],
  ]
  it.each(searches)('searches for %s', async (_, query, expected) => {
    expect(idsOf(await search(query))).toEqual(expected)
  })

  it('sums a trace up as a whole, with the spans that matched', async () => {
    const [found] = await search('{ name = "charge" && .card.type = "visa" }')
    expect(found).toMatchObject({
      traceId: CHECKOUT,
      rootServiceName: 'shop',
      rootTraceName: 'POST /checkout',
      startNs: BigInt(T0) * BigInt(MS),
      durationNs: BigInt(100 * MS),
      spansets: [{ matched: 1, spans: [{ span: { name: 'charge' }, attributes: [{ name: 'card.type' }] }] }],
    })
    const [orphan] = await search('{}', {}, { tenants: ['prd'] })
    expect(orphan).toMatchObject({ traceId: ORPHAN, rootServiceName: '', rootTraceName: '' })
  })

  it('keeps to the scope, the range, the limits and the durations', async () => {
    const ids = async (scope: Scope, more: Parameters<typeof search>[1]): Promise<readonly string[]> =>
      idsOf(await search('{}', more, scope))
    expect(await ids({ tenants: ['dev'] }, {})).toEqual([LOGIN, CHECKOUT])
    expect(await ids({ tenants: 'all', clusters: ['dev-2'] }, {})).toEqual([CHECKOUT])
    expect(await ids({ tenants: [] }, {})).toEqual([])
    expect(await ids(EVERYTHING, { limit: 1 })).toEqual([ORPHAN])
    expect(await ids(EVERYTHING, { endMs: T0 + 70_000 })).toEqual([LOGIN, CHECKOUT])
    expect(await ids(EVERYTHING, { minDurationNs: BigInt(3 * MS) })).toEqual([LOGIN, CHECKOUT])
    expect(await ids(EVERYTHING, { minDurationNs: BigInt(3 * MS), maxDurationNs: BigInt(50 * MS) })).toEqual([LOGIN])
    const [one] = await search('{}', { endMs: T0 + 1000, spansPerSpanset: 1 })
    expect(one?.spansets[0]).toMatchObject({ matched: 2 })
    expect(one?.spansets[0]?.spans).toHaveLength(1)
    const few = createTraceSource(engine.client, { ...DEFAULT_QUERY_LIMITS, maxSpans: 1 })
    await expect(few.trace(EVERYTHING, CHECKOUT, {}, signal)).rejects.toMatchObject({ code: 'exhausted' })
  })

  it('lists tags and their values, within the scope', async () => {
    const request = { startMs: T0 - 1000, endMs: T0 + 600_000, need: { kind: 'all' }, limit: 100 } as const
    const scopes = ['resource', 'span', 'event', 'link', 'instrumentation'] as const
    expect(await source.tagNames({ tenants: ['prd'] }, { ...request, scopes }, signal)).toEqual({
      resource: ['service.name'],
      span: ['http.status_code'],
      event: [],
      link: [],
      instrumentation: ['s'],
    })
    expect(await source.tagNames(EVERYTHING, { ...request, scopes: ['event', 'link'] }, signal)).toMatchObject({
      span: [],
      event: ['n'],
      link: ['l'],
    })
    const values = async (tag: string, scope = EVERYTHING): Promise<readonly AttributeValue[]> =>
      source.tagValues(scope, { ...request, field: parseTraceqlField(tag) }, signal)
    expect(await values('resource.service.name')).toEqual(['late', 'pay', 'shop'].map(text))
    expect(await values('span.http.status_code')).toEqual([int(200), int(500), text('200')])
    expect(await values('.service')).toEqual([text('span wins')])
    expect(await values('name', { tenants: ['dev'], clusters: ['dev-2'] })).toEqual([text('charge')])
    expect(await values('event:name')).toEqual([text('one'), text('two')])
    expect(await values('event.n')).toEqual([int(1)])
    expect(await values('rootServiceName')).toEqual([text('shop')])
    expect(await values('span.nope')).toEqual([])
  })

  it('counts spans that were stored twice twice, counted by itself or read page by page; a trace has them once', async () => {
    // More than a page of spans at one time, and the last of the first page twice.
    const id = 'dddddddddddddddd'
    const atMs = T0 - 86_400_000
    await engine.client.command(sql`INSERT INTO spans (tenant_id, cluster, name, trace_id, span_id, time)
      SELECT 'dup', 'dup-1', 'twice', ${str(id)}, leftPad(toString(number), 8, '0'), ${timeMs(atMs)}
      FROM numbers(20005) ARRAY JOIN if(number BETWEEN 19998 AND 20001, [0, 1], [0])`)
    await engine.client.command(sql`INSERT INTO traces (tenant_id, trace_id, start, end)
      SELECT 'dup', ${str(id)}, ${timeMs(atMs)}, ${timeMs(atMs)}`)
    const grid = { startNs: BigInt(atMs - 1000) * 1_000_000n, endNs: BigInt(atMs + 1000) * 1_000_000n }
    for (const countInSource of [true, false]) {
      const { series } = await evaluateTraceMetrics(parseTraceql('{ name = "twice" } | count_over_time()'), grid, {
        ...{ source, scope: EVERYTHING, countInSource, signal },
      })
      expect(series[0]?.samples[0]?.value, String(countInSource)).toBe(20_009)
    }
    expect(await source.trace({ tenants: ['dup'] }, hex(id), {}, signal)).toHaveLength(20_005)
  })

  it('asks the index for a trace id', async () => {
    const plan = await engine.client.query(
      sql`EXPLAIN indexes = 1 SELECT name FROM spans WHERE ${isOneOf([CHECKOUT])}`,
      { format: 'TSVRaw' },
    )
    expect(Buffer.from(plan).toString()).toContain('trace_id_bloom')
  })

  it('leaves out all granules for an attribute without a scope that nothing has', async () => {
    const field = parseTraceqlField('.nobody.has')
    const service = parseTraceqlField('.service.name')
    if (field.kind !== 'attribute') throw new Error('BUG: no attribute')
    const needs: readonly SpanNeed[] = [
      { kind: 'compare', field, operator: '=', value: { type: 'string', value: 'nothing has this' } },
      { kind: 'compare', field, operator: '=~', value: { type: 'string', value: 'nothing.*' } },
      { kind: 'compare', field, operator: '>=', value: { type: 'int', value: 500n } },
      { kind: 'exists', field },
      { kind: 'compare', field: service, operator: '=', value: { type: 'string', value: 'no such service' } },
    ]
    for (const need of needs) {
      const plan = await engine.client.query(sql`EXPLAIN indexes = 1 SELECT name FROM spans WHERE ${mayMeet(need)}`, {
        format: 'TSVRaw',
      })
      expect(Buffer.from(plan).toString(), need.kind).toMatch(/Combined skip indexes[^]*Granules: 0\//)
    }
  })
})

function tenantOf(cluster: string): string {
  return cluster.slice(0, 3)
}

function toRow(from: TestSpan): Record<string, unknown> {
  const { trace, id, parent, service, name, atMs, durationMs, cluster = 'dev-1', status = 0, attributes = {} } = from
  const isCharge = name === 'charge'
  return {
    tenant_id: tenantOf(cluster),
    cluster,
    service_name: service,
    name,
    kind: isCharge ? 3 : 2,
    trace_id: trace,
    span_id: id,
    parent_span_id: parent ?? '',
    trace_state: isCharge ? 'k=v' : '',
    flags: 1,
    time: seconds(T0 + atMs),
    duration: durationMs * MS,
    status_code: status,
    status_message: isCharge ? 'because' : '',
    scope_name: 'lib',
    scope_version: '1',
    scope_attributes: { s: 'x' },
    resource_attributes: { 'service.name': service },
    attributes: Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, toTaggedText(value)])),
    event_times: isCharge ? [seconds(T0 + 21), seconds(T0 + 22)] : [],
    event_names: isCharge ? ['one', 'two'] : [],
    event_attributes: isCharge ? [{ n: '\x011' }, {}] : [],
    link_trace_ids: isCharge ? [TRACES[1]] : [],
    link_span_ids: isCharge ? ['linked01'] : [],
    link_trace_states: isCharge ? ['a=b'] : [],
    link_attributes: isCharge ? [{ l: 'y' }] : [],
  }
}
