/** A node of a graph, and where it stands: columns from left to right along the calls. */
export interface GraphNode {
  readonly id: string
  readonly title: string
  readonly subtitle: string
  readonly words: string
  /** 0 to 1, of what failed. */
  readonly failed: number
}

export interface GraphEdge {
  readonly from: string
  readonly to: string
  readonly words: string
  readonly failed: number
}

export interface PlacedNode extends GraphNode {
  readonly column: number
  readonly row: number
}

export interface PlacedGraph {
  readonly nodes: readonly PlacedNode[]
  readonly edges: readonly GraphEdge[]
  readonly columns: number
  readonly rows: number
}

/** Each node stands behind those that call it; calls that close a circle do not count for that. */
export function placeNodes(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): PlacedGraph {
  const known = new Set(nodes.map(({ id }) => id))
  const used = edges.filter(({ from, to }) => known.has(from) && known.has(to))
  const columnOf = columnsOf(nodes, forwardEdges(nodes, used))
  const columns: GraphNode[][] = []
  for (const node of nodes) (columns[columnOf.get(node.id) ?? 0] ??= []).push(node)
  const rowOf = new Map<string, number>()
  const placed: PlacedNode[] = []
  for (const [column, members = []] of columns.entries()) {
    for (const [row, node] of inOrderOfCallers(members, used, rowOf).entries()) {
      rowOf.set(node.id, row)
      placed.push({ ...node, column, row })
    }
  }
  return { nodes: placed, edges: used, columns: columns.length, rows: Math.max(1, ...columns.map((all) => all.length)) }
}

/** The edges without those that lead back to where a walk along them came from. */
function forwardEdges(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): readonly GraphEdge[] {
  const callees = new Map<string, GraphEdge[]>()
  for (const edge of edges) {
    const known = callees.get(edge.from)
    if (known === undefined) callees.set(edge.from, [edge])
    else known.push(edge)
  }
  const called = new Set(edges.filter(({ from, to }) => from !== to).map(({ to }) => to))
  const state = new Map<string, 'open' | 'done'>()
  const forward: GraphEdge[] = []
  const begins = [...nodes.filter(({ id }) => !called.has(id)), ...nodes]
  for (const { id } of begins) {
    if (state.has(id)) continue
    const walk: { readonly id: string; next: number }[] = [{ id, next: 0 }]
    state.set(id, 'open')
    for (let place = walk.at(-1); place !== undefined; place = walk.at(-1)) {
      const edge = callees.get(place.id)?.[place.next]
      place.next += 1
      if (edge === undefined) {
        state.set(place.id, 'done')
        walk.pop()
        continue
      }
      if (state.get(edge.to) === 'open') continue
      forward.push(edge)
      if (state.has(edge.to)) continue
      state.set(edge.to, 'open')
      walk.push({ id: edge.to, next: 0 })
    }
  }
  return forward
}

/** The longest way to each node; without circles it takes as many rounds as that way is long. */
function columnsOf(nodes: readonly GraphNode[], forward: readonly GraphEdge[]): ReadonlyMap<string, number> {
  const columns = new Map(nodes.map(({ id }) => [id, 0]))
  for (let isMoved = true; isMoved; ) {
    isMoved = false
    for (const { from, to } of forward) {
      const behind = (columns.get(from) ?? 0) + 1
      if (behind <= (columns.get(to) ?? 0)) continue
      columns.set(to, behind)
      isMoved = true
    }
  }
  return columns
}

/** Near to those that call them, so that fewer lines cross. */
function inOrderOfCallers(
  members: readonly GraphNode[],
  edges: readonly GraphEdge[],
  rowOf: ReadonlyMap<string, number>,
): readonly GraphNode[] {
  const middle = ({ id }: GraphNode): number => {
    const rows = edges.flatMap(({ from, to }) => (to === id && rowOf.has(from) ? [rowOf.get(from) ?? 0] : []))
    return rows.length === 0 ? Infinity : rows.reduce((sum, row) => sum + row, 0) / rows.length
  }
  const middles = new Map(members.map((node) => [node.id, middle(node)]))
  const at = (node: GraphNode): number => middles.get(node.id) ?? Infinity
  return [...members].sort((a, b) => (at(a) < at(b) ? -1 : at(a) > at(b) ? 1 : 0))
}
