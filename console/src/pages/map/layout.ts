import type { ServiceEdge, ServiceGraph, ServiceNode } from '../../data/services/graph.ts'
import { type Arrow, orderRanks, rankByArrows } from './ranks.ts'

/** Pixels at the scale of 1. */
export const NODE = { width: 124, height: 48 } as const
const GAP = { x: 48, y: 24 } as const
const BOX = { pad: 14, head: 60, gapX: 112, gapY: 24 } as const
/** Longer columns are broken into several. */
const MOST_ROWS = 12
/** Wider than high, as screens are. */
const ASPECT = 1.6
/** What fits into it is not folded. */
const SCREEN_PX = 1_400

export interface Box {
  /** Empty for those who send no spans of their own. */
  readonly cluster: string
  readonly environment: string
  readonly kind: 'cluster' | 'callers' | 'outside'
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Point {
  readonly x: number
  readonly y: number
}

export interface MapLayout {
  readonly boxes: readonly Box[]
  /** Left upper corners, by the id of the node. */
  readonly places: ReadonlyMap<string, Point>
  readonly width: number
  readonly height: number
}

interface Group {
  readonly key: string
  readonly cluster: string
  readonly environment: string
  readonly kind: Box['kind']
  readonly nodes: readonly ServiceNode[]
}

interface PlacedGroup extends Group {
  readonly width: number
  readonly height: number
  readonly inside: ReadonlyMap<string, Point>
}

/**
 * A box for each cluster, in it its services in columns from who is called by nobody to who calls nobody; boxes from
 * left to right in the same way. The same graph always has the same layout.
 */
export function layoutMap(graph: ServiceGraph): MapLayout {
  const groups = groupNodes(graph).map((group) => placeInside(group, graph.edges))
  const boxes: Box[] = []
  const places = new Map<string, Point>()
  let width = 0
  let top = 0
  for (const line of foldColumns(columnsOfGroups(groups, graph))) {
    let x = 0
    for (const column of line) {
      let y = top
      for (const group of column) {
        boxes.push({ ...pick(group), x, y, width: group.width, height: group.height })
        for (const [id, point] of group.inside) places.set(id, { x: x + point.x, y: y + point.y })
        y += group.height + BOX.gapY
      }
      x += widthOf(column) + BOX.gapX
    }
    width = Math.max(width, x - BOX.gapX)
    top += Math.max(...line.map(heightOf)) + BOX.gapX / 2
  }
  return { boxes, places, width, height: Math.max(0, top - BOX.gapX / 2) }
}

function widthOf(column: readonly PlacedGroup[]): number {
  return Math.max(...column.map((group) => group.width))
}

function heightOf(column: readonly PlacedGroup[]): number {
  return column.reduce((sum, { height }) => sum + height + BOX.gapY, -BOX.gapY)
}

/** What is wider than a screen, and far wider than high, goes on in another line, as text does. */
function foldColumns(columns: readonly (readonly PlacedGroup[])[]): readonly (readonly (readonly PlacedGroup[])[])[] {
  const width = columns.reduce((sum, column) => sum + widthOf(column) + BOX.gapX, 0)
  const height = Math.max(0, ...columns.map(heightOf))
  if (width <= SCREEN_PX || columns.length < 2) return columns.length === 0 ? [] : [columns]
  const count = Math.max(1, Math.round(Math.sqrt(width / height / ASPECT)))
  const lines: (readonly PlacedGroup[])[][] = [[]]
  let x = 0
  for (const column of columns) {
    // A column stands where most of it belongs.
    if (x + widthOf(column) / 2 > width / count && lines.length < count) {
      lines.push([])
      x = 0
    }
    lines.at(-1)?.push(column)
    x += widthOf(column) + BOX.gapX
  }
  return lines.filter((line) => line.length > 0)
}

function pick({ cluster, environment, kind }: Group): Pick<Box, 'cluster' | 'environment' | 'kind'> {
  return { cluster, environment, kind }
}

function groupNodes(graph: ServiceGraph): readonly Group[] {
  const groups = new Map<string, ServiceNode[]>()
  for (const node of graph.nodes.values()) {
    const key = keyOf(node)
    groups.set(key, [...(groups.get(key) ?? []), node])
  }
  return [...groups].map(([key, nodes]) => {
    const [first] = nodes
    const kind = key === 'callers' || key === 'outside' ? key : 'cluster'
    return { key, kind, cluster: first?.cluster ?? '', environment: first?.environment ?? '', nodes }
  })
}

function keyOf(node: ServiceNode): string {
  if (node.cluster !== '') return `cluster ${node.cluster}`
  return node.kind === 'caller' ? 'callers' : 'outside'
}

function placeInside(group: Group, edges: readonly ServiceEdge[]): PlacedGroup {
  const index = new Map(group.nodes.map(({ id }, at) => [id, at]))
  const arrows = edges.flatMap(({ from, to }): Arrow[] => {
    const [a, b] = [index.get(from), index.get(to)]
    return a === undefined || b === undefined ? [] : [[a, b]]
  })
  const columns = orderRanks(rankByArrows(group.nodes.length, arrows), arrows).flatMap(breakColumn)
  const rows = Math.max(1, ...columns.map((column) => column.length))
  const inside = new Map<string, Point>()
  for (const [at, column] of columns.entries()) {
    const top = BOX.head + ((rows - column.length) / 2) * (NODE.height + GAP.y)
    for (const [row, node] of column.entries()) {
      const id = group.nodes[node]?.id
      if (id !== undefined)
        inside.set(id, { x: BOX.pad + at * (NODE.width + GAP.x), y: Math.round(top + row * (NODE.height + GAP.y)) })
    }
  }
  return {
    ...group,
    inside,
    width: BOX.pad * 2 + columns.length * (NODE.width + GAP.x) - GAP.x,
    height: BOX.head + BOX.pad + rows * (NODE.height + GAP.y) - GAP.y,
  }
}

/** Into parts of nearly equal length. */
function breakColumn(column: readonly number[]): readonly (readonly number[])[] {
  const parts = Math.ceil(column.length / MOST_ROWS)
  const size = Math.ceil(column.length / Math.max(1, parts))
  return Array.from({ length: parts }, (_, part) => column.slice(part * size, (part + 1) * size))
}

/** Callers left, clusters by who calls whom, those outside right; several of one rank below each other. */
function columnsOfGroups(groups: readonly PlacedGroup[], graph: ServiceGraph): readonly (readonly PlacedGroup[])[] {
  const clusters = groups.filter(({ kind }) => kind === 'cluster')
  const place = new Map(clusters.map(({ key }, at) => [key, at]))
  const flows = new Map<string, { arrow: Arrow; requests: number }>()
  for (const edge of graph.edges) {
    const [from, to] = [edge.from, edge.to].map((id) => {
      const node = graph.nodes.get(id)
      return node === undefined ? undefined : place.get(keyOf(node))
    })
    if (from === undefined || to === undefined || from === to) continue
    const key = `${from} ${to}`
    flows.set(key, { arrow: [from, to], requests: (flows.get(key)?.requests ?? 0) + edge.requests })
  }
  const arrows = [...flows.values()].filter(({ arrow: [from, to], requests }) => {
    // Two clusters that call each other stand in the direction of most requests.
    const back = flows.get(`${to} ${from}`)?.requests ?? 0
    return requests > back || (requests === back && from < to)
  })
  const ranked = orderRanks(
    rankByArrows(
      clusters.length,
      arrows.map(({ arrow }) => arrow),
    ),
    arrows.map(({ arrow }) => arrow),
  )
  const area = groups.reduce((sum, { width, height }) => sum + (width + BOX.gapX) * (height + BOX.gapY), 0)
  const tallest = Math.max(0, ...groups.map(({ height }) => height))
  const limit = Math.max(tallest, Math.sqrt(area / ASPECT))
  return [
    groups.filter(({ kind }) => kind === 'callers'),
    ...ranked.flatMap((column) =>
      fillColumns(
        column.flatMap((at) => clusters[at] ?? []),
        limit,
      ),
    ),
    groups.filter(({ kind }) => kind === 'outside'),
  ].filter((column) => column.length > 0)
}

function fillColumns(groups: readonly PlacedGroup[], limit: number): readonly (readonly PlacedGroup[])[] {
  const columns: PlacedGroup[][] = []
  let height = Number.POSITIVE_INFINITY
  for (const group of groups) {
    if (height + group.height > limit) {
      columns.push([])
      height = 0
    }
    columns.at(-1)?.push(group)
    height += group.height + BOX.gapY
  }
  return columns
}

/** Words of a long edge stand so far from its start, where no other node is. */
const WORDS_AT = 62

/** The line of an edge as an SVG path, and where its words stand. */
export function edgePath(from: Point, to: Point): { readonly path: string; readonly middle: Point } {
  const startY = from.y + NODE.height / 2
  const endY = to.y + NODE.height / 2
  if (to.x >= from.x + NODE.width) {
    const [startX, endX] = [from.x + NODE.width, to.x]
    const bend = Math.max(18, (endX - startX) / 2)
    return {
      path: `M${startX} ${startY}C${startX + bend} ${startY} ${endX - bend} ${endY} ${endX} ${endY}`,
      middle: wordsOn(startX, startY, endX, endY, bend),
    }
  }
  if (to.x + NODE.width <= from.x) {
    const [startX, endX] = [from.x, to.x + NODE.width]
    const bend = Math.max(18, (startX - endX) / 2)
    return {
      path: `M${startX} ${startY}C${startX - bend} ${startY} ${endX + bend} ${endY} ${endX} ${endY}`,
      middle: wordsOn(startX, startY, endX, endY, -bend),
    }
  }
  // In one column, or to itself: around the right side.
  const [startX, endX] = [from.x + NODE.width, to.x + NODE.width]
  const isSelf = from.x === to.x && from.y === to.y
  const [a, b] = isSelf ? [startY - 10, endY + 10] : [startY, endY]
  const reach = isSelf ? 30 : 34
  return {
    path: `M${startX} ${a}C${startX + reach} ${a} ${endX + reach} ${b} ${endX} ${b}`,
    middle: { x: Math.max(startX, endX) + reach * 0.75, y: (a + b) / 2 },
  }
}

/** The middle of a short curve; of a long one a place near its start. */
function wordsOn(startX: number, startY: number, endX: number, endY: number, bend: number): Point {
  const length = Math.abs(endX - startX)
  // Near its start the curve goes on by three times the bend for each unit of t.
  const t = length <= WORDS_AT * 3 ? 0.5 : WORDS_AT / (3 * Math.abs(bend))
  const u = 1 - t
  const at = (a: number, b: number, c: number, d: number): number =>
    u ** 3 * a + 3 * u ** 2 * t * b + 3 * u * t ** 2 * c + t ** 3 * d
  return {
    x: Math.round(at(startX, startX + bend, endX - bend, endX)),
    y: Math.round(at(startY, startY, endY, endY)),
  }
}

/** The nearest node in the direction of an arrow key; undefined where there is none. */
export function nodeTowards(
  places: ReadonlyMap<string, Point>,
  from: string,
  key: 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown',
): string | undefined {
  const here = places.get(from)
  if (here === undefined) return [...places.keys()][0]
  const isAcross = key === 'ArrowLeft' || key === 'ArrowRight'
  const sign = key === 'ArrowRight' || key === 'ArrowDown' ? 1 : -1
  let best: { id: string; far: number } | undefined
  for (const [id, { x, y }] of places) {
    const along = sign * (isAcross ? x - here.x : y - here.y)
    const aside = Math.abs(isAcross ? y - here.y : x - here.x)
    if (along <= 0) continue
    const far = along + aside * 2
    if (best === undefined || far < best.far) best = { id, far }
  }
  return best?.id
}
