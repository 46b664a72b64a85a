import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Matcher, Scope } from '../../../model/index.ts'
import { ANY_LINE, type LineCondition, type LogSelectRequest, type LogSource } from '../../../query/index.ts'
import { insertRows, seconds } from '../../testing/rows.ts'
import { noEngineReason, startTestEngine, type TestEngine } from '../../testing/test-engine.ts'
import { createLogSource } from './log-source.ts'

const HOUR = 3_600_000
const T0 = Date.UTC(2026, 0, 15, 12, 30)
const NS = 1_000_000n
const EVERYTHING: Scope = { tenants: 'all' }
const signal = new AbortController().signal

interface LineFilter {
  readonly operator: '|=' | '!=' | '|~' | '!~'
  readonly value: string
}

interface LogLine {
  readonly timeNs: bigint
  readonly line: string
  readonly structuredMetadata: Readonly<Record<string, string>>
}

interface Stream {
  readonly id: number
  readonly labels: Readonly<Record<string, string>>
}

const API: Stream = { id: 1, labels: { service_name: 'api', tenant_id: 'dev', cluster: 'dev-1' } }
const DB: Stream = { id: 2, labels: { service_name: 'db', tenant_id: 'dev', cluster: 'dev-2' } }
const PAY: Stream = { id: 3, labels: { service_name: 'pay', tenant_id: 'prd', cluster: 'prd-1', k8s_pod_name: 'p-1' } }

/** One line a minute, the streams in turns. */
const LINES: readonly (readonly [Stream, string])[] = [
  [API, 'GET /items took 12ms'],
  [DB, 'slow query: select * from items'],
  [PAY, 'card declined: "insufficient funds"'],
  [API, 'GET /items/100%_done took 7ms'],
  [DB, "it's a \\ backslash\nand a second line"],
  [PAY, 'ünïcode €uro 😀'],
  [API, 'error: needle-in-haystack found'],
  [DB, 'needles are not needle in'],
  [PAY, ''],
]

const select = (more: Partial<LogSelectRequest> = {}): LogSelectRequest => ({
  matchers: [],
  range: { startNs: BigInt(T0) * NS, endNs: BigInt(T0 + HOUR) * NS, ends: '[start, end)' },
  condition: ANY_LINE,
  columns: { line: 'text', metadata: 'all' },
  direction: 'forward',
  ...more,
})

const OPERATORS = { '|=': 'line-contains', '!=': 'line-lacks', '|~': 'line-matches', '!~': 'line-fails' } as const

function toCondition(filters: readonly LineFilter[]): LineCondition {
  const of = filters.map(({ operator, value }): LineCondition => {
    const t = OPERATORS[operator]
    return t === 'line-contains' || t === 'line-lacks' ? { t, text: value } : { t, expression: value }
  })
  return { t: 'all', of }
}

interface FoundStream {
  readonly labels: Readonly<Record<string, string>>
  readonly lines: LogLine[]
}

