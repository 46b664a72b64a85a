import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Scope } from '../../../model/index.ts'
import type { Attributes, AttributeValue, ServiceSource, Span, SpanPredicate } from '../../../query/index.ts'
import { createMemoryServices, meetsPredicate } from '../../../query/testing/memory-services.ts'
import { type OwnedSpan, spanOf } from '../../../query/testing/memory-traces.ts'
import { queryJson } from '../../query-json.ts'
import { sql } from '../../sql.ts'
import { toTaggedText } from '../../tagged-text.ts'
import { insertRows } from '../../testing/rows.ts'
import { noEngineReason, startTestEngine, type TestEngine } from '../../testing/test-engine.ts'
import { DEFAULT_QUERY_LIMITS } from '../limits.ts'
import { createServiceSource } from './index.ts'
import { passes } from './predicate-sql.ts'

const T0 = BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n
const EVERYTHING: Scope = { tenants: 'all' }
const KEYS = ['a', 'b', 'c'] as const
const WORDS = ['', 'x', 'y', '1', '1.5', 'true', '\x01x'] as const
const LEVELS = ['span', 'resource', 'scope', 'event', 'link'] as const

const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  fc.constantFrom(...WORDS).map((text): AttributeValue => ({ type: 'string', value: text })),
  fc.constantFrom(1n, 2n, -1n).map((number): AttributeValue => ({ type: 'int', value: number })),
  fc.constantFrom(1, 1.5, 2).map((number): AttributeValue => ({ type: 'double', value: number })),
  fc.boolean().map((truth): AttributeValue => ({ type: 'bool', value: truth })),
)
const attributes: fc.Arbitrary<Attributes> = fc.dictionary(fc.constantFrom(...KEYS), value, { maxKeys: 2 })

const span: fc.Arbitrary<Span> = fc
  .record({
    trace: fc.integer({ min: 1, max: 9 }),
    id: fc.integer({ min: 1, max: 0xffff }),
    name: fc.constantFrom('x', 'y'),
    kind: fc.integer({ min: 0, max: 5 }),
    statusCode: fc.integer({ min: 0, max: 2 }),
    statusMessage: fc.constantFrom('', 'x'),
    traceState: fc.constantFrom('', 'y'),
    startMs: fc.integer({ min: 0, max: 3_600_000 }),
    durationNs: fc.integer({ min: 0, max: 5 }),
    attributes,
    resource: attributes,
    scope: fc.record({ name: fc.constantFrom('', 'x'), version: fc.constantFrom('', 'y'), attributes }),
    events: fc.array(fc.record({ name: fc.constantFrom('x', 'y'), timeNs: fc.constantFrom(T0, T0 + 5n), attributes }), {
      maxLength: 2,
    }),
    links: fc.array(
      fc.record({
        traceId: fc.constant('ab'.repeat(16)),
        spanId: fc.constantFrom('61'.repeat(8), '62'.repeat(8)),
        traceState: fc.constantFrom('x', 'y'),
        attributes,
      }),
      { maxLength: 2 },
    ),
  })
  .map(({ trace, id, startMs, durationNs, resource, ...rest }) => {
    const startNs = T0 + BigInt(startMs) * 1_000_000n
    return spanOf({
      ...rest,
      traceId: String(trace).repeat(32),
      spanId: id.toString(16).padStart(16, '0'),
      startNs,
      endNs: startNs + BigInt(durationNs),
      resource: { 'service.name': { type: 'string', value: `service-${String(id % 3)}` }, ...resource },
    })
  })

const constant = fc.oneof(
  fc.constantFrom(...WORDS, '2').map((text) => ({ type: 'any' as const, value: text })),
  fc.constantFrom(...WORDS).map((text) => ({ type: 'string' as const, value: text })),
  fc.constantFrom(1n, 2n).map((number) => ({ type: 'int' as const, value: number })),
  fc.constantFrom(1, 1.5).map((number) => ({ type: 'double' as const, value: number })),
)
const attributeOperand = fc.record({
  kind: fc.constant('attribute' as const),
  key: fc.constantFrom(...KEYS),
  levels: fc.uniqueArray(fc.constantFrom(...LEVELS), { minLength: 1, maxLength: 3 }),
})
const textOperand = fc.record({
  kind: fc.constant('text' as const),
  field: fc.constantFrom(
    ...(['span.name', 'span.kind', 'span.status', 'span.statusMessage', 'span.traceState'] as const),
    ...(['scope.name', 'scope.version', 'event.name', 'link.spanID', 'link.traceState', 'resource.service'] as const),
  ),
})
const timeOperand = fc.record({
  kind: fc.constant('time' as const),
  field: fc.constantFrom('span.duration', 'event.timeSinceStart', 'event.time', 'span.endTime' as const),
})
const operator = fc.constantFrom('=', '!=', '>', '>=', '<', '<=' as const)
const equality = fc.constantFrom('=', '!=' as const)
const text = fc
  .constantFrom('x', 'y', '', 'server', 'error', 'service-1', '61'.repeat(8))
  .map((word) => ({ type: 'string' as const, value: word }))
