import { describe, expect, it } from 'vitest'
import { FORMATS, formatValues } from './format.ts'
import { interpolate, referencesIn, regexDialect, textDialect, type Variable } from './interpolate.ts'
import { parseVariableQuery, pickOptions, sortOptions } from './query.ts'

const variable = (name: string, values: string[], more: Partial<Variable> = {}): [string, Variable] => [
  name,
  { name, values, texts: values, multi: true, ...more },
]

describe('interpolate', () => {
  const variables = new Map([
    variable('pod', ['a.b', 'c|d']),
    variable('one', ['x.y']),
    variable('mount', ['/var/lib']),
    variable('single', ['x.y"\\'], { multi: false }),
    variable('all', ['$__all'], { allValue: '.+' }),
    variable('nested', ['$__all'], { allValue: '$single|$nested' }),
    variable('__from', ['1594671549254'], { multi: false }),
    variable('app', ['42'], { multi: false, fields: { owner: 'team a' } }),
  ])
  const cases: [string, string][] = [
    ['{pod=~"$pod"}', String.raw`{pod=~"(a\\.b|c\\|d)"}`],
    ['{pod=~"[[pod]]"}', String.raw`{pod=~"(a\\.b|c\\|d)"}`],
    ['{pod=~`$pod`} |~ "$one"', String.raw`{pod=~` + '`' + String.raw`(a\.b|c\|d)` + '`' + String.raw`} |~ "x\\.y"`],
    ['|~ `it"s $single`', '|~ `it"s x.y"\\`'],
    ['{mountpoint="$mount"} ${mount:regex}', String.raw`{mountpoint="/var/lib"} \/var\/lib`],
    ['{pod=~"$one"}', String.raw`{pod=~"x\\.y"}`],
    ['{pod="$single"}', String.raw`{pod="x.y\"\\"}`],
    ['{pod=~"$all"}', '{pod=~".+"}'],
    ['${pod:csv} ${pod:pipe} ${pod:raw}', 'a.b,c|d a.b|c|d a.b,c|d'],
    ['${pod:unheard}', String.raw`(a\\.b|c\\|d)`],
    ['$unknown ${unknown:csv} $__rate_interval', '$unknown ${unknown:csv} $__rate_interval'],
    ['costs $5', 'costs $5'],
    ['${all:csv} ${all:text} ${nested}', String.raw`.+ $__all x.y\"\\|$nested`],
    ['${one:json} ${single:json}', String.raw`["x.y"] x.y"\ `.trim()],
    ['${one:lucene} ${one:percentencode}', String.raw`("x.y") %7Bx.y%7D`],
    ['${app} ${app.owner} ${app.value}', '42 team a 42'],
    ['[[pod:pipe]] [[__from:date:YYYY-MM-DD]]', 'a.b|c|d 2020-07-13'],
    [
      '$__from ${__from} ${__from:date} ${__from:date:iso}',
      '1594671549254 1594671549254 2020-07-13T20:19:09.254Z 2020-07-13T20:19:09.254Z',
    ],
    ['${__from:date:seconds} ${__from:date:ms}', '1594671549 1594671549254'],
    ['${__from:date:YYYY-MM-DD HH:mm:ss.SSS} ${__from:date:[day] D MMM}', '2020-07-13 20:19:09.254 day 13 Jul'],
    ['${pod:join: or } ${pod:customqueryparam:p:x-}', 'a.b or c|d p=x-a.b&p=x-c%7Cd'],
  ]
  it.each(cases)('%s', (text, expected) => {
    expect(interpolate(text, variables, regexDialect)).toBe(expected)
  })

  it('joins for people', () => {
    expect(interpolate('Pods of $pod', variables, textDialect)).toBe('Pods of a.b + c|d')
  })

  it('knows what a text refers to', () => {
    expect([...referencesIn('$a ${b:csv} [[c]] ${d.text}')]).toEqual(['a', 'b', 'c', 'd'])
  })
})

