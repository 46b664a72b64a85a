import type { ReactElement } from 'react'
import {
  failShare,
  isFailing,
  type ServiceEdge,
  type ServiceGraph,
  type ServiceNode,
} from '../../data/services/graph.ts'
import { useServed } from '../../data/services/use-service-graph.ts'
import { showControls } from '../../format/log-body.ts'
import { toPercent, toRate } from '../../format/quantity.ts'
import { toQuantity } from '../../format/units.ts'
import { Amount } from '../../parts/amount.tsx'
import { Drawer } from '../../parts/drawer.tsx'
import { Pennant } from '../../parts/pennant.tsx'
import { CallFigures } from './call-figures.tsx'
import { ServiceLinks } from '../../parts/service-links.tsx'
import { TracesBehind } from './traces-behind.tsx'
import { serviceTraces } from '../../data/services/links.ts'

/** One service: what comes in, its operations, who calls it and whom it calls. */
export function NodeDrawer(props: {
  readonly node: ServiceNode
  readonly graph: ServiceGraph
  readonly onEdge: (id: string) => void
  readonly onClose: () => void
}): ReactElement {
  const { node, graph } = props
  const callers = graph.edges.filter(({ to }) => to === node.id)
  const called = graph.edges.filter(({ from }) => from === node.id)
  return (
    <Drawer
      label={`Service ${showControls(node.name)}`}
      onClose={props.onClose}
      head={
        <div className="map-drawer-title">
          <h2 className="cut">{showControls(node.name)}</h2>
          <p className="text-3 cut">
            {node.environment === '' ? null : <Pennant environment={node.environment} />}{' '}
            {showControls(node.cluster) || 'no spans of its own'}
          </p>
        </div>
      }
    >
      <CallFigures requests={node.requests} failed={node.failed} p95S={node.p95S} />
      <ServiceLinks node={node} />
      <div className="drawer-sections">
        {node.kind === 'service' ? <Operations node={node} /> : null}
        <TracesBehind
          query={serviceTraces(node, false)}
          failed={serviceTraces(node, true)}
          hasFailed={isFailing(node)}
        />
        <Neighbours title="Called by" edges={callers} graph={graph} end="from" onEdge={props.onEdge} />
        <Neighbours title="Calls" edges={called} graph={graph} end="to" onEdge={props.onEdge} />
      </div>
    </Drawer>
  )
}

/** More than these are read in Explore. */
const MOST_OPERATIONS = 12

function Operations({ node }: { readonly node: ServiceNode }): ReactElement {
  const served = useServed(node.cluster, node.name)
  return (
    <section aria-label="Operations">
      <header className="panel-head">
        <h3>Operations</h3>
        <span className="text-3">{served.data?.length ?? ''}</span>
      </header>
      {served.isError ? <p className="panel-none status-silent">{served.error.message}</p> : null}
      {served.isPending ? <p className="panel-none">loading operations</p> : null}
      {served.data?.length === 0 ? <p className="panel-none">It served nothing in this range.</p> : null}
      <table className="table">
        <tbody>
          {(served.data ?? []).slice(0, MOST_OPERATIONS).map((one) => (
            <tr key={one.name}>
              <td className="operation-name">
                <span className="cut" title={one.name}>
                  {showControls(one.name)}
                </span>
              </td>
              <td className="number">
                <Amount value={toRate(one.requests)} />
              </td>
              <td className={isFailing(one) ? 'number status-silent' : 'number text-2'}>
                <Amount value={toPercent(failShare(one))} />
              </td>
              <td className="number">
                <Amount value={toQuantity(one.p95S, 'seconds')} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Neighbours(props: {
  readonly title: string
  readonly edges: readonly ServiceEdge[]
  readonly graph: ServiceGraph
  readonly end: 'from' | 'to'
  readonly onEdge: (id: string) => void
}): ReactElement | null {
  if (props.edges.length === 0) return null
  return (
    <section aria-label={props.title}>
      <header className="panel-head">
        <h3>{props.title}</h3>
        <span className="text-3">{props.edges.length}</span>
      </header>
      <ul>
        {props.edges.map((edge) => {
          const other = props.graph.nodes.get(edge[props.end])
          return (
            <li key={edge.id}>
              <button type="button" className="neighbour" onClick={() => props.onEdge(edge.id)}>
                <span className="cut">{showControls(other?.name ?? '')}</span>
                <span className="text-3 cut">{showControls(other?.cluster ?? '')}</span>
                <span className="grow" />
                <span className={isFailing(edge) ? 'status-silent' : ''}>
                  <Amount value={toPercent(failShare(edge))} />
                </span>
                <Amount value={toRate(edge.requests)} />
              </button>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
