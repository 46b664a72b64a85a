import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../core/testing/random.ts'
import type { Expr } from './ast.ts'
import { ALL_FEATURES, NO_FEATURES } from './features.ts'
import { findFunction } from './functions/index.ts'
import { parsePromql } from './parse.ts'
import { createAwkwardGenerator, fuzzParser, readAnyQuery } from './testing/fuzz.ts'
import { PROMETHEUS_FUNCTIONS } from './testing/prometheus-functions.ts'
import { roundTripProblem } from './testing/round-trip.ts'

const queries = fc
  .integer({ min: 0, max: 2 ** 32 - 1 })
  .map((seed) => createAwkwardGenerator(createRandom(seed), 4).query())

describe('generated queries', () => {
  it('print to what parses to the same', () => {
    fc.assert(
      fc.property(queries, (query) => {
        expect(roundTripProblem(readAnyQuery(query), readAnyQuery)).toBeUndefined()
      }),
      { numRuns: 2_000, seed: 1 },
    )
  })

  it('have places that point at the text: a node cut out is the same node', () => {
    fc.assert(
      fc.property(queries, (query) => {
        for (const node of nodesOf(readAnyQuery(query))) {
          const cut = query.slice(node.start, node.end)
          expect(
            roundTripProblem(node, () => readAnyQuery(cut)),
            cut,
          ).toBeUndefined()
        }
      }),
      { numRuns: 500, seed: 2 },
    )
  })

  it('are read as the grammar of the editor reads them, and so are broken ones (short form of npm run fuzz)', () => {
    expect(fuzzParser({ executions: 4_000, seed: 3 })).toEqual([])
  })
})

/** The expressions that stand alone in the text; a sign that became part of a number belongs to it. */
function nodesOf(expr: Expr): Expr[] {
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'vector-selector':
    case 'matrix-selector':
      return [expr]
    case 'paren':
    case 'unary':
    case 'subquery':
      return [expr, ...nodesOf(expr.expr)]
    case 'binary':
      return [expr, ...nodesOf(expr.left), ...nodesOf(expr.right)]
    case 'aggregation':
      return [expr, ...(expr.parameter === undefined ? [] : nodesOf(expr.parameter)), ...nodesOf(expr.expr)]
    case 'call':
      return [expr, ...expr.args.flatMap(nodesOf)]
  }
}

describe('functions', () => {
  const known = Object.entries(PROMETHEUS_FUNCTIONS).filter(([name]) => findFunction(name) !== undefined)
  it.each(known)('%s takes what it takes in Prometheus', (name, signature) => {
    const { args, variadic, returns, experimental } = signature
    expect(findFunction(name)).toMatchObject({ args, variadic, returns })
    expect(findFunction(name)?.experimental ?? false).toBe(experimental ?? false)
  })
})

describe('experimental parts are refused unless they are switched on', () => {
  const cases: [string, string][] = [
    ['foo[5m] anchored', '1:1: parse error: anchored modifier is experimental and not enabled'],
    ['foo smoothed', '1:1: parse error: smoothed modifier is experimental and not enabled'],
    ['foo + fill(1) bar', '1:1: parse error: binop fill modifiers are experimental and not enabled'],
    [
      'limitk(2, foo)',
      '1:1: parse error: limitk() is experimental and must be enabled with --enable-feature=promql-experimental-functions',
    ],
    ['sort_by_label(foo, "a")', '1:1: parse error: function "sort_by_label" is not enabled'],
  ]
  it.each(cases)('%s', (query, message) => {
    expect(() => parsePromql(query, NO_FEATURES)).toThrow(message)
    expect(() => parsePromql(query, ALL_FEATURES)).not.toThrow()
  })

  it.each(['foo[5m*2]', 'foo offset (5m)', 'foo[5m:step()]', 'foo offset max_of(1, 2)'])('but not %s', (query) => {
    expect(() => parsePromql(query, NO_FEATURES)).not.toThrow()
  })

  it.each(['foo offset -5m', 'foo offset -(5m)', 'fill + fill_left', 'anchored', 'foo </ 3', 'step', 'start'])(
    '%s is not experimental',
    (query) => {
      expect(() => parsePromql(query)).not.toThrow()
    },
  )
})

