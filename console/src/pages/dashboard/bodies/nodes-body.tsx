import { type ReactElement, useMemo } from 'react'
import { useElementSize } from '../../../data/element-size.ts'
import { displayNameOf, type Frame, lengthOf } from '../../../grafana/frame.ts'
import { toPercent, toRate, toText } from '../../../format/quantity.ts'
import { Empty } from '../../../parts/states.tsx'
import type { PanelData } from '../panel-data.ts'
import type { ServiceCall } from '../service-calls.ts'
import { type GraphEdge, type GraphNode, placeNodes } from './node-layout.ts'

const MOST_NODES = 150
const NODE_PX = 148
const ROW_PX = 46
const TALL_PX = 34
const WORDS = 20

/** Services and their calls, or nodes and edges that a query answers as two tables. */
export function NodesBody({ data }: { readonly data: PanelData }): ReactElement {
  const { ref, width, height } = useElementSize<HTMLDivElement>()
  const { nodes, edges, left } = useMemo(() => {
    const found = data.services.length > 0 ? ofServices(data.services) : ofFrames(data.frames)
    return { nodes: found.nodes.slice(0, MOST_NODES), edges: found.edges, left: found.nodes.length - MOST_NODES }
  }, [data])
  const graph = useMemo(() => placeNodes(nodes, edges), [nodes, edges])
  if (nodes.length === 0) {
    return (
      <Empty title="These answers are no graph">
        A node graph needs nodes with an id, and edges with source and target.
      </Empty>
    )
  }
  const gap = Math.max(NODE_PX + 60, (width - NODE_PX - 40) / Math.max(1, graph.columns - 1))
  const tall = Math.max(height - 8, graph.rows * ROW_PX + 16)
  const wide = Math.max(width, (graph.columns - 1) * gap + NODE_PX + 32)
  const inColumn = (column: number): number => graph.nodes.filter((node) => node.column === column).length
  const placeOf = new Map(
    graph.nodes.map((node) => {
      const space = tall / inColumn(node.column)
      return [node.id, { x: 16 + node.column * gap, y: (node.row + 0.5) * space }] as const
    }),
  )
  return (
    <div className="nodes-body" ref={ref}>
      <svg width={wide} height={tall} role="img" aria-label={`${nodes.length} nodes, ${graph.edges.length} edges`}>
        {graph.edges.map((edge, at) => {
          const [from, to] = [placeOf.get(edge.from), placeOf.get(edge.to)]
          if (from === undefined || to === undefined) return null
          const before = graph.edges.slice(0, at).filter((other) => other.from === edge.from && other.to !== other.from)
          return <Edge key={at} edge={edge} from={from} to={to} line={before.length} />
        })}
        {graph.nodes.map((node) => {
          const place = placeOf.get(node.id)
          if (place === undefined) return null
          return (
            <g key={node.id} transform={`translate(${place.x} ${place.y - TALL_PX / 2})`}>
              <rect
                width={NODE_PX}
                height={TALL_PX}
                rx="4"
                fill="var(--surface-raised)"
                stroke={node.failed > 0.01 ? 'var(--status-silent-fill)' : 'var(--line-2)'}
              />
              <text x="8" y="14" className="node-title">
                {cut(node.title)}
                <title>{`${node.title} ${node.subtitle} ${node.words}`}</title>
              </text>
              <text x="8" y="27" className="axis-label">
                {cut([node.subtitle, node.words].filter((text) => text !== '').join(' · '))}
              </text>
            </g>
          )
        })}
      </svg>
      {left > 0 ? <p className="note note-info">{left} more nodes are not shown.</p> : null}
    </div>
  )
}

interface Place {
  readonly x: number
  readonly y: number
}

