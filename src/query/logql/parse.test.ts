import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ParseError } from '../parse-error.ts'
import { parseLogql } from './parse.ts'
import { prettifyExpr } from './prettify.ts'
import { printExpr } from './print.ts'
import { randomQuery } from './testing/generate.ts'

describe('what is no LogQL is refused in Loki’s words', () => {
  const refused: readonly (readonly [string, string])[] = [
    ['', 'parse error : syntax error: unexpected $end'],
    ['{a="b"} | json | foo', 'parse error at line 1, col 21: syntax error: unexpected $end'],
    ['{a=="b"}', 'parse error at line 0, col 3: syntax error: unexpected ==, expecting = or =~ or !~ or !='],
    ['{a="b', 'parse error at line 1, col 4: literal not terminated'],
    ['{a="b"} |= |= "x"', 'parse error at line 0, col 12: syntax error: unexpected |=, expecting STRING or ip'],
    ['rate({a="b"}[5x])', 'parse error at line 0, col 13: unknown unit "x" in duration "5x"'],
    ['rate({a="b"}[5m)', "parse error at line 0, col 13: missing closing ']' in duration"],
    ['{a="b"} | json |\n', 'parse error at line 2, col 1: syntax error: unexpected $end'],
    ['topk(0, rate({a="b"}[1m]))', 'parse error : invalid parameter (must be greater than 0) topk(0'],
    ['rate({a="b"}[1m]) by (x)', 'parse error : grouping not allowed for rate aggregation'],
    ['rate_counter({a="b"}[1m])', 'parse error : invalid aggregation rate_counter without unwrap'],
    [
      'rate({a="b"}[1m]) and 1',
      'parse error : unexpected literal for right leg of logical/set binary operation (and): 1.000000',
    ],
    ['1+{a="b"}', 'parse error : unexpected type for right leg of binary operation (+): *syntax.MatchersExpr'],
    [
      '{a=~".*"}',
      'parse error : queries require at least one regexp or equality matcher that does not have an empty-compatible ' +
        'value. For instance, app=~".*" does not meet this requirement, but app=~".+" will',
    ],
  ]
  it.each(refused)('%s', (query, message) => {
    expect(() => parseLogql(query)).toThrow(message)
  })
})

describe('what is read is printed as Loki prints it', () => {
  const printed: readonly (readonly [string, string])[] = [
    ['{a="b"} | x="1" or y="2" and z="3"', '{a="b"} | ( x="1" or ( y="2" , z="3" ) )'],
    ['{a="b"} != "x" or "y"', '{a="b"} != "x" != "y"'],
    ['{a="b"} | x>5 | y<1.5KB | z=1h30m', '{a="b"} | x>5 | y<1.5kB | z==1h30m0s'],
    ['topk(3, rate({a="b"}[90s])) by (x)', 'topk by (x)(3,rate({a="b"}[1m30s]))'],
    ['1+2*3^2', '19'],
    ['count > 1', ''],
  ]
  it.each(printed)('%s', (query, text) => {
    if (text === '') expect(() => parseLogql(query)).toThrow(ParseError)
    else expect(printExpr(parseLogql(query))).toBe(text)
  })

  it('and is the same when it is read again', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const text = prettifyExpr(parseLogql(randomQuery(seed)))
        const compact = printExpr(parseLogql(text))
        expect(compact).toBe(printExpr(parseLogql(compact)))
        expect(prettifyExpr(parseLogql(text))).toBe(text)
      }),
      { numRuns: 300 },
    )
  })
})

describe('hostile queries', () => {
  it('of any text are read or refused', () => {
    fc.assert(
      fc.property(fc.integer(), fc.string(), fc.nat(), (seed, text, at) => {
        const query = randomQuery(seed)
        const cut = at % (query.length + 1)
        try {
          parseLogql(query.slice(0, cut) + text + query.slice(cut + 1))
        } catch (reason) {
          expect(reason).toBeInstanceOf(ParseError)
        }
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    '('.repeat(60_000),
    `${'1+'.repeat(30_000)}1`,
    `{a="b"} | ${'x="1" or '.repeat(10_000)}x="1"`,
    `{a="b"} | ${'('.repeat(50_000)}`,
    `{a="b"} ${'|= "x" '.repeat(30_000)}`,
  ])('end with an error: %#', (query) => {
    expect(() => parseLogql(query)).toThrow(ParseError)
  })
})
