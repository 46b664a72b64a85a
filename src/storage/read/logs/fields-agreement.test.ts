import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '../../../core/index.ts'
import { evaluateMetric, type LogSource, parseLogql } from '../../../query/index.ts'
import { insertRows, seconds } from '../../testing/rows.ts'
import { noEngineReason, startTestEngine, type TestEngine } from '../../testing/test-engine.ts'
import { createLogSource } from './log-source.ts'

/*
 * Fields of lines, found by the engine or by LogQL's parsers: where the engine counts at all, it comes to the same. Each
 * stream has a few lines, most of them plain and some of them nasty, so that the engine dares some and not others.
 */

const T0 = Date.UTC(2026, 0, 1)
const SCOPE = { tenants: 'all' } as const

const key = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('level', 'status', 'took_ms', 'app') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...[
        'took.ms',
        'took-ms',
        ' level',
        'level ',
        '\u00a0level',
        '.level',
        'LEVEL',
        '1x',
        '',
        'le\\u0076el',
        'lével',
        'took',
      ],
      ...['level_extracted', 'app_extracted', 'took ms', 'le"vel'.replace('"', '\\"'), '\ud83d\ude00', 'a_took_ms'],
    ),
  },
)
const text = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('info', 'error', '7', 'x y', 'level') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...[
        '',
        'say \\"level\\": 5',
        'a\\nb',
        '\\u0041',
        'ünï',
        '{',
        '}',
        'a=b',
        ',',
        '\\\\',
        '"',
        '\t',
        '\\x',
        '\u0085',
        'x\ufffdy',
        'level="x"',
      ],
      ...['{\\"level\\":\\"x\\"}', ' level=1 '],
    ),
  },
)
const literal = fc.constantFrom(
  '7',
  '7',
  '200',
  '-1',
  '0',
  '1.50',
  '1e3',
  '-0',
  '01',
  '7a',
  'true',
  'false',
  'null',
  'nul',
  '12345678901234567890',
  '0.1',
)
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    { weight: 4, arbitrary: text.map((one) => `"${one}"`) },
    { weight: 4, arbitrary: literal },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 2 }).map((all) => `[${all.join(',')}]`) },
    {
      weight: 1,
      arbitrary: fc
        .array(fc.tuple(key, tie('value')), { maxLength: 2 })
        .map((all) => `{${all.map(([name, inner]) => `"${name}":${inner}`).join(',')}}`),
    },
  ),
}))
const json = fc
  .tuple(
    fc.array(fc.tuple(key, value), { maxLength: 4 }),
    fc.constantFrom('', '', ' ', '\n'),
    fc.constantFrom('', '', '', '', ' ', 'x', '}', '\u0000'),
  )
  .map(
    ([pairs, space, end]) =>
      `{${pairs.map(([name, of]) => `"${name}"${space}:${space}${of}`).join(`,${space}`)}}${end}`,
  )
const logfmt = fc
  .tuple(
    fc.array(
      fc.oneof(
        {
          weight: 6,
          arbitrary: fc
            .tuple(
              key,
              fc.oneof(
                literal,
                text.map((one) => `"${one}"`),
                text,
              ),
            )
            .map(([name, of]) => `${name}=${of}`),
        },
        { weight: 1, arbitrary: fc.oneof(text, key) },
      ),
      { maxLength: 4 },
    ),
    fc.constantFrom(' ', ' ', ' ', '  ', '\n', ''),
  )
  .map(([all, space]) => all.join(space))
const line = fc.oneof(
  { weight: 8, arbitrary: json },
  { weight: 8, arbitrary: logfmt },
  { weight: 1, arbitrary: fc.constantFrom('', 'plain text', '[1]', '"level"', '{"level":"info"', 'level', '{}') },
)
const metadata = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.dictionary(fc.constantFrom('level', 'took.ms', 'other'), fc.constantFrom('meta', '\u00017', ''), {
      maxKeys: 2,
    }),
  },
)

