import { describe, expect, it } from 'vitest'
import { readDashboard } from './dashboard.ts'
import { layOut } from './layout.ts'
import type { Variable } from './variables/interpolate.ts'

const variables = new Map<string, Variable>([
  ['node', { name: 'node', values: ['a', 'b', 'c'], texts: ['A', 'B', 'C'], multi: true }],
])
const panel = (id: number, gridPos: object, more: object = {}): object => ({ id, type: 'stat', gridPos, ...more })

describe('layOut', () => {
  it('repeats a panel over the width, and moves down what is below', () => {
    const dashboard = readDashboard({
      title: 'a',
      panels: [
        panel(1, { x: 0, y: 3, w: 12, h: 4 }, { repeat: 'node', maxPerRow: 2 }),
        panel(2, { x: 0, y: 7, w: 24, h: 5 }),
      ],
    })
    const [row] = layOut(dashboard, variables)
    expect(row?.panels.map(({ key, place }) => [key, place.x, place.y, place.w])).toEqual([
      ['1/a', 0, 0, 12],
      ['1/b', 12, 0, 12],
      ['1/c', 0, 4, 12],
      ['2', 0, 8, 24],
    ])
    expect(row?.height).toBe(13)
    expect(row?.panels[1]?.variables.get('node')).toMatchObject({ values: ['b'], texts: ['B'] })
  })

  it('repeats a panel downwards', () => {
    const dashboard = readDashboard({
      title: 'a',
      panels: [panel(1, { x: 6, y: 0, w: 6, h: 4 }, { repeat: 'node', repeatDirection: 'v' })],
    })
    expect(layOut(dashboard, variables)[0]?.panels.map(({ place }) => [place.x, place.y])).toEqual([
      [6, 0],
      [6, 4],
      [6, 8],
    ])
  })

  it('repeats a row with its panels', () => {
    const dashboard = readDashboard({
      title: 'a',
      panels: [
        { type: 'row', title: '$node', repeat: 'node', gridPos: { x: 0, y: 0, w: 24, h: 1 } },
        panel(1, { x: 0, y: 1, w: 6, h: 4 }),
      ],
    })
    const rows = layOut(dashboard, variables)
    expect(rows.map(({ key, panels }) => [key, panels[0]?.variables.get('node')?.values])).toEqual([
      ['0/a', ['a']],
      ['0/b', ['b']],
      ['0/c', ['c']],
    ])
  })

  it('shows what is repeated by a variable without values once', () => {
    const dashboard = readDashboard({ title: 'a', panels: [panel(1, { x: 0, y: 0, w: 6, h: 4 }, { repeat: 'gone' })] })
    expect(layOut(dashboard, variables)[0]?.panels).toHaveLength(1)
  })
})
