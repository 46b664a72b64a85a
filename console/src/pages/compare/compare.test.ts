import { expect, it } from 'vitest'
import { apart, compareSides, defaultSides, differenceOf, differences, groupRows, toSides } from './compare.ts'
import { sidesOf } from './search.ts'

const OPTIONS = { ignore: [], join: 'mean', farFrom: 0.2 } as const
const of = (cluster: string, labels: Readonly<Record<string, string>>, ...values: (number | null)[]) => ({
  labels: { ...labels, cluster, environment: cluster.slice(0, 3), tenant_id: cluster.slice(0, 3), region: 'r' },
  values,
})
const A = [of('prd-a', { job: 'x' }, 1, 10), of('prd-a', { job: 'only' }, 3, 3), of('prd-a', { job: 'same' }, 5, 5)]
const B = [of('stg-a', { job: 'x' }, 1, 5), of('stg-a', { job: 'same' }, 5, 5.5), of('stg-a', { job: 'new' }, null, 1)]

it('puts series beside each other by what is not their identity', () => {
  const rows = compareSides([A, B], OPTIONS)
  expect(rows.map(({ key, kind, last }) => [key, kind, last])).toEqual([
    ['{job="new"}', 'missing', [null, 1]],
    ['{job="only"}', 'missing', [3, null]],
    ['{job="same"}', 'alike', [5, 5.5]],
    ['{job="x"}', 'far', [10, 5]],
  ])
  expect(rows[3]?.apart).toBe(1)
})

it('ignores labels, and joins what then is one', () => {
  const pods = [of('prd-a', { pod: 'p1' }, 1, null), of('prd-a', { pod: 'p2' }, 3, 4)]
  const values = (join: 'mean' | 'sum' | 'max'): unknown =>
    compareSides([pods, []], { ...OPTIONS, ignore: ['pod'], join }).map((row) => [row.values[0], row.joined])
  expect(values('mean')).toEqual([
    [
      [2, 4],
      [2, 0],
    ],
  ])
  expect(values('sum')).toEqual([
    [
      [4, 4],
      [2, 0],
    ],
  ])
  expect(values('max')).toEqual([
    [
      [3, 4],
      [2, 0],
    ],
  ])
  expect(compareSides([pods, []], OPTIONS)).toHaveLength(2)
})

it('a series in which nothing is known is missing', () => {
  expect(compareSides([[of('prd-a', {}, null)], [of('stg-a', {}, 1)]], OPTIONS)[0]?.kind).toBe('missing')
})

it('measures distance by the smaller one, whoever has more', () => {
  expect([apart(4, 2), apart(2, 4), apart(0, 0), apart(0, 1), apart(-1, 1)]).toEqual([1, 1, 0, Infinity, 2])
})

it('subtracts, in numbers and in percent', () => {
  expect(differenceOf(3, 2, 'absolute')).toBe(1)
  expect(differenceOf(1, 4, 'percent')).toBe(-0.75)
  expect(differenceOf(1, 0, 'percent')).toBeNull()
  expect(differenceOf(0, 0, 'percent')).toBe(0)
  expect(differences([1, null, 3], [1, 1, null], 'absolute')).toEqual([0, null, null])
  expect(differences([1], undefined, 'absolute')).toBeUndefined()
})

it('reads sides from the address, and chooses some where there are none', () => {
  expect(sidesOf({ side: ['env:prd', 'nonsense', 'env:prd', 'cluster:a:b'] })).toEqual(['env:prd', 'cluster:a:b'])
  expect(sidesOf({ side: 'cluster:a' })).toEqual(['cluster:a'])
  expect(toSides(['cluster:a:b'])[0]).toMatchObject({ letter: 'A', name: 'a:b', scope: { clusters: ['a:b'] } })
  const fleet = ['dev-a', 'stg-a', 'prd-a', 'prd-b'].map((cluster) => ({ cluster, environment: cluster.slice(0, 3) }))
  const all = { environments: [], clusters: [] }
  expect(defaultSides(fleet, all)).toEqual(['env:prd', 'env:stg'])
  expect(defaultSides(fleet, { ...all, environments: ['prd'] })).toEqual(['cluster:prd-a', 'cluster:prd-b'])
  expect(defaultSides(fleet, { ...all, clusters: ['prd-b', 'dev-a'] })).toEqual(['cluster:prd-b', 'cluster:dev-a'])
  expect(defaultSides(fleet.slice(0, 1), all)).toEqual([])
})

it('groups by where something is, then by distance', () => {
  const rows = compareSides([A, B], OPTIONS)
  const sides = toSides(['env:prd', 'env:stg'])
  const all = { show: 'all', find: '', byName: false } as const
  expect(groupRows(rows, sides, all).map(({ title, rows: list }) => [title, list.length])).toEqual([
    ['Only in A prd', 1],
    ['Only in B stg', 1],
    ['Far apart', 1],
    ['Alike', 1],
  ])
  expect(groupRows(rows, sides, { ...all, show: 'far' }).flatMap((group) => group.rows.map(({ key }) => key))).toEqual([
    '{job="x"}',
  ])
  expect(groupRows(rows, sides, { ...all, find: 'NEW' })).toHaveLength(1)
})
