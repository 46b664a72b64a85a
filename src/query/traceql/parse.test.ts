import { describe, expect, it } from 'vitest'
import { parseTags, parseTraceql, printTraceql } from './index.ts'

/** The query in TraceQL's own form, which shows how it was understood; it must print the same a second time. */
function print(query: string): string {
  const text = printTraceql(parseTraceql(query))
  expect(printTraceql(parseTraceql(text))).toBe(text)
  return text
}

describe('what is understood', () => {
  const cases: [string, string][] = [
    ['{}', '{ true }'],
    ['{true}', '{ true }'],
    ['{ resource.service.name = "shop" }', '{ resource.service.name = `shop` }'],
    ['{span.http.status_code>=500}', '{ span.http.status_code >= 500 }'],
    ['{ .a != 1.5 && .b = true }', '{ (.a != 1.5) && (.b = true) }'],
    ['{ .a || .b && .c }', '{ (.a || .b) && .c }'],
    ['{ .a = -1 }', '{ .a = -1 }'],
    ['{ -.a * 2 + 3 = !.b }', '{ ((-(.a * 2)) + 3) = (!.b) }'],
    ['{ 2 ^ 3 ^ .a > 1 }', '{ (2 ^ (3 ^ .a)) > 1 }'],
    ['{ !.a * .b }', '{ !(.a * .b) }'],
    ['{ .a = nil || nil != .b && .c = nil }', '{ ((.a = nil) || (.b != nil)) && (.c = nil) }'],
    ['{ nil = nil }', '{ false }'],
    ['{ duration > 1.5s && span:duration <= 1h30m }', '{ (duration > 1.5s) && (duration <= 1h30m0s) }'],
    ['{ status = error && kind != client }', '{ (status = error) && (kind != client) }'],
    ['{ ."quoted name".x = 1 }', '{ ."quoted name.x" = 1 }'],
    ['{ span."a\\"b" = `c` }', '{ span."a\\"b" = `c` }'],
    ['{ span.k8s-label/x = "1" }', '{ span.k8s-label/x = `1` }'],
    [
      '{ parent.a = 1 && parent.span.b = parent.resource.c }',
      '{ (parent.a = 1) && (parent.span.b = parent.resource.c) }',
    ],
    [
      '{ event:name = "x" && event.a = 1 && link:spanID = "y" }',
      '{ ((event:name = `x`) && (event.a = 1)) && (link:spanID = `y`) }',
    ],
    [
      '{ trace:id = "1" && span:childCount > 2 && instrumentation:name = "z" }',
      '{ ((trace:id = `1`) && (childCount > 2)) && (instrumentation:name = `z`) }',
    ],
    ['{ .a = 1 } // why\n | /* so */ count() > 2', '{ .a = 1 } | count() > 2'],
    ['{ .a } && { .b } || { .c } >> { .d }', '(({ .a }) && ({ .b })) || (({ .c }) >> ({ .d }))'],
    ['{ } !~ { } &<< { }', '(({ true }) !~ ({ true })) &<< ({ true })'],
    ['({ .a } | count() > 1) && ({ .b })', '({ .a } | count() > 1) && ({ .b })'],
    ['({ .a } | count()) > ({ .b } | avg(duration) * 2)', ''],
    ['({ .a } | count()) + ({ .b } | count()) > 5', '(({ .a } | count()) + ({ .b } | count())) > 5'],
    ['({ .a } | count()) > 5', '({ .a } | count()) > 5'],
    [
      '{} | by(resource.a) | count() > 1 | coalesce() | select(span.x, name)',
      '{ true } | by(resource.a) | count() > 1 | coalesce() | select(span.x, name)',
    ],
    ['count() > 1', 'count() > 1'],
    ['{} | 1 < (count() + 2) * 3', '{ true } | 1 < ((count() + 2) * 3)'],
    ['{} | rate() by (.a, span.b) | topk(3) > 5', '{ true } | rate() by(.a, span.b) | topk(3) > 5'],
    ['{} | quantile_over_time(duration, .5, 0.9, 1)', '{ true } | quantile_over_time(duration, 0.5, 0.9, 1)'],
    ['{} | compare({ status = error }, 5, 1, 2)', '{ true } | compare({ status = error }, 5, 1, 2)'],
    [
      '({ .a } | rate()) / ({} | rate()) * ({} | rate())',
      '(({ .a } | rate()) / ({ true } | rate())) * ({ true } | rate())',
    ],
    ['({ .a } | rate()) + ({} | rate()) | bottomk(2)', '({ .a } | rate()) + ({ true } | rate()) | bottomk(2)'],
    ['({} | rate())', '{ true } | rate()'],
    ['{} | rate() with (exemplars=true, sample=0.1)', '{ true } | rate() with(exemplars=true, sample=0.1)'],
    ['{ !cidr(span.ip, "10.0.0.0/8", "::1/128") && .a }', '{ (!(cidr(span.ip, `10.0.0.0/8`, `::1/128`))) && .a }'],
    ['{ .a = minInt || .a = maxInt }', '{ (.a = minInt) || (.a = 9223372036854775807) }'],
    ['{ .a = "\\u00e9\\n`" }', '{ .a = "é\\n`" }'],
  ]
  it.each(cases.filter(([, printed]) => printed !== ''))('%s', (query, printed) => {
    expect(print(query)).toBe(printed)
  })
})

