import { describe, expect, it } from 'vitest'
import { arcPath, gridFor } from './arcs.ts'
import { binValues } from './histogram.ts'
import { placeNodes } from './node-layout.ts'

describe('histogram', () => {
  it('counts every value once, in bins of a round size', () => {
    const values = Array.from({ length: 1_000 }, (_, at) => at / 10)
    const bins = binValues(values, {})
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(1_000)
    for (const { from, to } of bins) expect(to - from).toBeCloseTo(5)
    expect(binValues([0, 1e9], { size: 1 }).length).toBeLessThanOrEqual(201)
    expect(binValues([5, 5, 5], {})).toEqual([{ from: 5, to: 6, count: 3 }])
    expect(binValues([], {})).toEqual([])
  })
})

describe('graph of nodes', () => {
  const node = (id: string) => ({ id, title: id, subtitle: '', words: '', failed: 0 })
  const edge = (from: string, to: string) => ({ from, to, words: '', failed: 0 })
  it('stands callers before callees, whatever circles there are', () => {
    const { nodes, columns } = placeNodes(['a', 'b', 'c', 'd'].map(node), [
      edge('a', 'b'),
      edge('b', 'c'),
      edge('a', 'c'),
      edge('c', 'b'),
      edge('c', 'nobody'),
    ])
    const column = Object.fromEntries(nodes.map(({ id, column: at }) => [id, at]))
    expect(column['a']).toBe(0)
    expect(column['d']).toBe(0)
    expect(Math.min(column['b'] ?? 0, column['c'] ?? 0)).toBeGreaterThan(0)
    expect(columns).toBeGreaterThan(2)
    expect(placeNodes([node('x'), node('y')], [edge('x', 'y'), edge('y', 'x')]).nodes).toHaveLength(2)
  })
})

describe('arcs', () => {
  it('are whole rings, too', () => {
    expect(arcPath(0, 1, 10, 5).match(/M /g)).toHaveLength(2)
    expect(arcPath(0, 0.25, 10, 0)).toContain('A 10 10 0 0 1 10.00')
  })
  it('figures take the room there is', () => {
    expect(gridFor(1, 300, 200, 96)).toEqual({ columns: 1, size: 180 })
    expect(gridFor(4, 800, 200, 96).columns).toBe(4)
    expect(gridFor(50, 300, 100, 96).columns).toBe(3)
  })
})
