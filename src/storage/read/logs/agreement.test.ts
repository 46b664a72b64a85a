import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  compileMatchers,
  type LineCondition,
  type LogCountRequest,
  type LogSelectRequest,
  type LogSource,
} from '../../../query/index.ts'
import { insertRows, seconds } from '../../testing/rows.ts'
import { noEngineReason, startTestEngine, type TestEngine } from '../../testing/test-engine.ts'
import { createLogSource } from './log-source.ts'

const T0 = Date.UTC(2026, 0, 1)
const START_NS = BigInt(T0) * 1_000_000n
const SECOND_NS = 1_000_000_000n
const signal = new AbortController().signal

interface Line {
  readonly stream: number
  readonly ns: bigint
  readonly body: string
  readonly attributes: Readonly<Record<string, string>>
  readonly level: string
}

const STREAMS = [
  { service_name: 'api', level: 'info' },
  { service_name: 'api', app: 'x' },
  { service_name: 'unknown_service', thread: '7' },
]

const words = fc.constantFrom(
  'error',
  'Error',
  'erro',
  'needle',
  'x%y_z',
  '\\',
  'ünï',
  '😀!',
  '€',
  'a.b',
  '\n',
  ' ',
  'ſK',
)
const body = fc.array(words, { maxLength: 4 }).map((all) => all.join(''))
const attributes = fc.dictionary(
  fc.constantFrom('thread', 'http.status', 'http_status', 'level', 'list'),
  fc.constantFrom('7', '\x017', '', 'x', '\x04{"arrayValue":{"values":[{"intValue":"7"}]}}'),
  { maxKeys: 2 },
)
const line = fc.record({
  stream: fc.nat(STREAMS.length - 1),
  // Often the same, and often at the border of a window.
  ns: fc.oneof(
    fc.constantFrom(0n, 1n, 10n, 20n).map((s) => START_NS + s * SECOND_NS),
    fc.bigInt({ min: 0n, max: 60n * SECOND_NS }).map((ns) => START_NS + ns),
  ),
  body,
  attributes,
  level: fc.constantFrom('info', 'error', 'unknown'),
})

const text = fc.oneof(words, body)
const expressions = fc.constantFrom(
  'err',
  '(?i)NEEDLE',
  'err|need',
  '(?i)sk',
  'e.r',
  'x%y',
  '^error',
  '[ü]n',
  '(?i)ÜN',
  'b?needle',
  '\\\\',
)
const names = fc.constantFrom('level', 'thread', 'http_status', 'detected_level', 'app', 'trace_id', 'list', 'none')
const { condition } = fc.letrec<{ condition: LineCondition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    fc.record({ t: fc.constantFrom('line-contains' as const, 'line-lacks' as const), text }),
    fc.record({ t: fc.constantFrom('line-matches' as const, 'line-fails' as const), expression: expressions }),
    fc.record({
      t: fc.constant('label' as const),
      name: names,
      operator: fc.constantFrom('=' as const, '!=' as const, '=~' as const, '!~' as const),
      value: fc.constantFrom('info', '7', 'x', '', '.*7.*', '[7]'),
    }),
    fc.record({ t: fc.constantFrom('all' as const, 'any' as const), of: fc.array(tie('condition'), { maxLength: 2 }) }),
  ),
}))

/** What a line's metadata is, said again: `thread` and its like, nested ones as JSON. */
function metadataOf({ attributes: own, level }: Line): Record<string, string> {
  const metadata: Record<string, string> = {}
  for (const [key, value] of Object.entries(own)) {
    if (value === '') continue
    const plain = value.startsWith('\x04') ? '[7]' : value.replace(/^\x01/, '')
    metadata[key.replaceAll('.', '_')] = plain
  }
  return { ...metadata, detected_level: level }
}

