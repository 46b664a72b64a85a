import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../core/index.ts'
import { ParseError } from '../parse-error.ts'
import type { Expr } from './ast.ts'
import { parsePromql, parseSelector } from './index.ts'

/** The shape of an expression, fully parenthesised, to see how operators bind. */
function shape(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
      return String(expr.value)
    case 'string':
      return JSON.stringify(expr.value)
    case 'paren':
      return shape(expr.expr)
    case 'vector-selector':
      return expr.matchers.map(({ name, operator, value }) => `${name}${operator}${value}`).join(',') + suffix(expr)
    case 'matrix-selector':
      return `${shape(expr.selector)}[${String(expr.rangeMs)}]`
    case 'subquery':
      return `${shape(expr.expr)}[${String(expr.rangeMs)}:${String(expr.stepMs ?? '')}]${suffix(expr)}`
    case 'unary':
      return `(${expr.operator}${shape(expr.expr)})`
    case 'binary': {
      const { on, labels, include, cardinality } = expr.matching
      const match = labels.length === 0 && !on ? '' : ` ${on ? 'on' : 'ignoring'}(${labels.join()})`
      const group = cardinality.includes('to-one') && cardinality !== 'one-to-one' ? ` left(${include.join()})` : ''
      return `(${shape(expr.left)} ${expr.operator}${expr.bool ? ' bool' : ''}${match}${group} ${shape(expr.right)})`
    }
    case 'aggregation': {
      const by = `${expr.without ? 'without' : 'by'}(${expr.grouping.join()})`
      const args = [expr.parameter, expr.expr].flatMap((arg) => (arg === undefined ? [] : shape(arg)))
      return `${expr.operator} ${by}(${args.join('; ')})`
    }
    case 'call':
      return `${expr.name}(${expr.args.map(shape).join('; ')})`
  }
}

function suffix({ offsetMs, at }: Extract<Expr, { kind: 'vector-selector' | 'subquery' }>): string {
  const when = at === undefined ? '' : at.t === 'time' ? ` @${String(at.ms)}` : ` @${at.t}`
  return (offsetMs === 0 ? '' : ` offset ${String(offsetMs)}`) + when
}

describe('what a query means', () => {
  const cases: [string, string][] = [
    ['1 + 2 * 3 - 4', '((1 + (2 * 3)) - 4)'],
    ['2 ^ 3 ^ 2', '(2 ^ (3 ^ 2))'],
    ['-2 ^ 2', '(-(2 ^ 2))'],
    ['-a * b', '((-__name__=a) * __name__=b)'],
    ['2 ^ -1', '(2 ^ -1)'],
    ['a or b and c unless d', '(__name__=a or ((__name__=b and __name__=c) unless __name__=d))'],
    ['a > b + c', '(__name__=a > (__name__=b + __name__=c))'],
    ['a == bool 1', '(__name__=a == bool 1)'],
    ['a atan2 b % c', '((__name__=a atan2 __name__=b) % __name__=c)'],
    ['a / on(x, y) group_left(z) b', '(__name__=a / on(x,y) left(z) __name__=b)'],
    ['a - ignoring(x,) b', '(__name__=a - ignoring(x) __name__=b)'],
    ['a{b="c",d!="e",f=~"g",h!~"i",}', 'b=c,d!=e,f=~g,h!~i,__name__=a'],
    ['{"my.metric", "my.label"="x"}', '__name__=my.metric,my.label=x'],
    ["a{b='c', d=`e\\`}", 'b=c,d=e\\,__name__=a'],
    ['a:b:c', '__name__=a:b:c'],
    ['{__name__="a"}', '__name__=a'],
    ['a[5m]', '__name__=a[300000]'],
    ['a[1h30m15s500ms] offset 1w', '__name__=a offset 604800000[5415500]'],
    ['a[90]', '__name__=a[90000]'],
    ['a offset -5m', '__name__=a offset -300000'],
    ['a @ 1.5 offset 1m', '__name__=a offset 60000 @1500'],
    ['a @ start()', '__name__=a @start'],
    ['rate(a[5m])[1h:30s] offset 1d', 'rate(__name__=a[300000])[3600000:30000] offset 86400000'],
    ['a[1h:]', '__name__=a[3600000:]'],
    ['SUM(a) BY (x)', 'sum by(x)(__name__=a)'],
    ['sum without (x, "y.z") (a)', 'sum without(x,y.z)(__name__=a)'],
    ['topk(3, a)', 'topk by()(3; __name__=a)'],
    ['count_values("v", a)', 'count_values by()("v"; __name__=a)'],
    ['sum by (sum, by, on, bool) (a)', 'sum by(sum,by,on,bool)(__name__=a)'],
    ['sum{a="b"}', 'a=b,__name__=sum'],
    ['start + end', '(__name__=start + __name__=end)'],
    ['label_replace(a, "b", "$1", "c", "(.*)")', 'label_replace(__name__=a; "b"; "$1"; "c"; "(.*)")'],
    ['0x1F + 017 + 1_000 + .5 + 1e3 + Inf', '(((((31 + 15) + 1000) + 0.5) + 1000) + Infinity)'],
    ['1h', '3600'],
    ['"\\u00e9\\n\\x41\\101"', '"é\\nAA"'],
    ['a # comment\n + # another\n b', '(__name__=a + __name__=b)'],
    ['(((1)))', '1'],
  ]
  it.each(cases)('%s', (query, expected) => {
    expect(shape(parsePromql(query))).toBe(expected)
  })
})