describe("errors in Prometheus' words, with everything switched on", () => {
  const cases: [string, string][] = [
    [
      'foo[]',
      '1:5: parse error: unexpected "]" in subquery or range selector, expected number, duration, step(), or range()',
    ],
    ['foo[5m', '1:7: parse error: unclosed left bracket'],
    ['foo[x]', "1:5: parse error: unexpected character in duration expression: 'x'"],
    ['foo[5m x]', "1:8: parse error: unexpected character: 'x', expected ':'"],
    ['foo[5m 3]', '1:8: parse error: unexpected number "3" in subquery or range, expected ":" or "]"'],
    ['foo[5m:5m:5m]', "1:10: parse error: unexpected colon ':'"],
    ['foo[step():]', '1:12: parse error: unexpected colon before duration in duration expression'],
    ['foo[5m:5m 3]', '1:11: parse error: unexpected number "3" in subquery selector, expected "]"'],
    [
      'foo[5m:step]',
      '1:12: parse error: unexpected "]" in subquery selector, expected number, duration, step(), range(), or "]"',
    ],
    ['foo[-5m]', '1:5: parse error: duration must be greater than 0'],
    ['foo[5m/0]', '1:7: parse error: division by zero'],
    ['foo[5m%0]', '1:7: parse error: modulo by zero'],
    ['foo[300y]', '1:5: parse error: duration out of range'],
    ['foo[1e10]', '1:5: parse error: duration out of range'],
    ['foo offset 1e18', '1:12: parse error: duration out of range'],
    [
      'foo offset (5m) - bar',
      '1:19: parse error: unexpected identifier "bar" in offset, expected number, duration, step(), or range()',
    ],
    ['foo @ step()', '1:7: parse error: unexpected "step" in @, expected timestamp'],
    ['foo @ Inf', '1:1: parse error: timestamp out of bounds for @ modifier: +Inf'],
    ['sum(rate(foo bar))', '1:14: parse error: unexpected identifier "bar" in aggregation'],
    ['sum by ("") (foo)', '1:9: parse error: invalid label name for grouping: ""'],
    ['sum by (inf) (foo)', '1:9: parse error: unexpected number "inf" in grouping opts, expected label'],
    ['a + on(x) group_left on b', '1:22: parse error: unexpected <on> in grouping opts, expected "("'],
    ['a + fill(x) b', '1:10: parse error: unexpected identifier "x"'],
    ['a and fill(1) b', '1:1: parse error: filling in missing series not allowed for set operators'],
    ['1 + fill(1) b', '1:1: parse error: filling in missing series only allowed between instant vectors'],
    ['a[5m:] anchored', '1:1: parse error: anchored modifier is not supported for subqueries'],
    ['sum(a) smoothed', '1:1: parse error: smoothed modifier not implemented'],
    ['a anchored smoothed', '1:1: parse error: anchored and smoothed modifiers cannot be used together'],
    ['a anchored offset 5m[5m]', '1:21: parse error: no offset modifiers allowed before range'],
    ['{"a" "b"}', '1:6: parse error: unexpected string "\\"b\\"" in label matching, expected "," or "}"'],
    ['1e5m', '1:1: parse error: unknown unit "e" in duration "1e5m"'],
    ['"\\x\t"', '1:1: parse error: illegal character U+0009 in escape sequence'],
    ['rate(foo[5m], bool)', '1:13: parse error: trailing commas not allowed in function call args'],
    ['unknown(1) }', '1:1: parse error: unknown function with name "unknown"'],
  ]
  it.each(cases)('%s', (query, message) => {
    expect(() => parsePromql(query, ALL_FEATURES)).toThrow(message)
  })
})

describe('long queries', () => {
  it('reads 400 nested parentheses', () => {
    expect(parsePromql(`${'('.repeat(400)}up${')'.repeat(400)}`)).toMatchObject({ kind: 'paren', type: 'vector' })
  })

  it.each([
    ['parentheses', '('.repeat(50_000), 'expression nests too deeply'],
    ['signs', `${'-'.repeat(99_999)}1`, 'expression nests too deeply'],
    ['operators', `${'1+'.repeat(50_000)}1`, 'expression has too many operators'],
    ['powers', `${'1^'.repeat(50_000)}1`, 'expression nests too deeply'],
    ['subqueries', `up${'[1m:]'.repeat(20_000)}`, 'expression has too many operators'],
    ['durations', `up[${'('.repeat(50_000)}`, 'expression nests too deeply'],
    ['signs of durations', `up[${'-'.repeat(50_000)}1]`, 'expression nests too deeply'],
    ['operators of durations', `up[1${'+1'.repeat(50_000)}]`, 'expression has too many operators'],
  ])('refuses 100,000 characters of %s', (_, query, message) => {
    expect(() => parsePromql(query, ALL_FEATURES)).toThrow(message)
  })
})
