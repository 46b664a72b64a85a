import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { NodeKind, ServiceEdge, ServiceGraph, ServiceNode } from '../../data/services/graph.ts'
import { edgePath, layoutMap, NODE, nodeTowards } from './layout.ts'
import { rankByArrows } from './ranks.ts'
import { fitViewport, revealInViewport, zoomViewport } from './viewport.ts'

const node = (id: string, kind: NodeKind = 'service'): ServiceNode => {
  const [cluster = '', name = ''] = id.split('/')
  return { id, name, cluster, environment: cluster.slice(0, 3), kind, requests: 1, failed: 0, p95S: 0.1 }
}
const edge = (from: string, to: string, requests = 1): ServiceEdge => ({
  id: `${from} → ${to}`,
  from,
  to,
  isMessaging: false,
  requests,
  failed: 0,
  p95S: 0.1,
  wireS: undefined,
})
const graphOf = (nodes: readonly ServiceNode[], edges: readonly ServiceEdge[]): ServiceGraph => ({
  nodes: new Map(nodes.map((one) => [one.id, one])),
  edges,
})

it('ranks by the longest way, and cuts circles', () => {
  expect(
    rankByArrows(4, [
      [0, 1],
      [1, 2],
      [0, 2],
      [2, 3],
    ]),
  ).toEqual([0, 1, 2, 3])
  expect(
    rankByArrows(3, [
      [0, 1],
      [1, 2],
      [2, 1],
    ]),
  ).toEqual([0, 1, 2])
  expect(rankByArrows(2, [[1, 1]])).toEqual([0, 0])
})

it('sets callers left, clusters in the direction of most requests, others right', () => {
  const ids = ['/user', 'prd-a/front', 'prd-a/back', 'prd-b/pay', '/bank']
  const { places, boxes } = layoutMap(
    graphOf(
      ids.map((id) => node(id, id === '/user' ? 'caller' : id === '/bank' ? 'outside' : 'service')),
      [
        edge('/user', 'prd-a/front'),
        edge('prd-a/front', 'prd-a/back'),
        edge('prd-a/back', 'prd-b/pay', 5),
        edge('prd-b/pay', 'prd-a/front', 1),
        edge('prd-b/pay', '/bank'),
      ],
    ),
  )
  expect(ids.map((id) => places.get(id)?.x ?? 0)).toEqual(ids.map((id) => places.get(id)?.x ?? 0).sort((a, b) => a - b))
  expect(boxes.map(({ kind }) => kind)).toEqual(['callers', 'cluster', 'cluster', 'outside'])
})

it('of any graph: the same again, nothing on top of anything else, everything in its box', () => {
  const graphs = fc.record({
    count: fc.integer({ min: 1, max: 60 }),
    clusters: fc.integer({ min: 1, max: 6 }),
    arrows: fc.array(fc.tuple(fc.nat(59), fc.nat(59)), { maxLength: 120 }),
  })
  fc.assert(
    fc.property(graphs, ({ count, clusters, arrows }) => {
      const ids = Array.from({ length: count }, (_, index) => `c${index % clusters}/s${String(index).padStart(2, '0')}`)
      const edges = arrows.map(([a, b]) => edge(ids[a % count] ?? '', ids[b % count] ?? ''))
      const graph = graphOf(
        ids.map((id) => node(id)),
        edges,
      )
      const layout = layoutMap(graph)
      expect(layoutMap(graph)).toEqual(layout)
      const taken = new Set<string>()
      for (const id of ids) {
        const place = layout.places.get(id)
        const box = layout.boxes.find(({ cluster }) => cluster === id.split('/')[0])
        if (place === undefined || box === undefined) throw new Error(`${id} has no place`)
        expect(taken.has(`${place.x} ${place.y}`)).toBe(false)
        taken.add(`${place.x} ${place.y}`)
        expect(place.x).toBeGreaterThanOrEqual(box.x)
        expect(place.x + NODE.width).toBeLessThanOrEqual(box.x + box.width)
        expect(place.y + NODE.height).toBeLessThanOrEqual(box.y + box.height)
      }
      const overlap = layout.boxes.some((a, index) =>
        layout.boxes
          .slice(index + 1)
          .some((b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height),
      )
      expect(overlap).toBe(false)
    }),
    { numRuns: 60 },
  )
})

it('folds what is far wider than a screen', () => {
  const ids = Array.from({ length: 12 }, (_, index) => `c${String(index).padStart(2, '0')}/s`)
  const chain = ids.slice(1).map((id, index) => edge(ids[index] ?? '', id))
  const { width, height, boxes } = layoutMap(
    graphOf(
      ids.map((id) => node(id)),
      chain,
    ),
  )
  expect(width / height).toBeLessThan(4)
  expect(new Set(boxes.map(({ y }) => y)).size).toBeGreaterThan(1)
})

it('draws edges forwards, backwards, within a column and to itself', () => {
  const at = { x: 200, y: 100 }
  for (const to of [{ x: 400, y: 50 }, { x: 0, y: 0 }, { x: 200, y: 300 }, { x: 230, y: 300 }, at])
    expect(edgePath(at, to).path).toMatch(/^M[\d.]+ [\d.]+C(-?[\d.]+ ?){6}$/)
})

it('moves by arrow keys to the nearest in that direction', () => {
  const places = new Map([
    ['a', { x: 0, y: 0 }],
    ['b', { x: 200, y: 10 }],
    ['c', { x: 400, y: 0 }],
    ['d', { x: 0, y: 90 }],
  ])
  expect(nodeTowards(places, 'a', 'ArrowRight')).toBe('b')
  expect(nodeTowards(places, 'a', 'ArrowDown')).toBe('d')
  expect(nodeTowards(places, 'a', 'ArrowUp')).toBeUndefined()
  expect(nodeTowards(places, 'gone', 'ArrowUp')).toBe('a')
})

it('fits, zooms around a point, and brings into sight', () => {
  const page = { width: 1_000, height: 600 }
  expect(fitViewport({ width: 400, height: 300 }, page).scale).toBe(1)
  expect(fitViewport({ width: 9_680, height: 300 }, page).scale).toBeCloseTo(0.1)
  const start = { left: 10, top: 20, scale: 1 }
  const zoomed = zoomViewport(start, 2, 110, 220)
  expect([(110 - zoomed.left) / zoomed.scale, (220 - zoomed.top) / zoomed.scale]).toEqual([100, 200])
  expect(zoomViewport(start, 1e9, 0, 0).scale).toBe(2.5)
  const shown = revealInViewport(start, { x: 2_000, y: 50, width: 124, height: 48 }, page)
  expect(2_124 + shown.left).toBe(984)
  expect(revealInViewport(start, { x: 50, y: 50, width: 124, height: 48 }, page)).toBe(start)
})
