import { type ReactElement, useMemo } from 'react'
import {
  failShare,
  isFailing,
  type ServiceEdge,
  type ServiceGraph,
  type ServiceNode,
} from '../../data/services/graph.ts'
import { showControls } from '../../format/log-body.ts'
import { toPercent, toRate } from '../../format/quantity.ts'
import { toQuantity } from '../../format/units.ts'
import { Amount } from '../../parts/amount.tsx'
import { VirtualRows } from '../../parts/virtual-rows.tsx'

// The list's own sheet: rows stand where they are put.
import '../../styles/logs.css'

const ROW_PX = 40

/** The map as a table: every call with its figures; those that fail come first, the others in a fixed order. */
export function CallsPanel(props: {
  readonly graph: ServiceGraph
  readonly onEdge: (id: string) => void
}): ReactElement {
  const { graph } = props
  const edges = useMemo(
    () => [...graph.edges].sort((a, b) => Number(isFailing(b)) - Number(isFailing(a))),
    [graph.edges],
  )
  return (
    <aside className="drawer calls" aria-label="Calls">
      <header className="panel-head">
        <h2>Calls</h2>
        <span className="text-3">{edges.length}</span>
      </header>
      <div className="calls-head text-3" aria-hidden="true">
        <span>Client and server</span>
        <span className="number">Requests</span>
        <span className="number">Fail</span>
        <span className="number">p95</span>
      </div>
      <VirtualRows
        label="Calls: client and server, requests, share that fails, 95th percentile"
        count={edges.length}
        rowHeight={ROW_PX}
        layout=""
        keyOf={(index) => edges[index]?.id ?? index}
        mayDiffer={() => false}
        render={(index) => {
          const edge = edges[index]
          return edge === undefined ? null : <Call edge={edge} graph={graph} onChoose={() => props.onEdge(edge.id)} />
        }}
      />
    </aside>
  )
}

function Call(props: {
  readonly edge: ServiceEdge
  readonly graph: ServiceGraph
  readonly onChoose: () => void
}): ReactElement {
  const { edge, graph } = props
  const failing = isFailing(edge)
  return (
    <div className={failing ? 'call failing' : 'call'} onClick={props.onChoose} data-call={edge.id}>
      <span role="gridcell" className="call-ends">
        <button type="button" className="call-open cut" title={edge.id}>
          {nameOf(graph.nodes.get(edge.from))} → {nameOf(graph.nodes.get(edge.to))}
        </button>
        <span className="text-3 cut">{placesOf(graph.nodes.get(edge.from), graph.nodes.get(edge.to))}</span>
      </span>
      <span role="gridcell" className="number">
        <Amount value={toRate(edge.requests)} />
      </span>
      <span role="gridcell" className={failing ? 'number status-silent' : 'number'}>
        <Amount value={toPercent(failShare(edge))} />
      </span>
      <span role="gridcell" className="number">
        <Amount value={toQuantity(edge.p95S, 'seconds')} />
      </span>
    </div>
  )
}

function nameOf(node: ServiceNode | undefined): string {
  return showControls(node?.name ?? '') || 'no name'
}

/** The cluster, or both where the call crosses. */
function placesOf(from: ServiceNode | undefined, to: ServiceNode | undefined): string {
  const [a = '', b = ''] = [from?.cluster, to?.cluster].map((cluster) => showControls(cluster ?? ''))
  if (a === b || b === '') return a
  return a === '' ? b : `${a} → ${b}`
}
