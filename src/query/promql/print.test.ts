import { describe, expect, it } from 'vitest'
import { ALL_FEATURES } from './features.ts'
import { parsePromql } from './parse.ts'
import { prettifyExpr } from './prettify.ts'
import { printExpr } from './print.ts'

const print = (query: string): string => printExpr(parsePromql(query, ALL_FEATURES))
const prettify = (query: string): string => prettifyExpr(parsePromql(query, ALL_FEATURES))

describe('the canonical text of a query', () => {
  const cases: [string, string][] = [
    ['1+2*3', '1 + 2 * 3'],
    ['( 1 )', '(1)'],
    ['-foo ^ - 2', '-foo ^ -2'],
    ['0x10 + 017 + 1_000 + 1e21', '16 + 15 + 1000 + 1000000000000000000000'],
    ['inf', '+Inf'],
    ['Inf ^ foo', 'Inf ^ foo'],
    ['-NaN', 'NaN'],
    ['90m', '1h30m'],
    ['-14d', '-2w'],
    ['15d', '15d'],
    ['365d', '1y'],
    ['"a\\x00\\"\\\\é\\xff"', '"a\\x00\\"\\\\é\\xff"'],
    ["'`'", '"`"'],
    ['foo{b="1",a!="2"}', 'foo{a!="2",b="1"}'],
    ['{"foo"}', '{__name__="foo"}'],
    ['{__name__=~"foo.*",}', '{__name__=~"foo.*"}'],
    ['{"a.b"="c"}', '{"a.b"="c"}'],
    ['foo{}', 'foo'],
    ['foo[5m] @ 1.5 offset -90s', 'foo[5m] @ 1.500 offset -1m30s'],
    ['foo OFFSET 1m @ END()', 'foo @ end() offset 1m'],
    ['foo smoothed @ 0', 'foo @ 0.000 smoothed'],
    ['foo[5m] offset 1m anchored', 'foo[5m] anchored offset 1m'],
    ['foo[90:]', 'foo[1m30s:]'],
    ['sum(foo)[1h:5m] @ start()', 'sum(foo)[1h:5m] @ start()'],
    ['foo[5m*2 + (step())]', 'foo[5m * 2 + (step())]'],
    ['foo[(5m)]', 'foo[(5m)]'],
    ['foo offset -(1h/2)', 'foo offset -(1h / 2)'],
    ['foo offset Max_Of(step(),1h)', 'foo offset max_of(step(), 1h)'],
    ['SUM(foo) BY (b, a)', 'sum by (b, a) (foo)'],
    ['sum by () (foo)', 'sum(foo)'],
    ['sum(foo) without ()', 'sum without () (foo)'],
    ['sum by ("a b", "c", "d:e") (foo)', 'sum by ("a b", c, "d:e") (foo)'],
    ['topk(3,foo)', 'topk(3, foo)'],
    ['foo AND bar', 'foo and bar'],
    ['foo==BOOL bar', 'foo == bool bar'],
    ['foo/on()bar', 'foo / on () bar'],
    ['foo/ignoring()bar', 'foo / bar'],
    ['foo/ignoring()group_left bar', 'foo / ignoring () group_left () bar'],
    ['foo/on(a,b)group_right(c)bar', 'foo / on (a, b) group_right (c) bar'],
    ['foo + fill(1) bar', 'foo + fill (1) bar'],
    ['foo + fill_right(1e-5) fill_left(1e6) bar', 'foo + fill_left (1e+06) fill_right (1e-05) bar'],
    ['foo + fill_left(0) fill_right(-0) bar', 'foo + fill_left (0) fill_right (-0) bar'],
    ['1 > bool on() 2', '1 > bool 2'],
    ['info(foo, {})', 'info(foo, {})'],
    ['label_replace(foo,"a","b","c","d")', 'label_replace(foo, "a", "b", "c", "d")'],
    // Arithmetic behind an offset in parentheses would belong to the offset.
    ['foo offset (5m) @ 5 * 2', 'foo @ 5.000 offset +(5m) * 2'],
    ['foo offset +(5m) * 2', 'foo offset +(5m) * 2'],
    ['foo offset --(5m) @ 5 * 2', 'foo offset --(5m) @ 5.000 * 2'],
    ['foo offset -0 @ -0', 'foo @ 0.000'],
    ['foo offset -+(5m) * 2', 'foo offset +-(5m) * 2'],
  ]
  it.each(cases)('%s → %s', (query, expected) => {
    expect(print(query)).toBe(expected)
    expect(print(expected)).toBe(expected)
  })
})

describe('layout over lines', () => {
  it('leaves what fits in 100 bytes on a line', () => {
    const fits = `sum by (job) (${'a'.repeat(86)})`
    expect([Buffer.byteLength(fits), prettify(fits)]).toEqual([101, `sum by (job) (\n  ${'a'.repeat(86)}\n)`])
    const shorter = `sum by (job) (${'a'.repeat(85)})`
    expect(prettify(shorter)).toBe(shorter)
  })

  it('counts bytes', () => {
    const query = (text: string): string => prettify(`abs(foo{a="${text}"})`)
    expect([query('e'.repeat(50)), query('é'.repeat(50))].map((text) => text.split('\n').length)).toEqual([1, 3])
  })

  const long = `some_metric_with_a_long_name{instance="${'i'.repeat(30)}",job="${'j'.repeat(30)}"}`
  it('indents operands, arguments and parentheses', () => {
    expect(prettify(`(rate(${long}[5m]) + topk(5, -${long})) / on (job) group_left foo`)).toBe(
      [
        '  (',
        `      rate(${long}[5m])`.replace('rate(', 'rate(\n        ').replace('[5m])', '[5m]\n      )'),
        '    +',
        `      topk(`,
        '        5,',
        `        -${long}`,
        '      )',
        '  )',
        '/ on (job) group_left ()',
        '  foo',
      ].join('\n'),
    )
  })

  it('keeps the suffix of a subquery behind its expression', () => {
    expect(prettify(`max_over_time(rate(${long}[5m])[1h:5m] offset 1d)`)).toBe(
      `max_over_time(\n  rate(\n    ${long}[5m]\n  )[1h:5m] offset 1d\n)`,
    )
  })
})