const ofField = fc.constantFrom(
  ...[
    'level="info"',
    'level!="error"',
    'level=~"info|7"',
    'status=7',
    'status>=7',
    'took_ms<100',
    'app="x y"',
    'took_ms!=200',
    'level=""',
  ],
  ...[
    '__error__=""',
    'level="info" and status="7"',
    'level="info" or status="7"',
    'missing=""',
    'level_extracted="info"',
  ],
)
const query = fc
  .record({
    operation: fc.constantFrom('count_over_time', 'rate', 'bytes_over_time'),
    before: fc.constantFrom('', '', '|= "e"', '!= "status"', '| app="app"'),
    parser: fc.constantFrom('json', 'logfmt'),
    filters: fc.array(
      fc.oneof(
        ofField.map((one) => `| ${one}`),
        fc.constant('|= "o"'),
      ),
      { maxLength: 2 },
    ),
    by: fc.constantFrom(
      'level',
      'level, status',
      'took_ms',
      'app',
      'missing',
      '',
      'app_extracted',
      'detected_level, level',
    ),
  })
  .map(
    ({ operation, before, parser, filters, by }) =>
      (stream: number) =>
        `sum by (${by}) (${operation}({s="${String(stream)}"} ${before} | ${parser} ${filters.join(' ')} [20s]))`,
  )

const STREAMS = 32
const SEED = 11
const OF_STREAMS = fc.sample(
  fc.record({ lines: fc.array(fc.tuple(line, metadata), { minLength: 1, maxLength: 3 }), app: fc.boolean() }),
  {
    numRuns: STREAMS,
    seed: SEED,
  },
)
const QUERIES = fc.sample(query, { numRuns: STREAMS, seed: SEED })

describe.skipIf(noEngineReason !== undefined)(`fields of lines in the engine ${noEngineReason ?? ''}`, () => {
  let engine: TestEngine
  let source: Required<LogSource>
  let counted = 0
  beforeAll(async () => {
    engine = await startTestEngine()
    const stored = createLogSource(engine.client)
    source = {
      select: (...request) => stored.select(...request),
      labelNames: (...request) => stored.labelNames(...request),
      labelValues: (...request) => stored.labelValues(...request),
      streams: (...request) => stored.streams(...request),
      count: async (scope, request, signal) => {
        const answer = await stored.count(scope, request, signal)
        if (answer !== undefined && request.fields !== undefined) counted += 1
        return answer
      },
    }
    const labels = (id: number): Record<string, string> => ({
      s: String(id),
      service_name: 'api',
      cluster: 'c',
      ...(OF_STREAMS[id]?.app === true ? { app: 'app' } : {}),
    })
    await insertRows(
      engine.client,
      'log_streams',
      OF_STREAMS.map((_, id) => ({
        tenant_id: 'dev',
        id,
        cluster: 'c',
        labels: labels(id),
        first_seen: seconds(T0),
        last_seen: seconds(T0 + 3_600_000),
      })),
    )
    await insertRows(
      engine.client,
      'logs',
      OF_STREAMS.flatMap(({ lines }, stream) =>
        lines.map(([body, attributes], i) => ({
          tenant_id: 'dev',
          cluster: 'c',
          service_name: 'api',
          stream,
          time: `${String(T0 / 1000 + 7 * i)}.000000000`,
          body,
          attributes,
          detected_level: 'unknown',
        })),
      ),
    )
  }, 60_000)
  afterAll(async () => {
    await engine.stop()
  })

  async function evaluate(text: string, pushdown: boolean): Promise<unknown> {
    const expr = parseLogql(text)
    if (expr.kind === 'logs') throw new Error('BUG: no metric query')
    const grid = { startMs: T0, stepMs: 10_000, count: 4 }
    try {
      const result = await evaluateMetric(expr, grid, {
        source,
        scope: SCOPE,
        signal: AbortSignal.timeout(20_000),
        pushdown,
      })
      return result.type === 'scalar'
        ? result.values
        : result.series.map(({ labels, values, present }) => [labels, [...values], [...present]])
    } catch (reason) {
      return AppError.from(reason).message
    }
  }

  it('come to what the parsers find, or are left to them', async () => {
    const compare = async (make: (typeof QUERIES)[number], i: number): Promise<void> => {
      const stream = i % STREAMS
      const asked = make(stream)
      const lines = OF_STREAMS[stream]?.lines
      expect({ asked, lines, found: await evaluate(asked, true) }).toEqual({
        asked,
        lines,
        found: await evaluate(asked, false),
      })
    }
    // Some at a time, as many as the engine reads at once.
    for (let at = 0; at < QUERIES.length; at += 4)
      await Promise.all(QUERIES.slice(at, at + 4).map((make, i) => compare(make, at + i)))
    expect(counted).toBeGreaterThan(QUERIES.length / 8)
  }, 60_000)
})
