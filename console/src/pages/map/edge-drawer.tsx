import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { queryInstant } from '../../data/prometheus/client.ts'
import { isFailing, type ServiceEdge, type ServiceGraph, type ServiceNode } from '../../data/services/graph.ts'
import { edgeMetrics, edgeTraces, failedEdgeTraces, serviceLogs } from '../../data/services/links.ts'
import { edgeBucketQuery } from '../../data/services/queries.ts'
import { useWindow } from '../../data/services/use-service-graph.ts'
import { useView } from '../../data/view.tsx'
import { showControls } from '../../format/log-body.ts'
import { Drawer } from '../../parts/drawer.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Pennant } from '../../parts/pennant.tsx'
import { Empty } from '../../parts/states.tsx'
import { AnswersPanel } from './answers-panel.tsx'
import { CallFigures } from './call-figures.tsx'
import { DurationBars } from './duration-bars.tsx'
import { readBuckets } from './buckets.ts'
import { TracesBehind } from './traces-behind.tsx'

/** One call: its figures, how long it takes, and the traces behind it. */
export function EdgeDrawer(props: {
  readonly edge: ServiceEdge
  readonly graph: ServiceGraph
  readonly onNode: (id: string) => void
  readonly onClose: () => void
}): ReactElement {
  const { edge, graph } = props
  const from = graph.nodes.get(edge.from)
  const to = graph.nodes.get(edge.to)
  if (from === undefined || to === undefined) return <Empty title="Not in this range" />
  const logs = serviceLogs([from, to])
  const traces = edgeTraces(from, to, '')
  return (
    <Drawer
      label={`Call of ${showControls(to.name)} by ${showControls(from.name)}`}
      onClose={props.onClose}
      head={
        <div className="map-drawer-title">
          <h2>
            <NodeButton node={from} onNode={props.onNode} /> → <NodeButton node={to} onNode={props.onNode} />
          </h2>
          <p className="text-3 cut">
            <Place node={from} /> → <Place node={to} />
          </p>
        </div>
      }
    >
      <CallFigures requests={edge.requests} failed={edge.failed} p95S={edge.p95S} wireS={edge.wireS} />
      <div className="drawer-links">
        <Link className="button button-small button-primary" to="/explore/traces" search={{ q: traces }}>
          <Icon name="traces" /> Traces
        </Link>
        {logs === undefined ? null : (
          <Link className="button button-small" to="/explore/logs" search={{ q: logs }}>
            <Icon name="logs" /> Logs of both
          </Link>
        )}
        <Link className="button button-small" to="/explore/metrics" search={{ q: [...edgeMetrics(from, to)] }}>
          <Icon name="metrics" /> Metrics
        </Link>
      </div>
      <div className="drawer-sections">
        <Durations from={from} to={to} />
        <AnswersPanel from={from} to={to} />
        <TracesBehind query={traces} failed={failedEdgeTraces(from, to)} hasFailed={isFailing(edge)} />
      </div>
    </Drawer>
  )
}

function NodeButton(props: { readonly node: ServiceNode; readonly onNode: (id: string) => void }): ReactElement {
  return (
    <button type="button" className="title-button cut" onClick={() => props.onNode(props.node.id)}>
      {showControls(props.node.name) || 'no name'}
    </button>
  )
}

function Place({ node }: { readonly node: ServiceNode }): ReactElement {
  if (node.cluster === '') return <>outside</>
  return (
    <>
      <Pennant environment={node.environment} /> {showControls(node.cluster)}
    </>
  )
}

function Durations({ from, to }: { readonly from: ServiceNode; readonly to: ServiceNode }): ReactElement {
  const { tenant } = useView()
  const { atS, windowS } = useWindow()
  const query = edgeBucketQuery(
    {
      client: from.name,
      clientCluster: from.cluster,
      server: to.name,
      serverCluster: to.kind === 'service' ? to.cluster : '',
    },
    windowS,
  )
  const buckets = useQuery({
    queryKey: ['prometheus', 'instant', query, atS, tenant],
    queryFn: ({ signal }) => queryInstant(query, atS, { signal, tenant }),
  })
  const bars = buckets.data === undefined ? undefined : readBuckets(buckets.data.rows)
  return (
    <section aria-label="Durations">
      <header className="panel-head">
        <h3>Duration</h3>
        <span className="text-3">share of requests by how long they took</span>
      </header>
      {buckets.isError ? (
        <p className="panel-none status-silent">{buckets.error.message}</p>
      ) : bars === undefined ? (
        <p className="panel-none duration-bars">loading durations</p>
      ) : bars.length === 0 ? (
        <p className="panel-none">No duration was measured in this range.</p>
      ) : (
        <DurationBars bars={bars} />
      )}
    </section>
  )
}
