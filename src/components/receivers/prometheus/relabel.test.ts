import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRelabeler } from './relabel.ts'
import { relabelRuleSchema } from './relabel-config.ts'

function relabel(labels: Record<string, string>, ...rules: readonly object[]): Record<string, string> | 'dropped' {
  const mutable = new Map(Object.entries(labels))
  const kept = createRelabeler(rules.map((rule) => relabelRuleSchema.parse(rule)))(mutable)
  return kept ? Object.fromEntries(mutable) : 'dropped'
}

describe('createRelabeler', () => {
  const input = { a: 'foo', b: 'bar', c: 'baz' }
  const cases: readonly (readonly [what: string, rule: object | readonly object[], result: object | 'dropped'])[] = [
    [
      'replaces with groups',
      { sourceLabels: ['a'], targetLabel: 'd', separator: ';', regex: 'f(.*)', replacement: 'ch${1}-ch${1}' },
      { ...input, d: 'choo-choo' },
    ],
    [
      'joins sources',
      { sourceLabels: ['a', 'b'], targetLabel: 'a', regex: 'f(.*);(.*)r', replacement: 'b${1}${2}m' },
      { ...input, a: 'boobam' },
    ],
    [
      'joins with the separator, absent labels as empty',
      { sourceLabels: ['a', 'x', 'c'], separator: '-', targetLabel: 'd' },
      { ...input, d: 'foo--baz' },
    ],
    ['anchors the regex', { sourceLabels: ['a'], targetLabel: 'd', regex: 'o', replacement: 'x' }, input],
    ['anchors each alternative', { sourceLabels: ['a'], targetLabel: 'd', regex: 'x|fo', replacement: 'x' }, input],
    [
      'lets the dot match line feeds',
      [
        { targetLabel: 'a', replacement: '1\n2' },
        { sourceLabels: ['a'], targetLabel: 'd', regex: '1.2', replacement: 'x' },
      ],
      { ...input, a: '1\n2', d: 'x' },
    ],
    ['sets a constant without sources', { targetLabel: 'd', replacement: 'x' }, { ...input, d: 'x' }],
    [
      'removes by an empty result',
      { sourceLabels: ['a'], targetLabel: 'a', regex: '(f).*', replacement: '$2' },
      { b: 'bar', c: 'baz' },
    ],
    ['leaves what does not match', { sourceLabels: ['a'], targetLabel: 'a', regex: 'x', replacement: '' }, input],
    [
      'takes names of groups',
      { sourceLabels: ['a'], targetLabel: 'd', regex: '(?P<first>.).*', replacement: '$first${first}$$1' },
      { ...input, d: 'ff$1' },
    ],
    [
      'takes the longest name after a dollar',
      { sourceLabels: ['a'], targetLabel: 'd', regex: '(f).*', replacement: '[$1x][${1}x]' },
      { ...input, d: '[][fx]' },
    ],
    [
      'leaves a lonely dollar',
      { sourceLabels: ['a'], targetLabel: 'd', replacement: '$ ${ ${1 $1' },
      { ...input, d: '$ ${ ${1 foo' },
    ],
    [
      'expands the target',
      { sourceLabels: ['a'], targetLabel: '${1}_x', regex: '(f).*', replacement: 'y' },
      { ...input, f_x: 'y' },
    ],
    [
      'does nothing if the target comes out empty',
      { sourceLabels: ['a'], targetLabel: '${2}', replacement: 'y' },
      input,
    ],
    ['drops a match', { sourceLabels: ['a'], regex: '.*o.*', action: 'drop' }, 'dropped'],
    ['does not drop others', { sourceLabels: ['a'], regex: 'o', action: 'drop' }, input],
    ['keeps a match', { sourceLabels: ['a', 'b'], regex: 'foo;bar', action: 'keep' }, input],
    ['does not keep others', { sourceLabels: ['a'], regex: 'no', action: 'keep' }, 'dropped'],
    ['keeps equals', { sourceLabels: ['a'], targetLabel: 'b', action: 'keepequal' }, 'dropped'],
    [
      'drops equals',
      [
        { targetLabel: 'b', replacement: 'foo' },
        { sourceLabels: ['a'], targetLabel: 'b', action: 'dropequal' },
      ],
      'dropped',
    ],
    ['does not drop unequals', { sourceLabels: ['a'], targetLabel: 'b', action: 'dropequal' }, input],
    // The numbers are those of Prometheus' own hash.
    ['hashes', { sourceLabels: ['c'], targetLabel: 'd', modulus: 1000, action: 'hashmod' }, { ...input, d: '976' }],
    [
      'hashes line feeds',
      [
        { targetLabel: 'a', replacement: 'foo\nbar' },
        { sourceLabels: ['a'], targetLabel: 'b', modulus: 1000, action: 'hashmod' },
      ],
      { ...input, a: 'foo\nbar', b: '734' },
    ],
    ['maps names', { regex: '(a|b)', replacement: 'x_$1', action: 'labelmap' }, { ...input, x_a: 'foo', x_b: 'bar' }],
    ['drops names', { regex: 'a|b', action: 'labeldrop' }, { c: 'baz' }],
    ['keeps names', { regex: 'a|b', action: 'labelkeep' }, { a: 'foo', b: 'bar' }],
    ['raises', { sourceLabels: ['a', 'b'], targetLabel: 'd', action: 'uppercase' }, { ...input, d: 'FOO;BAR' }],
    [
      'raises only what has one capital',
      [
        { targetLabel: 'a', replacement: 'ßé' },
        { sourceLabels: ['a'], targetLabel: 'a', action: 'uppercase' },
      ],
      { ...input, a: 'ßÉ' },
    ],
    [
      'lowers',
      [
        { targetLabel: 'a', replacement: 'ÀΣ' },
        { sourceLabels: ['a'], targetLabel: 'a', action: 'lowercase' },
      ],
      { ...input, a: 'àσ' },
    ],
    [
      'applies rules in order',
      [
        { sourceLabels: ['a'], targetLabel: '__tmp', replacement: '$1!' },
        { sourceLabels: ['__tmp'], targetLabel: 'd' },
        { regex: '__tmp', action: 'labeldrop' },
      ],
      { ...input, d: 'foo!' },
    ],
    [
      'stops at a drop',
      [
        { sourceLabels: ['a'], regex: 'foo', action: 'drop' },
        { targetLabel: 'd', replacement: 'x' },
      ],
      'dropped',
    ],
  ]
  it.each(cases)('%s', (_, rules, result) => {
    expect(relabel(input, ...(Array.isArray(rules) ? (rules as readonly object[]) : [rules]))).toEqual(result)
  })

  it('puts every label set into exactly one shard', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 8 }), (value, modulus) => {
        const shard = { sourceLabels: ['a'], targetLabel: '__shard', modulus, action: 'hashmod' }
        const keeping = Array.from({ length: modulus }, (_, i) =>
          relabel({ a: value }, shard, { sourceLabels: ['__shard'], regex: String(i), action: 'keep' }),
        )
        expect(keeping.filter((result) => result !== 'dropped')).toHaveLength(1)
      }),
    )
  })
})

describe('relabelRuleSchema', () => {
  it.each([
    [{ action: 'hashmod', sourceLabels: ['a'], targetLabel: 'b' }, 'modulus'],
    [{ action: 'hashmod', sourceLabels: ['a'], targetLabel: 'b', modulus: 0 }, 'modulus'],
    [{ action: 'replace' }, 'targetLabel'],
    [{ targetLabel: 'a', regex: '(' }, 'regex'],
    [{ targetLabel: 'a', regex: '(?=x)' }, 'regex'],
    [{ action: 'labeldrop', regex: 'a', sourceLabels: ['b'] }, 'sourceLabels'],
    [{ action: 'keepequal', sourceLabels: ['b'], targetLabel: 'a', regex: 'x' }, 'regex'],
    [{ action: 'shuffle' }, 'action'],
    [{ target_label: 'a' }, ''],
  ])('refuses %j at %s', (rule, path) => {
    const result = relabelRuleSchema.safeParse(rule)
    expect(result.success).toBe(false)
    expect(result.error?.issues.map((issue) => issue.path.join('.'))).toContain(path)
  })
})
