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

/** Each node stands behind those that call it; calls in a circle are cut where they are found. */
export function placeNodes(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): PlacedGraph {
  const known = new Set(nodes.map(({ id }) => id))
  const used = edges.filter(({ from, to }) => known.has(from) && known.has(to))
  const callees = new Map<string, string[]>()
  const called = new Set<string>()
  for (const { from, to } of used) {
    if (from === to) continue
    callees.set(from, [...(callees.get(from) ?? []), to])
    called.add(to)
  }
  const depth = new Map<string, number>()
  const visit = (id: string, at: number, path: ReadonlySet<string>): void => {
    if (path.has(id) || (depth.get(id) ?? -1) >= at || at > nodes.length) return
    depth.set(id, at)
    const inside = new Set([...path, id])
    for (const next of callees.get(id) ?? []) visit(next, at + 1, inside)
  }
  const roots = nodes.filter(({ id }) => !called.has(id))
  for (const { id } of roots) visit(id, 0, new Set())
  for (const { id } of nodes) if (!depth.has(id)) visit(id, 0, new Set())
  const filled: number[] = []
  const placed = nodes.map((node): PlacedNode => {
    const column = depth.get(node.id) ?? 0
    const row = filled[column] ?? 0
    filled[column] = row + 1
    return { ...node, column, row }
  })
  return {
    nodes: placed,
    edges: used,
    columns: filled.length,
    rows: Math.max(1, ...filled.filter((count) => count > 0)),
  }
}
