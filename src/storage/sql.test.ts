import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { queryJson } from './query-json.ts'
import { f64, i64, sql, str, strArray, timeMs, timeNs, u64, u64Array } from './sql.ts'
import { noEngineReason, startTestEngine, type TestEngine } from './testing/test-engine.ts'

describe('sql', () => {
  it('makes a parameter of each value and takes fragments in with theirs renumbered', () => {
    const inner = sql`a = ${str('x')} AND b IN ${u64Array([1, 2n])}`
    const outer = sql`SELECT ${u64(7)} FROM ${sql.raw('t')} WHERE (${inner}) OR (${inner}) LIMIT ${u64(1)}`
    expect(outer.text).toBe(
      'SELECT {p0:UInt64} FROM t WHERE (a = {p1:String} AND b IN {p2:Array(UInt64)}) OR ' +
        '(a = {p3:String} AND b IN {p4:Array(UInt64)}) LIMIT {p5:UInt64}',
    )
    expect(outer.params).toEqual({ p0: '7', p1: 'x', p2: [1, 2n], p3: 'x', p4: [1, 2n], p5: '1' })
  })

  it('joins conditions; of none, all hold and one does not', () => {
    const [a, b] = [sql`a = ${u64(1)}`, sql`b = ${u64(2)}`]
    expect(sql.and([a, b])).toEqual({ text: '(a = {p0:UInt64}) AND (b = {p1:UInt64})', params: { p0: '1', p1: '2' } })
    expect(sql.and([]).text).toBe('true')
    expect(sql.or([]).text).toBe('false')
  })

  it('does not touch what looks like a placeholder in a value', () => {
    const inner = sql`a = ${str('{p0:String}')}`
    expect(sql`b = ${u64(1)} AND ${inner}`.params).toEqual({ p0: '1', p1: '{p0:String}' })
  })
})

const NASTY = [
  '',
  "'",
  "a'b",
  '\\',
  'a\\b',
  "\\'",
  '\\N',
  'NULL',
  'a\nb',
  'a\r\nb',
  'a\tb',
  'a\0b',
  '\x01\x07\x7f',
  'a;b',
  "'; DROP TABLE series; --",
  '/* x */',
  '-- x',
  '#',
  '{p0:String}',
  '${x}',
  '%00',
  'a&b=c+d e%20f#g',
  '"`´',
  'ü€😀\u2028',
  '['.repeat(20),
  'x'.repeat(2000),
]

describe.skipIf(noEngineReason !== undefined)(`values on their way through an engine ${noEngineReason ?? ''}`, () => {
  let engine: TestEngine
  beforeAll(async () => {
    engine = await startTestEngine()
  })
  afterAll(async () => {
    await engine.stop()
  })

  it.each(NASTY)('text %j arrives as it is, alone and in an array', async (text) => {
    const statement = sql`SELECT hex(${str(text)}) AS one, arrayMap(x -> hex(x), ${strArray([text, 'b', text])}) AS many`
    const hex = Buffer.from(text).toString('hex').toUpperCase()
    expect(await queryJson(engine.client, statement)).toEqual([{ one: hex, many: [hex, '62', hex] }])
  })

  it('numbers and times arrive as they are', async () => {
    const statement = sql`SELECT toString(${u64(18446744073709551615n)}) AS u, toString(${i64(-5n)}) AS i,
      toString(${f64(0.1)}) AS f, ${f64(Infinity)} = inf AS inf, isNaN(${f64(NaN)}) AS nan,
      toString(arraySum(${u64Array([1n, 2n])})) AS sum, toString(${timeMs(1_700_000_000_123)}) AS ms,
      toString(${timeNs(1_700_000_000_123_456_789n)}) AS ns`
    expect(await queryJson(engine.client, statement)).toEqual([
      {
        u: '18446744073709551615',
        i: '-5',
        f: '0.1',
        inf: 1,
        nan: 1,
        sum: '3',
        ms: '2023-11-14 22:13:20.123',
        ns: '2023-11-14 22:13:20.123456789',
      },
    ])
  })
})
