import { describe, expect, it } from 'vitest'
import { displayNameOf, type Field, type Frame } from '../frame.ts'
import { transform } from './index.ts'

const strings = (name: string, values: (string | null)[]): Field => ({ name, labels: {}, type: 'string', values })
const numbers = (name: string, values: (number | null)[], labels: Record<string, string> = {}): Field => ({
  name,
  labels,
  type: 'number',
  values,
})
const times = (values: number[]): Field => ({ name: 'Time', labels: {}, type: 'time', values })

/** The rows as objects, which is easier to read. */
function rowsOf(frame: Frame | undefined): Record<string, unknown>[] {
  const length = frame?.fields[0]?.values.length ?? 0
  return Array.from({ length }, (_, row) =>
    Object.fromEntries((frame?.fields ?? []).map((field) => [displayNameOf(field), field.values[row] ?? null])),
  )
}

const apply = (frames: Frame[], ...transformations: [string, Record<string, unknown>][]): readonly Frame[] =>
  transform(
    frames,
    transformations.map(([id, options]) => ({ id, options })),
  ).frames

describe('a calculated column', () => {
  const table: Frame = { refId: 'A', fields: [numbers('a', [1, -2, null, 4])] }
  it.each([
    [{ mode: 'unary', unary: { operator: 'abs', fieldName: 'a' } }, 'abs(a)', [1, 2, null, 4]],
    [{ mode: 'cumulativeFunctions', cumulative: { field: 'a', reducer: 'sum' } }, 'cumulative sum(a)', [1, -1, -1, 3]],
    [
      { mode: 'windowFunctions', window: { field: 'a', reducer: 'sum', windowSize: 2, windowSizeMode: 'fixed' } },
      'trailing moving sum(a)',
      [1, -1, -2, 4],
    ],
    [{ mode: 'index' }, 'Row', [0, 1, 2, 3]],
    [{ binary: { left: 'a', operator: '*', right: '2' } }, 'a * 2', [2, -4, null, 8]],
  ])('%j', (options, name, values) => {
    const { frames } = transform([table], [{ id: 'calculateField', options }])
    expect(frames[0]?.fields.at(-1)).toMatchObject({ name, values })
  })
})

describe('figures of series', () => {
  it('have their labels as columns where that is wanted', () => {
    const one = (pod: string, value: number): Frame => ({
      refId: 'A',
      fields: [times([0]), numbers('Value', [value], { pod })],
    })
    const options = { reducers: ['max'], labelsToFields: true }
    const { frames } = transform([one('a', 1), one('b', 2)], [{ id: 'reduce', options }])
    expect(frames[0]?.fields.map(({ name, values }) => [name, values])).toEqual([
      ['Field', ['a', 'b']],
      ['pod', ['a', 'b']],
      ['Max', [1, 2]],
    ])
  })
})

describe('a table', () => {
  it('keeps its columns when labels are to become some', () => {
    const table: Frame = {
      refId: 'A',
      fields: [
        { name: 'pod', labels: {}, type: 'string', values: ['a'] },
        { name: 'Value', labels: {}, type: 'number', values: [1] },
      ],
    }
    const { frames } = transform([table], [{ id: 'labelsToFields', options: { mode: 'columns' } }])
    expect(frames[0]?.fields.map(({ name }) => name)).toEqual(['pod', 'Value'])
  })

  it('is changed for the queries alone that a filter names', () => {
    const one = (refId: string): Frame => ({
      refId,
      fields: [{ name: 'Value', labels: {}, type: 'number', values: [1, 2, 3] }],
    })
    const limit = { id: 'limit', options: { limitField: 1 }, filter: { id: 'byRefId', options: 'B|C' } }
    const { frames } = transform([one('A'), one('B')], [limit])
    expect(frames.map(({ refId, fields }) => [refId, fields[0]?.values.length])).toEqual([
      ['B', 1],
      ['A', 3],
    ])
  })
})