const ns = fc.constantFrom(0n, 3n, 5n, T0, T0 + 5n).map((number) => ({ type: 'ns' as const, value: number }))

const { predicate } = fc.letrec<{ predicate: SpanPredicate }>((tie) => ({
  predicate: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ kind: fc.constant('compare' as const), operand: attributeOperand, operator, constant }),
    fc.record({ kind: fc.constant('compare' as const), operand: textOperand, operator: equality, constant: text }),
    fc.record({ kind: fc.constant('compare' as const), operand: timeOperand, operator, constant: ns }),
    fc.record({ kind: fc.constant('exists' as const), operand: fc.oneof(attributeOperand, textOperand) }),
    fc.record({
      kind: fc.constant('in' as const),
      operand: attributeOperand,
      constants: fc.array(constant, { minLength: 1, maxLength: 2 }),
      negated: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('matches' as const),
      operand: fc.oneof(attributeOperand, textOperand),
      pattern: fc.constantFrom('x|y', '^1', '.', 'e$'),
    }),
    fc.record({ kind: fc.constantFrom('and', 'or' as const), of: fc.array(tie('predicate'), { maxLength: 3 }) }),
    fc.record({ kind: fc.constant('not' as const), of: tie('predicate') }),
    fc.record({
      kind: fc.constant('some' as const),
      level: fc.constantFrom('event', 'link' as const),
      of: tie('predicate'),
    }),
  ),
}))