describe('formatValues', () => {
  const chosen = { name: 'v', values: ["a'", 'b"c'], texts: ['A', 'B'] }
  const expected: Record<(typeof FORMATS)[number], string> = {
    customqueryparam: 'v=a%27&v=b%22c',
    date: "a'",
    html: 'a&#39;, b&quot;c',
    join: `a',b"c`,
    uriencode: "%7Ba',b%22c%7D",
    csv: `a',b"c`,
    distributed: `a',v=b"c`,
    doublequote: `"a'","b\\"c"`,
    glob: `{a',b"c}`,
    json: JSON.stringify(["a'", 'b"c']),
    lucene: String.raw`("a'" OR "b\"c")`,
    percentencode: '%7Ba%27%2Cb%22c%7D',
    pipe: `a'|b"c`,
    queryparam: 'var-v=a%27&var-v=b%22c',
    raw: `a',b"c`,
    regex: `(a'|b"c)`,
    singlequote: String.raw`'a\'','b"c'`,
    sqlstring: `'a''','b"c'`,
    text: 'A + B',
  }
  it.each(FORMATS)('%s', (format) => {
    expect(formatValues(chosen, format)).toBe(expected[format])
  })
})

describe('parseVariableQuery', () => {
  const cases: [string, unknown][] = [
    ['label_values(job)', { kind: 'label-values', label: 'job' }],
    ['label_values(up{a="b", c=~"d,e"}, job)', { kind: 'label-values', selector: 'up{a="b", c=~"d,e"}', label: 'job' }],
    ['label_values({cluster!=""}, "k8s.pod")', { kind: 'label-values', selector: '{cluster!=""}', label: 'k8s.pod' }],
    ['label_names()', { kind: 'label-names' }],
    ['label_names(up)', { kind: 'label-names', selector: 'up' }],
    ['metrics(node_.*)', { kind: 'metric-names', expression: 'node_.*' }],
    ['query_result(topk(5, up))', { kind: 'query-result', query: 'topk(5, up)' }],
    ['up{job="a"}', { kind: 'series', selector: 'up{job="a"}' }],
  ]
  it.each(cases)('%s', (text, expected) => {
    expect(parseVariableQuery(text)).toEqual(expected)
  })
})

describe('options', () => {
  it('are what the expression picks, each once', () => {
    expect(pickOptions(['a-1', 'a-1', 'b-2'], '/(.*)-\\d/').map(({ value }) => value)).toEqual(['a', 'b'])
    expect(pickOptions(['node="x"', 'pod="y"'], '/node="(?<value>.+)"/')).toEqual([{ text: 'x', value: 'x' }])
    expect(pickOptions(['abc', 'ab'], 'ab')).toEqual([{ text: 'ab', value: 'ab' }])
    expect(pickOptions(['abc'], '/(/')).toEqual([{ text: 'abc', value: 'abc' }])
    expect(pickOptions(['a', 'b'], '/b/')).toEqual([{ text: 'b', value: 'b' }])
    expect(pickOptions(['x="1",y="2"'], '/"(\\d)"/g').map(({ value }) => value)).toEqual(['1', '2'])
    const both = '/node="(?<text>[^"]+)|instance="(?<value>[^"]+)/g'
    expect(pickOptions(['up{instance="10.0.0.1:9100", node="n1"} 1'], both)).toEqual([
      { text: 'n1', value: '10.0.0.1:9100' },
    ])
  })

  it('are sorted as Grafana numbers it', () => {
    const options = ['b10', 'B2', 'a1'].map((value) => ({ text: value, value }))
    const sorted = (sort: number): string[] => sortOptions(options, sort).map(({ value }) => value)
    expect(sorted(0)).toEqual(['b10', 'B2', 'a1'])
    expect(sorted(1)).toEqual(['B2', 'a1', 'b10'])
    expect(sorted(2)).toEqual(['b10', 'a1', 'B2'])
    expect(sorted(3)).toEqual(['a1', 'B2', 'b10'])
    expect(sorted(5)).toEqual(['a1', 'b10', 'B2'])
    expect(sorted(7)).toEqual(['a1', 'B2', 'b10'])
    expect(sorted(8)).toEqual(['b10', 'B2', 'a1'])
    expect(sorted(4)).toEqual(['b10', 'B2', 'a1'])
    expect(sorted(6)).toEqual(['B2', 'b10', 'a1'])
  })
})