describe('what is refused, and why', () => {
  const cases: [string, string][] = [
    ['', 'parse error at line 1, col 1: syntax error: unexpected $end'],
    ['{', 'parse error at line 1, col 2: syntax error: unexpected $end'],
    ['{ .a = b }', 'parse error at line 1, col 8: syntax error: unexpected IDENTIFIER'],
    ['{ . }', 'syntax error: unexpected END_ATTRIBUTE, expecting IDENTIFIER'],
    ['{ status = 2s }', 'binary operations must operate on the same type: status = 2s'],
    ['{ name > 3 }', 'binary operations must operate on the same type: name > 3'],
    ['{ .a && 3 }', 'illegal operation for the given types: .a && 3'],
    ['{ status > error }', 'illegal operation for the given types: status > error'],
    ['{ duration }', 'span filter field expressions must resolve to a boolean: { duration }'],
    ['{ -name = "a" }', 'illegal operation for the given type: -name'],
    ['{ .a =~ "(" }', 'invalid regex: `(`'],
    ['{ .a =~ 1 }', 'illegal operation for the given types: .a =~ 1'],
    ['{ name = nil }', 'intrinsics cannot be compared to nil: name = nil'],
    ['{ .a > nil }', 'syntax error: unexpected }, expecting = or !='],
    ['{} | max(name) > 1', 'aggregate field expressions must resolve to a number type: max(name)'],
    ['{} | max(1) > 1', 'aggregate field expressions must reference the span: max(1)'],
    ['{} | by(1)', 'grouping field expressions must reference the span: by(1)'],
    ['{} | count()', 'syntax error: unexpected $end'],
    ['{} | count() > "a"', 'syntax error: unexpected STRING'],
    ['({} | count()) > "a"', 'binary operations must operate on the same type'],
    ['({}) && ({} | count() > 1)', 'syntax error: unexpected'],
    ['({} | count() > 1) && {}', 'syntax error: unexpected {'],
    ['({} | count() > 1) | {}', 'syntax error: unexpected |'],
    ['{} | rate() | {}', 'syntax error: unexpected |'],
    ['{} | rate() / {} | rate()', 'syntax error: unexpected /'],
    ['{} | rate() by (a)', 'syntax error: unexpected IDENTIFIER'],
    ['{} | rate() by (.a,.b,.c,.d,.e,.f)', 'metrics group by 6 values not yet supported'],
    ['{} | quantile_over_time(duration, 2)', 'quantile must be between 0 and 1: 2'],
    ['{} | rate() | topk(0)', 'limit must be greater than 0'],
    ['{} | compare({}) | topk(3)', '`compare()` cannot be used with second stage functions'],
    ['{} | compare({}, 1, 5, 2)', 'compare() end timestamp must be greater than start timestamp'],
    ['{ .a = "x }', 'literal not terminated'],
    ['{ .a = "\\q" }', 'invalid char escape'],
    ['{ ."a = 1 }', 'unexpected EOF, expecting "'],
    ['{ .a = 99999999999999999999 }', 'value out of range'],
    ['{ .a = 0x10 }', 'invalid syntax'],
    ['{ .a = 1d1 }', 'syntax error'],
    ['coalesce()', 'syntax error: unexpected coalesce'],
    [
      '{ cidr(duration, "10.0.0.0/8") }',
      'cidr() requires a string attribute as its first argument: cidr(duration, `10.0.0.0/8`)',
    ],
    ['{ cidr(.ip, "10.0.0.0/33") }', 'cidr() has an invalid prefix "10.0.0.0/33"'],
    ['{ cidr(.ip) }', 'syntax error: unexpected ), expecting ,'],
    ['{ cidr(.ip, 10) }', 'syntax error: unexpected INTEGER, expecting STRING'],
    ['(({} | rate()) | topk(3))', 'syntax error: unexpected |, expecting )'],
    ['(({} | rate()) > 3)', 'syntax error: unexpected >, expecting )'],
    ['({} | (count())) > 1', 'syntax error: unexpected )'],
    ['{ parent. span.a = 1 }', 'syntax error: unexpected END_ATTRIBUTE, expecting IDENTIFIER'],
  ]
  it.each(cases)('%s', (query, message) => {
    expect(() => parseTraceql(query)).toThrow(message)
  })

  it('with the place of the part that is wrong', () => {
    expect(() => parseTraceql('{ .a = 1 && name > 3 }')).toThrow(expect.objectContaining({ start: 12, end: 20 }))
  })
})

describe('the old tags', () => {
  const cases: [string, string][] = [
    ['', '{ true }'],
    ['service.name=shop  http.method=GET', '{ (.service.name = `shop`) && (.http.method = `GET`) }'],
    ['a="b \\"c\\" d" e=1 f=true g=', '{ (((.a = `b "c" d`) && (.e = 1)) && (.f = true)) && (.g = ``) }'],
    ['name=GET error=true', '{ (name = `GET`) && (status = error) }'],
  ]
  it.each(cases)('%s', (tags, printed) => {
    expect(printTraceql(parseTags(tags))).toBe(printed)
  })
})
