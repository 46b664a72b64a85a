import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ParseError } from '../parse-error.ts'
import { parseLogql, parseStreamSelector } from './index.ts'

const logs = (query: string): string => {
  const expr = parseLogql(query)
  if (expr.kind !== 'logs') return expr.kind
  const matchers = expr.matchers.map(({ name, operator, value }) => name + operator + value).join(',')
  return [matchers, ...expr.filters.map(({ operator, value }) => operator + value)].join(' ')
}

describe('log queries', () => {
  const cases: [string, string][] = [
    ['{a="b"}', 'a=b'],
    ['{a="b", c!="d", e=~"f", g!~"h"}', 'a=b,c!=d,e=~f,g!~h'],
    ['({a="b"})', 'a=b'],
    ['{a="b"} |= "x" != `y` |~ "z" !~ "w"', 'a=b |=x !=y |~z !~w'],
    ['{a="b"} |= "x.y" or "z"', 'a=b |~x\\.y|z'],
    ['{a="b"} |~ "x" or "y"', 'a=b |~(?:x)|(?:y)'],
    ['{a="b"} != "x" or "y"', 'a=b !=x !=y'],
    ['{a="b"} |= "tab\\there" # comment', 'a=b |=tab\there'],
  ]
  it.each(cases)('%s', (query, expected) => {
    expect(logs(query)).toBe(expected)
  })
})

describe('metric queries', () => {
  const cases: [string, object][] = [
    ['vector(-1.5)', { kind: 'vector', value: -1.5 }],
    [
      'rate({a="b"} |= "x" [5m] offset 1h)',
      { operation: 'rate', rangeMs: 300_000, offsetMs: 3_600_000, selector: { filters: [{ value: 'x' }] } },
    ],
    [
      'count_over_time({a="b"}[1m] |= "x")',
      { operation: 'count_over_time', rangeMs: 60_000, selector: { filters: [{ value: 'x' }] } },
    ],
    ['count_over_time(({a="b"})[1m])', { operation: 'count_over_time' }],
    ['sum by (a, b) (rate({a="b"}[1m]))', { operator: 'sum', grouping: ['a', 'b'], without: false }],
    ['sum(rate({a="b"}[1m])) without (a)', { operator: 'sum', grouping: ['a'], without: true }],
    ['topk(3, rate({a="b"}[1m]))', { operator: 'topk', parameter: 3 }],
    ['1 + 2 * 3', { operator: '+', right: { operator: '*' } }],
    ['vector(1) > bool 2', { operator: '>', bool: true }],
  ]
  it.each(cases)('%s', (query, expected) => {
    expect(parseLogql(query)).toMatchObject(expected)
  })
})

describe('what is refused, and why', () => {
  const cases: [string, string][] = [
    ['', 'parse error at line 1, col 1: syntax error: unexpected $end'],
    ['{a="b"} | logfmt', 'parse error at line 1, col 9: the stage | logfmt is not supported yet'],
    ['{a="b"} |> "x"', 'parse error at line 1, col 9: the stage |> is not supported yet'],
    ['{a="b"} |= ip("1.1.1.1")', 'parse error at line 1, col 12: the filter ip() is not supported yet'],
    ['{a="b"} |~ "("', 'parse error at line 1, col 12: error parsing regexp: missing closing ): `(`'],
    ['{a="b"} |= "x', 'parse error at line 1, col 12: literal not terminated'],
    ['{a="b"} |= "\\d"', 'parse error at line 1, col 12: invalid char escape'],
    [
      'quantile_over_time(0.5, {a="b"}[1m])',
      'parse error at line 1, col 1: the function quantile_over_time is not supported yet',
    ],
    ['vector(1) and vector(2)', 'parse error at line 1, col 11: the operator and is not supported yet'],
    ['{a="b"} {c="d"}', 'parse error at line 1, col 9: syntax error: unexpected {'],
    ['rate({a="b"})', 'parse error at line 1, col 13: syntax error: unexpected ), expecting ['],
    ['{a=~".*", b!="x"}', 'parse error : queries require at least one regexp or equality matcher'],
  ]
  it.each(cases)('%s', (query, message) => {
    expect(() => parseLogql(query)).toThrow(message)
  })

  it('nests no deeper than it can', () => {
    expect(() => parseLogql('('.repeat(30_000))).toThrow(ParseError)
    expect(() => parseLogql('1+'.repeat(30_000) + '1')).toThrow('too many operators')
  })

  it('a stream selector has no filters', () => {
    expect(parseStreamSelector('{a="b"}')).toHaveLength(1)
    expect(() => parseStreamSelector('{a="b"} |= "x"')).toThrow('only label matchers are supported')
  })
})

it('any text parses or fails with a ParseError', () => {
  const pieces = fc.constantFrom(
    ...['{', '}', 'a', '=', '=~', '"b"', '`', '"', '|=', '|', '!=', '(', ')', '[', ']', '5m', '1', 'rate', 'sum', 'by'],
    ...['vector', ',', 'or', 'offset', '-', '+', ' ', '\n', '#', '\\', 'é', '\ud800'],
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      try {
        parseLogql(parts.join(''))
      } catch (reason) {
        expect(reason).toBeInstanceOf(ParseError)
      }
    }),
    { numRuns: 10_000, seed: 1 },
  )
})
