import { Fragment, type ReactElement } from 'react'
import type { ClusterSnapshot, FleetSnapshot } from '../../data/fleet-client.ts'
import { toRate } from '../../format/quantity.ts'
import { Amount } from '../../parts/amount.tsx'
import { Pennant } from '../../parts/pennant.tsx'
import { ClusterRow } from './cluster-row.tsx'
import { type EnvironmentGroup, groupByEnvironment, sumRates } from './groups.ts'

export function FleetTable(props: {
  readonly snapshot: FleetSnapshot
  readonly clusters: readonly ClusterSnapshot[]
  readonly selected: string | undefined
  readonly onSelect: (cluster: string | undefined) => void
}): ReactElement {
  return (
    <div className="table-scroll">
      <table className="fleet-table">
        <thead>
          <tr>
            <th>Status</th>
            <th>Cluster</th>
            <th>Metrics in, last 1 h</th>
            <th className="number">Metrics</th>
            <th className="number">Logs</th>
            <th className="number">Spans</th>
            <th className="number">Lag p99</th>
            <th className="number">Queue</th>
            <th className="number">Rejected</th>
            <th>Ledger</th>
            <th className="number">Certificate</th>
            <th className="number narrow-away">Edges</th>
            <th className="number narrow-away">Heard</th>
          </tr>
        </thead>
        <tbody>
          {groupByEnvironment(props.clusters).map((group) => (
            <Fragment key={group.environment}>
              <GroupRow group={group} />
              {group.clusters.map((cluster) => (
                <ClusterRow
                  key={cluster.cluster}
                  cluster={cluster}
                  snapshot={props.snapshot}
                  selected={cluster.cluster === props.selected}
                  onSelect={() => props.onSelect(cluster.cluster === props.selected ? undefined : cluster.cluster)}
                />
              ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function GroupRow({ group }: { readonly group: EnvironmentGroup }): ReactElement {
  const totals = sumRates(group.clusters)
  return (
    <tr className="group-row">
      <td colSpan={3}>
        <span className="group-name">
          <Pennant environment={group.environment} />
          <b className="text-2">{group.name}</b>
          {group.clusters.length} {group.clusters.length === 1 ? 'cluster' : 'clusters'}
        </span>
      </td>
      <td className="number">
        <Amount value={toRate(totals.metrics)} />
      </td>
      <td className="number">
        <Amount value={toRate(totals.logs)} />
      </td>
      <td className="number">
        <Amount value={toRate(totals.traces)} />
      </td>
      <td colSpan={7} />
    </tr>
  )
}
