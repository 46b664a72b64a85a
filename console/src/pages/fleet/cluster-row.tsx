import { type ReactElement, useEffect, useRef } from 'react'
import type { ClusterSnapshot, FleetSnapshot } from '../../data/fleet-client.ts'
import { toClock } from '../../format/time.ts'
import type { FleetColumn } from './columns.tsx'
import { whyOf } from './presence.ts'

export function ClusterRow(props: {
  readonly cluster: ClusterSnapshot
  readonly snapshot: FleetSnapshot
  readonly columns: readonly FleetColumn[]
  readonly selected: boolean
  readonly onSelect: () => void
}): ReactElement {
  const { cluster, snapshot, columns, selected } = props
  const row = useRef<HTMLTableRowElement>(null)
  // Again when the columns change: the drawer that opens narrows the table, and rows become higher.
  useEffect(() => {
    if (selected) row.current?.scrollIntoView({ block: 'nearest' })
  }, [selected, columns])
  const why = whyOf(cluster, snapshot.nowMs)
  const classes = ['cluster-row', selected ? 'selected' : '', why === undefined ? '' : 'has-why']
  return (
    <>
      <tr ref={row} className={classes.join(' ')} data-cluster={cluster.cluster} onClick={props.onSelect}>
        {columns.map((column) => (
          <td key={column.id} data-column={column.id} className={column.number === true ? 'number' : ''}>
            {column.id === 'cluster' ? (
              <ClusterName cluster={cluster} snapshot={snapshot} selected={selected} />
            ) : (
              column.cell(cluster, snapshot)
            )}
          </td>
        ))}
      </tr>
      {why === undefined ? null : (
        <tr className={`why-row ${selected ? 'selected' : ''}`} data-why={cluster.cluster} onClick={props.onSelect}>
          <td />
          <td colSpan={columns.length - 1}>
            <span className="text-2">{why.reason}</span>
            {why.lastError === undefined ? null : (
              <span className="text-3">
                {' '}
                Last error {toClock(why.lastError.atMs, snapshot.nowMs)}: {why.lastError.message}
              </span>
            )}
          </td>
        </tr>
      )}
    </>
  )
}

function ClusterName(props: {
  readonly cluster: ClusterSnapshot
  readonly snapshot: FleetSnapshot
  readonly selected: boolean
}): ReactElement {
  const { cluster } = props.cluster
  return (
    <span className="cluster-cell">
      <button type="button" className="cluster-name" aria-expanded={props.selected} title={cluster}>
        {cluster}
      </button>
      {cluster === props.snapshot.hub.cluster ? <span className="tag">hub</span> : null}
    </span>
  )
}