describe('tables of several queries', () => {
  const frames: Frame[] = [
    { refId: 'A', fields: [times([5, 5]), strings('pod', ['x', 'y']), numbers('Value #A', [1, 2])] },
    { refId: 'B', fields: [times([5, 5]), strings('pod', ['y', 'z']), numbers('Value #B', [20, 30])] },
  ]
  it('merge into rows that agree, then are organized', () => {
    const organized = {
      excludeByName: { Time: true },
      indexByName: { 'Value #B': 0, pod: 1, 'Value #A': 2 },
      renameByName: { 'Value #A': 'a', 'Value #B': 'b' },
    }
    const [frame] = apply(frames, ['merge', {}], ['organize', organized])
    expect(rowsOf(frame)).toEqual([
      { b: null, pod: 'x', a: 1 },
      { b: 20, pod: 'y', a: 2 },
      { b: 30, pod: 'z', a: null },
    ])
    expect(frame?.fields.map(displayNameOf)).toEqual(['b', 'pod', 'a'])
  })

  it('join by a column, outer or inner', () => {
    const outer = apply(frames, ['joinByField', { byField: 'pod', mode: 'outer' }])
    expect(rowsOf(outer[0]).map((row) => [row['pod'], row['Value #A'], row['Value #B']])).toEqual([
      ['x', 1, null],
      ['y', 2, 20],
      ['z', null, 30],
    ])
    const inner = apply(frames, ['seriesToColumns', { byField: 'pod', mode: 'inner' }])
    expect(rowsOf(inner[0]).map((row) => row['pod'])).toEqual(['y'])
  })

  it('sort, limit and filter', () => {
    const [merged] = apply(
      frames,
      ['merge', {}],
      ['sortBy', { sort: [{ field: 'Value #B', desc: true }] }],
      ['limit', { limitField: 2 }],
    )
    expect(rowsOf(merged).map((row) => row['pod'])).toEqual(['x', 'z'])
    const condition = { fieldName: 'Value #B', config: { id: 'greater', options: { value: 20 } } }
    const [filtered] = apply(
      frames,
      ['merge', {}],
      ['filterByValue', { type: 'include', match: 'all', filters: [condition] }],
    )
    expect(rowsOf(filtered).map((row) => row['pod'])).toEqual(['z'])
  })
})

describe('series', () => {
  const series: Frame[] = [
    { refId: 'A', fields: [times([1, 2, 3]), numbers('Value', [1, 2, 3], { pod: 'x', phase: 'a' })] },
    { refId: 'A', fields: [times([2, 3]), numbers('Value', [20, null], { pod: 'y', phase: 'b' })] },
  ]
  it('join by time', () => {
    const [frame] = apply(series, ['joinByField', {}])
    expect(frame?.fields.map(({ values }) => values)).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [null, 20, null],
    ])
  })

  it('come down to rows', () => {
    const [frame] = apply(series, ['reduce', { reducers: ['lastNotNull', 'max'] }])
    expect(rowsOf(frame)).toEqual([
      { Field: '{pod="x", phase="a"}', 'Last *': 3, Max: 3 },
      { Field: '{pod="y", phase="b"}', 'Last *': 20, Max: 20 },
    ])
  })

  it('give their labels as columns', () => {
    const instant: Frame[] = [
      { refId: 'A', fields: [times([9]), numbers('Value', [1], { pod: 'x', phase: 'a' })] },
      { refId: 'A', fields: [times([9]), numbers('Value', [2], { pod: 'y', phase: 'b' })] },
    ]
    const [frame] = apply(instant, ['labelsToFields', {}])
    expect(rowsOf(frame)).toEqual([
      { Time: 9, pod: 'x', phase: 'a', Value: 1 },
      { Time: 9, pod: 'y', phase: 'b', Value: 2 },
    ])
  })

  it('calculate', () => {
    const frame: Frame = { refId: 'A', fields: [times([1, 2]), numbers('used', [1, null]), numbers('all', [4, 4])] }
    const ratio = { mode: 'binary', binary: { left: 'used', operator: '/', right: 'all' }, alias: 'ratio' }
    expect(rowsOf(apply([frame], ['calculateField', ratio])[0]).map((row) => row['ratio'])).toEqual([0.25, null])
    const newer = {
      mode: 'binary',
      binary: { left: { matcher: { id: 'byName', options: 'all' } }, operator: '*', right: { fixed: '2' } },
      replaceFields: true,
    }
    expect(apply([frame], ['calculateField', newer])[0]?.fields.map(displayNameOf)).toEqual(['Time', 'all * 2'])
    const total = { mode: 'reduceRow', reduce: { reducer: 'sum' } }
    expect(rowsOf(apply([frame], ['calculateField', total])[0]).map((row) => row['Total'])).toEqual([5, 4])
  })

  it('group', () => {
    const frame: Frame = { refId: 'A', fields: [strings('ns', ['a', 'b', 'a']), numbers('Value', [1, 2, 3])] }
    const fields = {
      ns: { operation: 'groupby', aggregations: [] },
      Value: { operation: 'aggregate', aggregations: ['sum', 'count'] },
    }
    expect(rowsOf(apply([frame], ['groupBy', { fields }])[0])).toEqual([
      { ns: 'a', 'Value (sum)': 4, 'Value (count)': 2 },
      { ns: 'b', 'Value (sum)': 2, 'Value (count)': 1 },
    ])
  })
})

it('names a transformation that we do not have and goes on', () => {
  const frame: Frame = { refId: 'A', fields: [numbers('a', [1])] }
  const result = transform(
    [frame],
    [
      { id: 'heatmap', options: {} },
      { id: 'limit', disabled: true, options: { limitField: 0 } },
    ],
  )
  expect(result.unknown).toEqual(['heatmap'])
  expect(result.frames).toEqual([frame])
})