function meets(condition: LineCondition, labels: Readonly<Record<string, string>>, of: Line): boolean {
  const fits = (expression: string): boolean => {
    const flags = expression.startsWith('(?i)') ? 'iu' : 'u'
    return new RegExp(expression.replace('(?i)', ''), flags).test(of.body)
  }
  switch (condition.t) {
    case 'all':
      return condition.of.every((one) => meets(one, labels, of))
    case 'any':
      return condition.of.some((one) => meets(one, labels, of))
    case 'line-contains':
      return of.body.includes(condition.text)
    case 'line-lacks':
      return !of.body.includes(condition.text)
    case 'line-matches':
      return fits(condition.expression)
    case 'line-fails':
      return !fits(condition.expression)
    case 'label':
      return compileMatchers([condition])({ ...metadataOf(of), ...labels })
  }
}

const labelsOf = (stream: number): Record<string, string> => ({ ...STREAMS[stream], tenant_id: 'dev', cluster: 'c' })

/** The lines in the order of reading, each once. */
function expectedLines(lines: readonly Line[]): readonly Line[] {
  const seen = new Set<string>()
  return lines
    .filter(({ stream, ns, body: said }) => {
      const key = JSON.stringify([stream, String(ns), said])
      return !seen.has(key) && seen.add(key)
    })
    .sort((a, b) => (a.ns < b.ns ? -1 : a.ns > b.ns ? 1 : a.stream - b.stream))
}

/** As they come; the same ones in each run. */
const LINES = fc.sample(line, { numRuns: 200, seed: 5 })
const EXPECTED = expectedLines(LINES)

