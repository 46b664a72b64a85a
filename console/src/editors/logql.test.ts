import { expect, it } from 'vitest'
import { placeOf } from './logql.ts'

it.each([
  ['{', { kind: 'label', from: 1 }],
  ['{serv', { kind: 'label', from: 1 }],
  ['{a="b", clu', { kind: 'label', from: 8 }],
  ['{cluster="', { kind: 'value', label: 'cluster', from: 10 }],
  ['{cluster=~"prd-', { kind: 'value', label: 'cluster', from: 11 }],
  ['{a="{"} | js', { kind: 'stage', from: 10 }],
  ['{a="b"} |= "x" |', { kind: 'stage', from: 16 }],
  ['{a="b"} ', { kind: 'filter', from: 8 }],
  ['sum by (clu', { kind: 'group', from: 8 }],
  ['cou', { kind: 'function', from: 0 }],
  ['sum(ra', { kind: 'function', from: 4 }],
  ['{a="b"} |= "som', undefined],
] as const)('%s', (before, place) => expect(placeOf(before)).toEqual(place))
