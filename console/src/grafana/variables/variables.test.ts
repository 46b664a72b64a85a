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
    variable('single', ['x.y"\\'], { multi: false }),
    variable('all', ['$__all'], { allValue: '.+' }),
  ])
  const cases: [string, string][] = [
    ['{pod=~"$pod"}', String.raw`{pod=~"(a\\.b|c\\|d)"}`],
    ['{pod=~"[[pod]]"}', String.raw`{pod=~"(a\\.b|c\\|d)"}`],
    ['{pod=~"$one"}', String.raw`{pod=~"x\\.y"}`],
    ['{pod="$single"}', String.raw`{pod="x.y\"\\"}`],
    ['{pod=~"$all"}', '{pod=~".+"}'],
    ['${pod:csv} ${pod:pipe} ${pod:raw}', 'a.b,c|d a.b|c|d a.b,c|d'],
    ['${pod:unheard}', String.raw`(a\\.b|c\\|d)`],
    ['$unknown ${unknown:csv} $__rate_interval', '$unknown ${unknown:csv} $__rate_interval'],
    ['costs $5', 'costs $5'],
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
    csv: `a',b"c`,
    distributed: `a',v=b"c`,
    doublequote: `"a'","b\\"c"`,
    glob: `{a',b"c}`,
    json: JSON.stringify(["a'", 'b"c']),
    lucene: String.raw`("a'" OR "b\"c")`,
    percentencode: encodeURIComponent(`{a',b"c}`),
    pipe: `a'|b"c`,
    queryparam: "var-v=a'&var-v=b%22c",
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
  })
})