/** A line with its words near to where it begins, for lines cross in the middle; a node's own call is a loop over it. */
function Edge(props: {
  readonly edge: GraphEdge
  readonly from: Place
  readonly to: Place
  /** Its number among those of its node: words of the first stand above it, those of the others below. */
  readonly line: number
}): ReactElement {
  const { edge, from, to, line } = props
  const isOwn = edge.from === edge.to
  const [x1, x2] = [from.x + NODE_PX, to.x]
  const bend = Math.max(30, Math.abs(x2 - x1) / 2)
  const top = from.y - TALL_PX / 2
  return (
    <g>
      <path
        d={
          isOwn
            ? `M ${x1 - 20} ${top} c 0 -16 -40 -16 -40 0`
            : `M ${x1} ${from.y} C ${x1 + bend} ${from.y} ${x2 - bend} ${to.y} ${x2} ${to.y}`
        }
        fill="none"
        stroke={edge.failed > 0.01 ? 'var(--status-silent-fill)' : 'var(--n-7)'}
        strokeWidth="1.25"
      >
        <title>{`${edge.from} → ${edge.to}: ${edge.words}`}</title>
      </path>
      {isOwn ? null : (
        <text className="axis-label" x={x1 + 6} y={from.y + (line === 0 ? -5 : 2 + 11 * line)}>
          {edge.words}
        </text>
      )}
    </g>
  )
}

function cut(text: string): string {
  return text.length > WORDS ? `${text.slice(0, WORDS - 1)}…` : text
}

function ofServices(calls: readonly ServiceCall[]): {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
} {
  const nodes = new Map<string, { title: string; subtitle: string; perSecond: number; failures: number }>()
  const touch = (cluster: string, title: string): { perSecond: number; failures: number } => {
    const id = idOf(cluster, title)
    const node = nodes.get(id) ?? { title, subtitle: cluster, perSecond: 0, failures: 0 }
    nodes.set(id, node)
    return node
  }
  const edges = calls.map((call): GraphEdge => {
    touch(call.clientCluster, call.client)
    const server = touch(call.serverCluster, call.server)
    server.perSecond += call.perSecond
    server.failures += call.perSecond * call.failed
    const errors = call.failed > 0 ? `, ${toText(toPercent(call.failed))} fail` : ''
    return {
      from: idOf(call.clientCluster, call.client),
      to: idOf(call.serverCluster, call.server),
      words: `${toText(toRate(call.perSecond))}${errors}`,
      failed: call.failed,
    }
  })
  return {
    edges,
    nodes: [...nodes].map(([id, { title, subtitle, perSecond, failures }]) => ({
      id,
      title,
      subtitle,
      words: perSecond === 0 ? '' : toText(toRate(perSecond)),
      failed: perSecond === 0 ? 0 : failures / perSecond,
    })),
  }
}

const idOf = (cluster: string, service: string): string => `${cluster} ${service}`

/** Tables with the columns that Grafana names: `id`, `title`, `subtitle`, `mainstat`; `source`, `target`. */
function ofFrames(frames: readonly Frame[]): {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
} {
  const rows = frames.flatMap((frame) =>
    Array.from({ length: lengthOf(frame) }, (_, row) =>
      Object.fromEntries(
        frame.fields.map((field) => [displayNameOf(field).toLowerCase(), String(field.values[row] ?? '')]),
      ),
    ),
  )
  const edges = rows.flatMap((row): readonly GraphEdge[] => {
    const { source, target } = row
    if (source === undefined || target === undefined || source === '' || target === '') return []
    return [{ from: source, to: target, words: row['mainstat'] ?? row['value'] ?? '', failed: 0 }]
  })
  const named = rows.flatMap((row): readonly GraphNode[] =>
    row['id'] === undefined || row['source'] !== undefined
      ? []
      : [
          {
            id: row['id'],
            title: row['title'] ?? row['id'],
            subtitle: row['subtitle'] ?? '',
            words: row['mainstat'] ?? '',
            failed: 0,
          },
        ],
  )
  const known = new Set(named.map(({ id }) => id))
  const others = [...new Set(edges.flatMap(({ from, to }) => [from, to]))].filter((id) => !known.has(id))
  return { edges, nodes: [...named, ...others.map((id) => ({ id, title: id, subtitle: '', words: '', failed: 0 }))] }
}