describe("errors in Prometheus' words", () => {
  const cases: [string, string][] = [
    ['', 'unknown position: parse error: no expression found in input'],
    ['# just a comment\n\n', '1:1: parse error: no expression found in input'],
    ['1+', '1:3: parse error: unexpected end of input'],
    ['.', "1:1: parse error: unexpected character: '.'"],
    ['2.5.', '1:1: parse error: bad number or duration syntax: "2.5."'],
    ['1 /', '1:4: parse error: unexpected end of input'],
    ['*1', '1:1: parse error: unexpected <op:*>'],
    ['(1))', "1:5: parse error: unexpected right parenthesis ')'"],
    ['((1)', '1:5: parse error: unclosed left parenthesis'],
    ['1 and 1', '1:1: parse error: set operator "and" not allowed in binary scalar expression'],
    ['1 == 1', '1:3: parse error: comparisons between scalars must use BOOL modifier'],
    ['1 !~ 1', "1:3: parse error: unexpected character after '!': '~'"],
    ['1 =~ 1', "1:3: parse error: unexpected character after '=': '~'"],
    [
      '-"string"',
      '1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got "string"',
    ],
    [
      '-test[5m]',
      '1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got "range vector"',
    ],
    [
      '1 offset 1d',
      '1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery',
    ],
    ['foo offset 1s offset 2s', '1:1: parse error: offset may not be set multiple times'],
    ['a - on(b) ignoring(c) d', '1:11: parse error: unexpected <ignoring>'],
    ['foo + bool bar', '1:5: parse error: bool modifier can only be used on comparison operators'],
    ['foo and on(bar) group_left(baz) bar', '1:1: parse error: no grouping allowed for "and" operation'],
    ['a + on(x) group_left(x) b', '1:3: parse error: label "x" must not occur in ON and GROUP clause at once'],
    ['1 + on(x) b', '1:1: parse error: vector matching only allowed between instant vectors'],
    ['{', '1:2: parse error: unexpected end of input inside braces'],
    ['}', "1:1: parse error: unexpected character: '}'"],
    ['some{a=b}', '1:8: parse error: unexpected identifier "b" in label matching, expected string'],
    ['some{a:b="b"}', "1:7: parse error: unexpected character inside braces: ':'"],
    ['foo{gibberish}', '1:14: parse error: unexpected "}" in label matching, expected label matching operator'],
    ['foo{1}', "1:5: parse error: unexpected character inside braces: '1'"],
    ['{}', '1:1: parse error: vector selector must contain at least one non-empty matcher'],
    ['{x=~".*"}', '1:1: parse error: vector selector must contain at least one non-empty matcher'],
    ['foo{__name__="bar"}', '1:1: parse error: metric name must not be set twice: "foo" or "bar"'],
    ['foo{,}', '1:5: parse error: unexpected "," in label matching, expected identifier or "}"'],
    ['foo{a="b" lol}', '1:11: parse error: unexpected identifier "lol" in label matching, expected "," or "}"'],
    ['foo{a=~"("}', '1:5: parse error: error parsing regexp: missing closing ): `(`'],
    ['foo[5mm]', '1:5: parse error: bad number or duration syntax: "5mm"'],
    ['foo[0m]', '1:5: parse error: duration must be greater than 0'],
    ['some_metric OFFSET 1m[5m]', '1:22: parse error: no offset modifiers allowed before range'],
    ['(foo + bar)[5m]', '1:12: parse error: ranges only allowed for vector selectors'],
    ['foo[5m1h:', '1:5: parse error: not a valid duration string: "5m1h"'],
    ['sum some_metric by (test)', '1:5: parse error: unexpected identifier "some_metric"'],
    ['sum (some_metric) by test', '1:22: parse error: unexpected identifier "test" in grouping opts, expected "("'],
    ['sum () by (test)', '1:1: parse error: no arguments for aggregate expression provided'],
    ['sum without(test) (some_metric) by (test)', '1:33: parse error: unexpected <by>'],
    [
      'topk(some_metric)',
      '1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, got 1',
    ],
    ['topk(some_metric, other)', '1:6: parse error: expected type scalar in aggregation parameter, got instant vector'],
    ['floor()', '1:1: parse error: expected 1 argument(s) in call to "floor", got 0'],
    ['floor(1)', '1:7: parse error: expected type instant vector in call to function "floor", got scalar'],
    ['hour(a, b)', '1:1: parse error: expected at most 1 argument(s) in call to "hour", got 2'],
    [
      'rate(some_metric)',
      '1:6: parse error: expected type range vector in call to function "rate", got instant vector',
    ],
    ['non_existent()', '1:1: parse error: unknown function with name "non_existent"'],
    ['sum(foo,)', '1:8: parse error: trailing commas not allowed in function call args'],
    ['"abc', '1:1: parse error: unterminated quoted string'],
    ['`abc', '1:1: parse error: unterminated raw string'],
    ['"\\c"', "1:1: parse error: unknown escape sequence U+0063 'c'"],
    ['"\\x."', "1:1: parse error: illegal character U+002E '.' in escape sequence"],
    ['1 2', '1:3: parse error: unexpected number "2"'],
    ['foo bar', '1:5: parse error: unexpected identifier "bar"'],
    ['foo\n+\n bar{', '3:6: parse error: unexpected end of input inside braces'],
    ['é', "1:1: parse error: unexpected character: 'é'"],
    ['"é" x', '1:6: parse error: unexpected identifier "x"'],
    ['1e999', '1:1: parse error: error parsing number: strconv.ParseFloat: parsing "1e999": value out of range'],
  ]
  it.each(cases)('%s', (query, message) => {
    expect(() => parsePromql(query)).toThrow(message)
    try {
      parsePromql(query)
    } catch (reason) {
      expect(reason).toBeInstanceOf(ParseError)
      expect(AppError.from(reason).message).toBe(message)
    }
  })

  it('has limits for what nests or chains', () => {
    expect(() => parsePromql('('.repeat(30_000))).toThrow('expression nests too deeply')
    expect(() => parsePromql('-'.repeat(30_000) + '1')).toThrow('expression nests too deeply')
    expect(() => parsePromql('1+'.repeat(30_000) + '1')).toThrow('expression has too many operators')
  })
})

it('a selector is no expression', () => {
  expect(parseSelector('{__name__!=""}')).toEqual([{ name: '__name__', operator: '!=', value: '' }])
  expect(() => parseSelector('up offset 5m')).toThrow('1:4: parse error: unexpected <offset>')
  expect(() => parseSelector('1')).toThrow('1:1: parse error: unexpected number "1"')
})

it('any text parses or fails with a ParseError, in linear time', () => {
  const pieces = fc.constantFrom(
    ...['a', 'sum', 'rate', 'by', 'on', '(', ')', '{', '}', '[', ']', ',', ':', '=', '=~', '!', '"x"', "'", '`'],
    ...['1', '5m', '.', '-', '+', '*', '^', '==', 'bool', 'offset', '@', '#', '\n', ' ', '\\', 'é', '😀', '\ud800'],
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
      try {
        parsePromql(parts.join(''))
      } catch (reason) {
        expect(reason).toBeInstanceOf(ParseError)
      }
    }),
    { numRuns: 20_000, seed: 1 },
  )
})
