import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useFleetClusters } from '../data/fleet-client.ts'
import { compareQuery, counterpartOf, serviceLogs, serviceMetrics, serviceTraces } from '../data/services/links.ts'
import type { ServiceNode } from '../data/services/graph.ts'
import { Icon } from './icon.tsx'

/** From a service to its logs, traces and metrics, and to the comparison with staging: one click each. */
export function ServiceLinks({ node }: { readonly node: ServiceNode }): ReactElement {
  const logs = serviceLogs([node])
  return (
    <div className="drawer-links">
      {logs === undefined ? null : (
        <Link className="button button-small button-primary" to="/explore/logs" search={{ q: logs }}>
          <Icon name="logs" /> Logs
        </Link>
      )}
      <Link className="button button-small" to="/explore/traces" search={{ q: serviceTraces(node, false) }}>
        <Icon name="traces" /> Traces
      </Link>
      <Link className="button button-small" to="/explore/metrics" search={{ q: [...serviceMetrics(node)] }}>
        <Icon name="metrics" /> Metrics
      </Link>
      <CompareLink service={node.name} cluster={node.cluster} />
    </div>
  )
}

/** Leads to the comparison of a service, or of one operation, with its like in staging; nothing where there is none. */
export function CompareLink(props: {
  /** Absent: all services of the cluster. */
  readonly service?: string
  readonly cluster: string
  readonly operation?: string
}): ReactElement | null {
  const other = counterpartOf(props.cluster, useFleetClusters())
  if (other === undefined) return null
  return (
    <Link
      className={props.service === undefined ? 'button' : 'button button-small'}
      to="/compare"
      search={{ q: compareQuery(props.service, props.operation), side: [`cluster:${props.cluster}`, other.side] }}
    >
      <Icon name="compare" /> Compare with {other.words}
    </Link>
  )
}