describe.skipIf(noEngineReason !== undefined)(`what the store says of logs ${noEngineReason ?? ''}`, () => {
  let engine: TestEngine
  let source: Required<LogSource>
  beforeAll(async () => {
    engine = await startTestEngine()
    source = createLogSource(engine.client)
    await insertRows(
      engine.client,
      'log_streams',
      STREAMS.map((_, id) => ({
        tenant_id: 'dev',
        id,
        cluster: 'c',
        labels: labelsOf(id),
        first_seen: seconds(T0),
        last_seen: seconds(T0 + 3_600_000),
      })),
    )
    // In several parts, as lines come; what has the same key keeps its order over all of them.
    for (let at = 0; at < LINES.length; at += 50) await insert(LINES.slice(at, at + 50))
  })
  afterAll(async () => {
    await engine.stop()
  })
  async function insert(lines: readonly Line[]): Promise<void> {
    await insertRows(
      engine.client,
      'logs',
      lines.map(({ stream, ns, body: said, attributes: own, level }) => ({
        tenant_id: 'dev',
        cluster: 'c',
        service_name: STREAMS[stream]?.service_name,
        stream,
        time: `${String(ns / SECOND_NS)}.${String(ns % SECOND_NS).padStart(9, '0')}`,
        body: said,
        attributes: own,
        detected_level: level,
      })),
    )
  }

  async function read(request: Partial<LogSelectRequest>) {
    const range = { startNs: START_NS, endNs: START_NS + 61n * SECOND_NS, ends: '[start, end)' } as const
    const all: LogSelectRequest = {
      matchers: [],
      range,
      condition: { t: 'all', of: [] },
      columns: { line: 'text', metadata: ['level', 'thread', 'http_status', 'list', 'detected_level'] },
      direction: 'forward',
      ...request,
    }
    const found: { ns: bigint; body: string; bytes: number; labels: unknown; metadata: readonly string[] }[] = []
    for await (const block of source.select({ tenants: 'all' }, all, signal)) {
      for (let row = 0; row < block.rows; row++) {
        const { labels } = block.stream(row)
        const metadata = block.metadata(row)
        found.push({ ns: block.timesNs[row] ?? 0n, body: block.line(row), bytes: block.bytes(row), labels, metadata })
      }
    }
    return found
  }

  it('reads each line once, in order', async () => {
    const forward = await read({})
    expect(forward.map(({ ns, body: said, labels }) => [ns, said, labels])).toEqual(
      EXPECTED.map(({ ns, body: said, stream }) => [ns, said, labelsOf(stream)]),
    )
    expect(forward.map(({ bytes }) => bytes)).toEqual(EXPECTED.map(({ body: said }) => Buffer.byteLength(said)))
    const backward = await read({ direction: 'backward', columns: { line: 'bytes', metadata: [] }, expected: 3 })
    expect(backward.map(({ ns, bytes }) => [ns, bytes])).toEqual(
      EXPECTED.map(({ ns, body: said }) => [ns, Buffer.byteLength(said)]).reverse(),
    )
  })

  it('skips no line that meets a condition', async () => {
    await fc.assert(
      fc.asyncProperty(condition, async (wanted) => {
        const endNs = START_NS + 20n * SECOND_NS
        const range = { startNs: START_NS + 1n, endNs, ends: '[start, end)' } as const
        const meeting = await read({ condition: wanted, columns: { line: 'text', metadata: [] }, range })
        expect(meeting.every(({ ns }) => ns > START_NS && ns < endNs)).toBe(true)
        const keyOf = (ns: bigint, said: string, labels: unknown): string => JSON.stringify([String(ns), said, labels])
        const found = new Set(meeting.map(({ ns, body: said, labels }) => keyOf(ns, said, labels)))
        const missing = EXPECTED.filter(
          (one) =>
            one.ns > START_NS &&
            one.ns < endNs &&
            meets(wanted, labelsOf(one.stream), one) &&
            !found.has(keyOf(one.ns, one.body, labelsOf(one.stream))),
        )
        expect(missing).toEqual([])
      }),
      { numRuns: 25 },
    )
  }, 60_000)

  it('counts what reading and counting comes to, or does not count', async () => {
    let counted = 0
    await fc.assert(
      fc.asyncProperty(
        condition,
        fc.uniqueArray(names, { maxLength: 2 }),
        fc.constantFrom([10n, 10n], [10n, 20n], [20n, 10n], [7n, 3n]),
        fc.constantFrom('lines' as const, 'bytes' as const),
        async (wanted, by, [step = 1n, range = 1n], measure) => {
          const request: LogCountRequest = {
            matchers: [],
            condition: wanted,
            measure,
            by,
            firstEndNs: START_NS + 10n * SECOND_NS,
            stepNs: step * SECOND_NS,
            rangeNs: range * SECOND_NS,
            count: 4,
          }
          const answer = await source.count({ tenants: 'all' }, request, signal)
          if (answer === undefined) return
          counted += 1
          const found = answer.series.map(({ labels, values }) => [JSON.stringify(labels), [...values]] as const)
          expect(withLines(found)).toEqual(withLines(Object.entries(expectedCounts(LINES, request))))
        },
      ),
      { numRuns: 25 },
    )
    expect(counted).toBeGreaterThan(6)
  }, 60_000)
})

function withLines(rows: readonly (readonly [string, readonly number[]])[]): unknown {
  return Object.fromEntries(rows.filter(([, values]) => values.some((value) => !Number.isNaN(value))))
}

function expectedCounts(lines: readonly Line[], request: LogCountRequest): Record<string, number[]> {
  const counts: Record<string, number[]> = {}
  // Of a line that was stored twice with different metadata, the first counts that meets the condition.
  const meeting = lines.filter((one) => meets(request.condition, labelsOf(one.stream), one))
  for (const one of expectedLines(meeting)) {
    const labels: Record<string, string> = { ...metadataOf(one), ...labelsOf(one.stream) }
    const by = request.by === 'all' ? [] : request.by
    const key = JSON.stringify(
      Object.fromEntries(by.flatMap((name) => (labels[name] === undefined ? [] : [[name, labels[name]]]))),
    )
    const values = (counts[key] ??= Array.from({ length: request.count }, () => NaN))
    values.forEach((value, i) => {
      const end = request.firstEndNs + BigInt(i) * request.stepNs
      if (one.ns > end || one.ns <= end - request.rangeNs) return
      const weight = request.measure === 'lines' ? 1 : Buffer.byteLength(one.body)
      values[i] = (Number.isNaN(value) ? 0 : value) + weight
    })
  }
  return counts
}
