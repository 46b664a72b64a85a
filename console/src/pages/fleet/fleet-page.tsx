import { useNavigate } from '@tanstack/react-router'
import { type ReactElement, useState } from 'react'
import { useElementWidth } from '../../data/element-width.ts'
import { type ClusterStatus, type FleetSnapshot, useFleet } from '../../data/fleet-client.ts'
import { compareQuery, counterpartOf } from '../../data/services/links.ts'
import { useView } from '../../data/view.tsx'
import { isInScope, REFRESH_INTERVALS, type Scope } from '../../data/view-state.ts'
import { STATUS_WORDS } from '../../format/status-words.ts'
import { toClock } from '../../format/time.ts'
import { LedgerLegend } from '../../parts/ledger-bar.tsx'
import { Skeleton } from '../../parts/states.tsx'
import { StatusGlyph } from '../../parts/status.tsx'
import { Page } from '../../shell/page.tsx'
import '../../styles/fleet.css'
import { ClusterDrawer } from './cluster-drawer.tsx'
import { EventStrip } from './event-strip.tsx'
import { FleetSummary } from './fleet-summary.tsx'
import { FleetTable } from './fleet-table.tsx'
import { groupByEnvironment } from './groups.ts'
import { RefusalsNote } from './refusals-note.tsx'
import { useRowKeys } from './row-keys.ts'

/** All clusters of the fleet: what they send, how late, and what is wrong with them. */
export function FleetPage(): ReactElement {
  const { scope, refresh } = useView()
  const { ms } = REFRESH_INTERVALS[refresh]
  const { answer, isAsking, ask } = useFleet(ms === 0 ? false : ms)
  const snapshot = answer?.snapshot
  return (
    <Page crumbs={[{ name: 'Fleet' }]} busy={isAsking}>
      {answer?.failure === undefined ? null : <HubAway failure={answer.failure} snapshot={snapshot} onRetry={ask} />}
      {answer === undefined ? <Skeleton label="Loading the fleet" rows={8} /> : null}
      {snapshot === undefined ? (
        <div className="grow" />
      ) : (
        <FleetSheet snapshot={snapshot} scope={scope} isOld={answer?.failure !== undefined} />
      )}
      <footer className="page-foot">
        <LedgerLegend />
        <span className="grow" />
        <span className="text-3 keys">
          <kbd>J</kbd>
          <kbd>K</kbd> move
        </span>
        <span className="text-3 keys">
          <kbd>Enter</kbd> open
        </span>
        <span className="text-3 keys">
          <kbd>L</kbd> logs
        </span>
        <span className="text-3 keys">
          <kbd>C</kbd> compare
        </span>
        <span className="text-3 keys">
          <kbd>Esc</kbd> close
        </span>
        <span className="text-3 keys">
          <kbd>?</kbd> all keys
        </span>
      </footer>
    </Page>
  )
}

function FleetSheet(props: {
  readonly snapshot: FleetSnapshot
  readonly scope: Scope
  readonly isOld: boolean
}): ReactElement {
  const { snapshot, scope } = props
  const [status, setStatus] = useState<ClusterStatus>()
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set())
  const [selected, setSelected] = useState<string>()
  const { ref, width } = useElementWidth()

  const inScope = snapshot.clusters.filter((cluster) => isInScope(scope, cluster))
  const shown = inScope.filter((cluster) => status === undefined || cluster.status === status)
  const rows = groupByEnvironment(shown)
    .filter((group) => !folded.has(group.environment))
    .flatMap((group) => group.clusters.map(({ cluster }) => cluster))
  const navigate = useNavigate()
  useRowKeys(rows, selected, setSelected, (cluster, what) => {
    if (what === 'cluster') void navigate({ to: '/fleet/$cluster', params: { cluster } })
    else if (what === 'compare') {
      const other = counterpartOf(cluster, snapshot.clusters)
      const side = other === undefined ? undefined : [`cluster:${cluster}`, other.side]
      void navigate({ to: '/compare', search: { q: compareQuery(), side } })
    } else void navigate({ to: `/explore/${what}`, search: { cluster, env: undefined } })
  })
  const chosen = inScope.find(({ cluster }) => cluster === selected)
  const onFold = (name: string): void => {
    setFolded(new Set(folded.has(name) ? [...folded].filter((other) => other !== name) : [...folded, name]))
  }
  return (
    <div className={props.isOld ? 'page page-old' : 'page'}>
      <div className="page-body" ref={ref}>
        <FleetSummary snapshot={snapshot} clusters={inScope} status={status} onStatus={setStatus} />
        <EventStrip snapshot={snapshot} />
        <RefusalsNote snapshot={snapshot} />
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
