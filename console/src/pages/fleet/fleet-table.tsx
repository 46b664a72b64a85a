import { Fragment, type ReactElement, useMemo } from 'react'
import type { ClusterSnapshot, FleetSnapshot } from '../../data/fleet-client.ts'
import { STATUS_ORDER, STATUS_WORDS } from '../../format/status-words.ts'
import { toRate } from '../../format/quantity.ts'
import { Amount } from '../../parts/amount.tsx'
import { Pennant } from '../../parts/pennant.tsx'
import { StatusGlyph } from '../../parts/status.tsx'
import { ClusterRow } from './cluster-row.tsx'
import { FLEET_COLUMNS, type FleetColumn } from './columns.tsx'
import { fitColumns } from './fit-columns.ts'
import { countByStatus, type EnvironmentGroup, groupByEnvironment, sumRates } from './groups.ts'
import { isAway } from './presence.ts'

/** Below, cells have 6 px of padding on either side and not 8. */
const DENSE_BELOW_PX = 1_130
const DENSE_SAVES_PX = 4

const NAME_CHARACTER_PX = 8
const MAX_NAME_PX = 280

export function FleetTable(props: {
  readonly snapshot: FleetSnapshot
  readonly clusters: readonly ClusterSnapshot[]
  /** The room for the table, in px. */
  readonly width: number
  readonly selected: string | undefined
  readonly onSelect: (cluster: string | undefined) => void
  readonly folded: ReadonlySet<string>
  readonly onFold: (environment: string) => void
}): ReactElement {
  const isDense = props.width < DENSE_BELOW_PX
  const longest = Math.max(0, ...props.clusters.map(({ cluster }) => cluster.length))
  const columns = useMemo(() => chooseColumns(props.width, longest), [props.width, longest])
  return (
    <div className="table-scroll">
      <table className={isDense ? 'fleet-table dense' : 'fleet-table'}>
        <colgroup>
          {columns.map(({ id, width }) => (
            <col key={id} style={id === 'cluster' ? {} : { width }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.id} scope="col" className={column.number === true ? 'number' : ''}>
                {typeof column.head === 'function' ? column.head(props.snapshot) : column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groupByEnvironment(props.clusters).map((group) => {
            const isFolded = props.folded.has(group.environment)
            return (
              <Fragment key={group.environment}>
                <GroupRow group={group} columns={columns} isFolded={isFolded} onFold={props.onFold} />
                {(isFolded ? [] : group.clusters).map((cluster) => (
                  <ClusterRow
                    key={cluster.cluster}
                    cluster={cluster}
                    snapshot={props.snapshot}
                    columns={columns}
                    selected={cluster.cluster === props.selected}
                    onSelect={() => props.onSelect(cluster.cluster === props.selected ? undefined : cluster.cluster)}
                  />
                ))}
              </Fragment>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

/** Names are told apart by their ends: for long ones, other columns leave first. */
function chooseColumns(available: number, nameLength: number): readonly FleetColumn[] {
  const saved = available < DENSE_BELOW_PX ? DENSE_SAVES_PX : 0
  const nameWidth = Math.min(MAX_NAME_PX, nameLength * NAME_CHARACTER_PX)
  const columns = FLEET_COLUMNS.map((column) => {
    const width = column.id === 'cluster' ? Math.max(column.width, nameWidth) : column.width
    return { ...column, width: width - saved }
  })
  return fitColumns(columns, available)
}

function GroupRow(props: {
  readonly group: EnvironmentGroup
  readonly columns: readonly FleetColumn[]
  readonly isFolded: boolean
  readonly onFold: (environment: string) => void
}): ReactElement {
  const { group, columns } = props
  const { environment, clusters } = group
  const totals = sumRates(clusters)
  const first = columns.findIndex(({ sums }) => sums !== undefined)
  const sums = columns.flatMap((column) => (column.sums === undefined ? [] : [column.sums]))
  return (
    <tr className="group-row">
      <td colSpan={first}>
        <button
          type="button"
          className="group-name"
          aria-expanded={!props.isFolded}
          onClick={() => props.onFold(environment)}
        >
          <svg className="chevron" width="12" height="12" viewBox="0 0 16 16" aria-hidden="true">
            <path d="M4.5 6.5 8 10l3.5-3.5" fill="none" stroke="currentColor" strokeWidth="1.4" />
          </svg>
          <Pennant environment={environment} />
          {group.name === environment ? null : <b className="text-2">{group.name}</b>}
          {clusters.length} {clusters.length === 1 ? 'cluster' : 'clusters'}
          {props.isFolded ? <Troubles clusters={clusters} /> : null}
        </button>
      </td>
      {sums.map((signal) => (
        <td key={signal} className="number">
          {clusters.every(isAway) ? signal === 'metrics' && 'no data' : <Amount value={toRate(totals[signal])} />}
        </td>
      ))}
      <td colSpan={columns.length - first - sums.length} />
    </tr>
  )
}

/** What must stay in sight when the rows are folded away. */
function Troubles({ clusters }: { readonly clusters: readonly ClusterSnapshot[] }): ReactElement {
  const counts = countByStatus(clusters)
  return (
    <>
      {STATUS_ORDER.filter((status) => status !== 'healthy' && counts[status] > 0).map((status) => (
        <span key={status} className={`count status-${status}`}>
          <StatusGlyph status={status} />
          {counts[status]} {STATUS_WORDS[status].toLowerCase()}
        </span>
      ))}
    </>
  )
}
