import { type ReactElement, useState } from 'react'
import { useElementWidth } from '../../data/element-width.ts'
import { type ClusterStatus, type FleetSnapshot, useFleet } from '../../data/fleet-client.ts'
import { STATUS_WORDS } from '../../format/status-words.ts'
import { toClock } from '../../format/time.ts'
import { LedgerLegend } from '../../parts/ledger-bar.tsx'
import { StatusGlyph } from '../../parts/status.tsx'
import { ClusterDrawer } from './cluster-drawer.tsx'
import { EventStrip } from './event-strip.tsx'
import { FleetSummary } from './fleet-summary.tsx'
import { FleetTable } from './fleet-table.tsx'
import { groupByEnvironment } from './groups.ts'
import { useRowKeys } from './row-keys.ts'
import { REFRESH_INTERVALS, TopBar } from './top-bar.tsx'

/** All clusters of the fleet: what they send, how late, and what is wrong with them. */
export function FleetPage(): ReactElement {
  const [environment, setEnvironment] = useState('')
  const [intervalMs, setIntervalMs] = useState<number>(REFRESH_INTERVALS[0])
  const { answer, isAsking, ask } = useFleet(intervalMs === 0 ? false : intervalMs)
  const snapshot = answer?.snapshot
  return (
    <>
      <TopBar
        environments={groupByEnvironment(snapshot?.clusters ?? []).map((group) => group.environment)}
        environment={environment}
        onEnvironment={setEnvironment}
        intervalMs={intervalMs}
        onInterval={setIntervalMs}
        onRefresh={ask}
        busy={isAsking}
      />
      <main id="main" className="sheet" aria-label="Fleet">
        {answer?.failure === undefined ? null : <HubAway failure={answer.failure} snapshot={snapshot} onRetry={ask} />}
        {answer === undefined ? <Loading /> : null}
        {snapshot === undefined ? (
          <div className="grow" />
        ) : (
          <FleetSheet snapshot={snapshot} environment={environment} isOld={answer?.failure !== undefined} />
        )}
        <footer className="page-foot">
          <LedgerLegend />
          <span className="grow" />
          <span className="text-3 keys">
            <kbd>J</kbd>
            <kbd>K</kbd> move
          </span>
          <span className="text-3 keys">
            <kbd>Esc</kbd> close
          </span>
        </footer>
      </main>
    </>
  )
}

function FleetSheet(props: {
  readonly snapshot: FleetSnapshot
  readonly environment: string
  readonly isOld: boolean
}): ReactElement {
  const { snapshot, environment } = props
  const [status, setStatus] = useState<ClusterStatus>()
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set())
  const [selected, setSelected] = useState<string>()
  const { ref, width } = useElementWidth()

  const inScope = snapshot.clusters.filter((cluster) => environment === '' || cluster.environment === environment)
  const shown = inScope.filter((cluster) => status === undefined || cluster.status === status)
  const rows = groupByEnvironment(shown)
    .filter((group) => !folded.has(group.environment))
    .flatMap((group) => group.clusters.map(({ cluster }) => cluster))
  useRowKeys(rows, selected, setSelected)
  const chosen = inScope.find(({ cluster }) => cluster === selected)
  const onFold = (name: string): void => {
    setFolded(new Set(folded.has(name) ? [...folded].filter((other) => other !== name) : [...folded, name]))
  }
  return (
    <div className={props.isOld ? 'page page-old' : 'page'}>
      <div className="page-body" ref={ref}>
        <FleetSummary snapshot={snapshot} clusters={inScope} status={status} onStatus={setStatus} />
        <EventStrip snapshot={snapshot} />
        {shown.length > 0 ? (
          <FleetTable
            snapshot={snapshot}
            clusters={shown}
            width={width}
            selected={selected}
            onSelect={setSelected}
            folded={folded}
            onFold={onFold}
          />
        ) : (
          <Nothing status={status} onAll={() => setStatus(undefined)} />
        )}
      </div>
      {chosen === undefined ? null : (
        <ClusterDrawer
          snapshot={snapshot}
          cluster={chosen}
          onClose={() => {
            focusRow(chosen.cluster)
            setSelected(undefined)
          }}
        />
      )}
    </div>
  )
}

/** Focus returns to what opened the drawer. */
function focusRow(cluster: string): void {
  document.querySelector<HTMLElement>(`[data-cluster="${CSS.escape(cluster)}"] button`)?.focus()
}

function Loading(): ReactElement {
  return (
    <div className="page-body" aria-busy="true">
      {Array.from({ length: 6 }, (_, index) => (
        <div key={index} className="skeleton-row">
          <span className="skeleton" />
        </div>
      ))}
    </div>
  )
}

function Nothing(props: { readonly status: ClusterStatus | undefined; readonly onAll: () => void }): ReactElement {
  if (props.status === undefined) {
    return (
      <div className="nothing">
        <b>The fleet has no clusters</b>
        <p className="text-2">Add one to the fleet file under clusters, then start the hub again.</p>
      </div>
    )
  }
  return (
    <div className="nothing">
      <b>No cluster is {STATUS_WORDS[props.status].toLowerCase()} now</b>
      <p>
        <button type="button" className="button" onClick={props.onAll}>
          Show all clusters
        </button>
      </p>
    </div>
  )
}

function HubAway(props: {
  readonly failure: string
  readonly snapshot: FleetSnapshot | undefined
  readonly onRetry: () => void
}): ReactElement {
  const { snapshot } = props
  return (
    <p className="note note-silent" role="alert">
      <StatusGlyph status="silent" />
      <span>
        {props.failure}{' '}
        {snapshot === undefined
          ? "Look at the hub's log."
          : `Shown: its last answer, of ${toClock(snapshot.nowMs, Date.now())} UTC.`}
      </span>
      <button type="button" className="link" onClick={props.onRetry}>
        Try now
      </button>
    </p>
  )
}
