import { expect, it } from 'vitest'
import { nameSeries, writeLabels } from './series-name.ts'

it('leaves out what is common, and what the cluster says already', () => {
  const of = (cluster: string, environment: string, job: string): Record<string, string> => ({
    __name__: 'up',
    cluster,
    environment,
    tenant_id: environment,
    job,
  })
  expect(nameSeries([of('prd-a', 'prd', 'x'), of('stg-a', 'stg', 'x')], 'q')).toEqual(['prd-a', 'stg-a'])
  expect(nameSeries([of('prd-a', 'prd', 'x'), of('prd-a', 'prd', 'y')], 'q')).toEqual(['x', 'y'])
  expect(nameSeries([of('prd-a', 'prd', 'x'), of('stg-a', 'stg', 'y')], 'q')).toEqual(['prd-a job=x', 'stg-a job=y'])
})

it('falls back to the name, then to the query', () => {
  expect(nameSeries([{ __name__: 'up', job: 'x' }], 'q')).toEqual(['up'])
  expect(nameSeries([{}], 'sum(up)')).toEqual(['sum(up)'])
  expect(nameSeries([{ le: '1' }], 'q')).toEqual(['{le="1"}'])
})

it('keeps a label that is not the same in all series of a cluster', () => {
  expect(
    nameSeries(
      [
        { cluster: 'a', region: 'x' },
        { cluster: 'a', region: 'y' },
        { cluster: 'b', region: 'x' },
      ],
      'q',
    ),
  ).toEqual(['a region=x', 'a region=y', 'b region=x'])
})

it('writes labels as PromQL does', () => {
  expect(writeLabels({ __name__: 'up', a: 'x"y' })).toBe('up{a="x\\"y"}')
})