/** What is selected, stream by stream in the order of what the streams are called. */
async function collect(source: LogSource, scope: Scope, request: LogSelectRequest, rows = Infinity) {
  const found = new Map<unknown, FoundStream>()
  let left = rows
  for await (const block of source.select(scope, request, signal)) {
    for (let row = 0; row < block.rows && left > 0; row++, left--) {
      const stream = block.stream(row)
      const known = found.get(stream) ?? { labels: stream.labels, lines: [] }
      found.set(stream, known)
      const metadata = block.metadata(row)
      const pairs = Array.from({ length: metadata.length / 2 }, (_, i) => [metadata[2 * i], metadata[2 * i + 1]])
      const structuredMetadata = Object.fromEntries(pairs) as Record<string, string>
      known.lines.push({ timeNs: block.timesNs[row] ?? 0n, line: block.line(row), structuredMetadata })
    }
    if (left <= 0) break
  }
  const nameOf = ({ labels }: FoundStream): string => labels['service_name'] ?? ''
  return [...found.values()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
}

/** All lines in the order of time. */
function texts(streams: readonly FoundStream[]): readonly string[] {
  const lines = streams.flatMap(({ lines }) => lines)
  return lines.sort((a, b) => Number(a.timeNs - b.timeNs)).map(({ line }) => line)
}

describe.skipIf(noEngineReason !== undefined)(`logs in the store ${noEngineReason ?? ''}`, () => {
  let engine: TestEngine
  let source: LogSource
  beforeAll(async () => {
    engine = await startTestEngine()
    source = createLogSource(engine.client)
    const streams = [API, DB, PAY].map(({ id, labels }) => ({
      tenant_id: labels['tenant_id'],
      id,
      cluster: labels['cluster'],
      labels,
      first_seen: seconds(T0 - HOUR / 2),
      last_seen: seconds(T0 + HOUR),
    }))
    await insertRows(engine.client, 'log_streams', [...streams, ...streams])
    await insertRows(
      engine.client,
      'logs',
      LINES.map(([{ id, labels }, body], i) => ({
        tenant_id: labels['tenant_id'],
        cluster: labels['cluster'],
        service_name: labels['service_name'],
        stream: id,
        time: seconds(T0 + 60_000 * i),
        observed_time: seconds(T0 + 60_000 * i + 1),
        hub_received_at: seconds(T0 + 60_000 * i + 2),
        body,
      })),
    )
  })
  afterAll(async () => {
    await engine.stop()
  })

  const filters: readonly (readonly LineFilter[])[] = [
    [],
    [{ operator: '|=', value: 'items' }],
    [{ operator: '|=', value: '' }],
    [{ operator: '|=', value: 'needle' }],
    [{ operator: '|=', value: 'eedle-in-hay' }],
    [{ operator: '|=', value: ' needle in' }],
    [{ operator: '|=', value: '100%_done' }],
    [{ operator: '|=', value: "it's a \\ back" }],
    [{ operator: '|=', value: '€uro 😀' }],
    [{ operator: '|=', value: 'ITEMS' }],
    [{ operator: '!=', value: 'items' }],
    [{ operator: '!=', value: '' }],
    [{ operator: '|~', value: 'took \\d+ms$' }],
    [{ operator: '|~', value: '(?i)ITEMS' }],
    [{ operator: '|~', value: 'backslash.and' }],
    [{ operator: '|~', value: '(?s)backslash.and' }],
    [{ operator: '!~', value: '^(GET|card)' }],
    [
      { operator: '|=', value: 'needle' },
      { operator: '!=', value: 'needles' },
      { operator: '|~', value: 'found$' },
    ],
  ]
  it.each(filters.map((filter) => [filter]))('filters lines by %j', async (lineFilters) => {
    const expected = LINES.map(([, line]) => line).filter((line) => lineFilters.every((filter) => passes(line, filter)))
    expect(texts(await collect(source, EVERYTHING, select({ condition: toCondition(lineFilters) })))).toEqual(expected)
  })

  const scopes: readonly (readonly [Scope, readonly Stream[]])[] = [
    [EVERYTHING, [API, DB, PAY]],
    [{ tenants: ['dev'] }, [API, DB]],
    [{ tenants: 'all', clusters: ['dev-2', 'prd-1'] }, [DB, PAY]],
    [{ tenants: ['prd'], clusters: ['dev-1'] }, []],
    [{ tenants: [] }, []],
  ]
  it.each(scopes)('gives the scope %j what it may see and nothing else', async (scope, visible) => {
    const range = { startMs: T0, endMs: T0 + HOUR }
    const found = await collect(source, scope, select())
    expect(found.map(({ labels }) => labels)).toEqual(visible.map(({ labels }) => labels))
    expect(texts(found)).toEqual(LINES.filter(([stream]) => visible.includes(stream)).map(([, line]) => line))
    expect(await source.streams(scope, { matchers: [], range }, signal)).toEqual(visible.map(({ labels }) => labels))
    const names = new Set(visible.flatMap(({ labels }) => Object.keys(labels)))
    expect(await source.labelNames(scope, range, signal)).toEqual([...names].sort())
    const services = visible.map(({ labels }) => labels['service_name'])
    expect(await source.labelValues(scope, 'service_name', { matchers: [], range }, signal)).toEqual(services)
  })

  const matchers: readonly (readonly [Matcher[], readonly Stream[]])[] = [
    [[{ name: 'service_name', operator: '=', value: 'api' }], [API]],
    [[{ name: 'service_name', operator: '=~', value: 'a|d.' }], [DB]],
    [[{ name: 'k8s_pod_name', operator: '=', value: '' }], [API, DB]],
    [[{ name: 'k8s_pod_name', operator: '!=', value: '' }], [PAY]],
    [[{ name: 'cluster', operator: '!~', value: 'dev-.*' }], [PAY]],
    [[{ name: 'cluster', operator: '=', value: "x' OR 1=1 --" }], []],
  ]
  it.each(matchers)('selects streams by %j', async (by, expected) => {
    const found = await collect(source, EVERYTHING, select({ matchers: by }))
    expect(found.map(({ labels }) => labels)).toEqual(expected.map(({ labels }) => labels))
  })

  it.each([
    ['forward', [0, 1, 2, 3]],
    ['backward', [8, 7, 6, 5]],
  ] as const)('reads %s up to the limit', async (direction, expected) => {
    const found = await collect(source, EVERYTHING, select({ direction, expected: 4 }), 4)
    const order = found.flatMap(({ lines }) => lines).map(({ timeNs }) => Number(timeNs / NS - BigInt(T0)) / 60_000)
    expect([...order].sort((a, b) => a - b)).toEqual([...expected].sort((a, b) => a - b))
    for (const { lines } of found) {
      const times = lines.map(({ timeNs }) => timeNs)
      expect(times).toEqual([...times].sort((a, b) => Number(direction === 'forward' ? a - b : b - a)))
    }
  })

  it('takes the start of the range in and leaves its end out', async () => {
    const [from, to] = [BigInt(T0 + 60_000) * NS, BigInt(T0 + 180_000) * NS]
    const among = (startNs: bigint, endNs: bigint, ends: LogSelectRequest['range']['ends']) =>
      collect(source, EVERYTHING, select({ range: { startNs, endNs, ends } }))
    const found = await among(from, to, '[start, end)')
    expect(texts(found)).toEqual(LINES.slice(1, 3).map(([, line]) => line))
    const almost = await among(from, to, '(start, end]')
    expect(texts(almost)).toEqual(LINES.slice(2, 4).map(([, line]) => line))
  })

  it('tells the rest of a record as structured metadata, in the names that Loki gives it', async () => {
    const labels = { service_name: 'meta', tenant_id: 'dev', cluster: 'dev-1' }
    const at = Date.UTC(2026, 1, 1)
    await insertRows(engine.client, 'log_streams', [
      { tenant_id: 'dev', id: 9, cluster: 'dev-1', labels, first_seen: seconds(at), last_seen: seconds(at + HOUR) },
    ])
    await insertRows(engine.client, 'logs', [
      {
        tenant_id: 'dev',
        cluster: 'dev-1',
        service_name: 'meta',
        stream: 9,
        time: '1769904000.123456789',
        observed_time: '1769904001.000000001',
        hub_received_at: '1769904002.500',
        severity_number: 17,
        severity_text: 'ERROR',
        event_name: 'boom',
        body: 'line',
        trace_id: '0123456789abcdef',
        flags: 1,
        scope_name: 'lib',
        scope_attributes: { 'scope.attr': 's' },
        resource_attributes: {
          'service.name': 'meta',
          'host.name': 'h',
          shared: 'resource',
          'loki.resource.labels': 'x',
        },
        attributes: {
          'http.status_code': '\x01500',
          ratio: '\x020.5',
          ok: '\x03true',
          shared: 'record',
          empty: '',
          tricky: '\x07\x01text',
          list: '\x04{"arrayValue":{"values":[{"stringValue":"a"},{"intValue":"2"}]}}',
          'deep.map': '\x04{"kvlistValue":{"values":[{"key":"a.b","value":{"stringValue":"c"}}]}}',
        },
      },
    ])
    const range = { startNs: BigInt(at) * NS, endNs: BigInt(at + HOUR) * NS, ends: '[start, end)' } as const
    const columns = { line: 'text', metadata: 'all', received: true } as const
    const [found] = await collect(source, EVERYTHING, select({ range, columns }))
    expect(found?.labels).toEqual(labels)
    expect(found?.lines).toEqual([
      {
        timeNs: 1_769_904_000_123_456_789n,
        line: 'line',
        structuredMetadata: {
          host_name: 'h',
          shared: 'record',
          scope_attr: 's',
          scope_name: 'lib',
          http_status_code: '500',
          ratio: '0.5',
          ok: 'true',
          tricky: '\x01text',
          list: '["a",2]',
          deep_map_a_b: 'c',
          severity_number: '17',
          severity_text: 'ERROR',
          event_name: 'boom',
          trace_id: Buffer.from('0123456789abcdef').toString('hex'),
          flags: '1',
          observed_timestamp: '1769904001000000001',
          hub_received_at: '2026-02-01T00:00:02.500Z',
          detected_level: 'error',
        },
      },
    ])
  })
})

/** The filters' meaning, for expressions that mean the same in JavaScript. */
function passes(line: string, { operator, value }: LineFilter): boolean {
  const flags = /^\(\?([is])\)/.exec(value)
  const expression = new RegExp(flags === null ? value : value.slice(4), flags?.[1] ?? '')
  switch (operator) {
    case '|=':
      return line.includes(value)
    case '!=':
      return !line.includes(value)
    case '|~':
      return expression.test(line)
    case '!~':
      return !expression.test(line)
  }
}