describe.skipIf(noEngineReason !== undefined)(`services and traces in the store ${noEngineReason ?? ''}`, () => {
  let engine: TestEngine
  let stored: ServiceSource
  let memory: ServiceSource
  const spans: readonly OwnedSpan[] = fc.sample(span, { numRuns: 150, seed: 7 }).map((one, i) => ({
    tenant: i % 2 === 0 ? 'dev' : 'prd',
    cluster: `c${String(i % 3)}`,
    span: { ...one, spanId: Buffer.from(String(i).padStart(8, '0')).toString('hex') },
  }))
  beforeAll(async () => {
    engine = await startTestEngine()
    stored = createServiceSource(engine.client)
    memory = createMemoryServices(spans)
    await insertRows(engine.client, 'spans', spans.map(toRow))
    await insertRows(
      engine.client,
      'traces',
      spans.map(({ tenant, span: one }) => ({
        tenant_id: tenant,
        trace_id: one.traceId.slice(0, 16),
        start: seconds(one.startNs),
        end: seconds(one.endNs),
      })),
    )
  }, 60_000)
  afterAll(() => engine.stop())

  const { signal } = new AbortController()
  const within = { startNs: T0, endNs: T0 + 3_600_000_000_000n, limit: 100 }

  it('passes the spans that a predicate means, whatever it is', async () => {
    const predicates = fc.sample(predicate, { numRuns: 100, seed: 11 })
    for (let at = 0; at < predicates.length; at += 50) {
      const some = predicates.slice(at, at + 50)
      const columns = some.map((one) => sql`(${passes(one)})`)
      const rows = await queryJson<{ id: string; passed: readonly boolean[] }>(
        engine.client,
        sql`SELECT span_id AS id, arrayMap(x -> x != 0, [${sql.join(columns, ', ')}]) AS passed FROM spans`,
      )
      const passed = new Map(rows.map((row) => [Buffer.from(row.id).toString('hex'), row.passed.map(Number)]))
      some.forEach((one, i) => {
        const expected = spans
          .filter(({ span: each }) => meetsPredicate(each, one))
          .map(({ span: each }) => each.spanId)
        const found = spans.map(({ span: each }) => each.spanId).filter((id) => passed.get(id)?.[i] === 1)
        expect(
          found,
          JSON.stringify(one, (_, x: unknown) => (typeof x === 'bigint' ? String(x) : x)),
        ).toEqual(expected)
      })
    }
  }, 60_000)

  it('has the newest first, at most as many as asked for, and only in the range', async () => {
    const all: SpanPredicate = { kind: 'and', of: [] }
    for (const query of [
      { ...within, predicate: all },
      { ...within, predicate: all, limit: 3 },
      { ...within, predicate: all, startNs: T0 + 1_000_000_000_000n, endNs: T0 + 1_500_000_000_000n },
    ]) {
      const expected = await memory.findTraces(EVERYTHING, query, signal)
      expect((await stored.findTraces(EVERYTHING, query, signal)).map(short)).toEqual(expected)
    }
  })

  it('stops when the caller goes, and refuses traces that are too large', async () => {
    const gone = AbortSignal.abort()
    await expect(stored.services(EVERYTHING, gone)).rejects.toMatchObject({ code: 'cancelled' })
    await expect(
      stored.findTraces(EVERYTHING, { ...within, predicate: { kind: 'and', of: [] } }, gone),
    ).rejects.toMatchObject({ code: 'cancelled' })
    const ids = [Buffer.from('1'.repeat(16)).toString('hex')]
    const small = createServiceSource(engine.client, { limits: { ...DEFAULT_QUERY_LIMITS, maxSpans: 1 } })
    await expect(small.spansOf(EVERYTHING, ids, {}, signal)).rejects.toMatchObject({ code: 'exhausted' })
    await expect(small.overviews(EVERYTHING, ids, signal)).rejects.toMatchObject({ code: 'exhausted' })
    await expect(stored.spansOf(EVERYTHING, ["' OR 1"], {}, signal)).rejects.toMatchObject({ code: 'invalid' })
    expect(await stored.spansOf({ tenants: [] }, ids, {}, signal)).toEqual([])
  })

  it('keeps counts of calls for a moment, by scope', async () => {
    let nowMs = 0
    let asked = 0
    const counting = {
      ...engine.client,
      query: (...parameters: Parameters<typeof engine.client.query>) => {
        asked++
        return engine.client.query(...parameters)
      },
    }
    const clock = { now: () => nowMs, sleep: () => Promise.resolve() }
    const source = createServiceSource(counting, { clock })
    const range = { startMs: Number(T0 / 1_000_000n), endMs: Number(T0 / 1_000_000n) + 7_200_000 }
    await source.links(EVERYTHING, range, signal)
    const once = asked
    expect(once).toBeGreaterThan(0)
    await source.links(EVERYTHING, { ...range, startMs: range.startMs + 1 }, signal)
    expect(asked).toBe(once)
    await source.links({ tenants: ['dev'] }, range, signal)
    expect(asked).toBe(2 * once)
    nowMs = 16_000
    await source.links(EVERYTHING, range, signal)
    expect(asked).toBe(3 * once)
  })
})

/** Rows in JSON hold ids as text: sixteen characters are an id's bytes, so they come back as hex of them. */
function short(traceId: string): string {
  return Buffer.from(traceId, 'hex').toString().repeat(2)
}

function toRow({ tenant, cluster, span: one }: OwnedSpan): Record<string, unknown> {
  const service = one.resource['service.name']
  return {
    tenant_id: tenant,
    cluster,
    service_name: String(service?.value),
    name: one.name,
    kind: one.kind,
    trace_id: one.traceId.slice(0, 16),
    span_id: Buffer.from(one.spanId, 'hex').toString(),
    time: seconds(one.startNs),
    duration: Number(one.endNs - one.startNs),
    status_code: one.statusCode,
    status_message: one.statusMessage,
    trace_state: one.traceState,
    scope_name: one.scope.name,
    scope_version: one.scope.version,
    scope_attributes: tagged(one.scope.attributes),
    resource_attributes: tagged(one.resource),
    attributes: tagged(one.attributes),
    event_times: one.events.map(({ timeNs }) => seconds(timeNs)),
    event_names: one.events.map(({ name }) => name),
    event_attributes: one.events.map((event) => tagged(event.attributes)),
    link_trace_ids: one.links.map(() => 'z'.repeat(16)),
    link_span_ids: one.links.map(({ spanId }) => Buffer.from(spanId, 'hex').toString('latin1')),
    link_trace_states: one.links.map(({ traceState }) => traceState),
    link_attributes: one.links.map((link) => tagged(link.attributes)),
  }
}

function tagged(from: Attributes): Record<string, string> {
  return Object.fromEntries(Object.entries(from).map(([key, one]) => [key, toTaggedText(one)]))
}

function seconds(time: bigint): string {
  return `${String(time / 1_000_000_000n)}.${String(time % 1_000_000_000n).padStart(9, '0')}`
}
