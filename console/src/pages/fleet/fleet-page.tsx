import { type ReactElement, useState } from 'react'
import { type FleetSnapshot, useFleet } from '../../data/fleet-client.ts'
import { toClock } from '../../format/time.ts'
import { LedgerLegend } from '../../parts/ledger-bar.tsx'
import { ClusterDrawer } from './cluster-drawer.tsx'
import { EventStrip } from './event-strip.tsx'
import { FleetSummary } from './fleet-summary.tsx'
import { FleetTable } from './fleet-table.tsx'
import { REFRESH_INTERVALS, TopBar } from './top-bar.tsx'
import { useRowKeys } from './row-keys.ts'

/** All clusters of the fleet: what they send, how late, and what is wrong with them. */
export function FleetPage(): ReactElement {
  const [environment, setEnvironment] = useState('')
  const [intervalMs, setIntervalMs] = useState<number>(REFRESH_INTERVALS[0])
  const [selected, setSelected] = useState<string>()
  const { data, error, isFetching, refetch } = useFleet(intervalMs === 0 ? false : intervalMs)

  const shown = data?.clusters.filter((cluster) => environment === '' || cluster.environment === environment) ?? []
  useRowKeys(shown, selected, setSelected)
  const chosen = shown.find(({ cluster }) => cluster === selected)

  return (
    <>
      <TopBar
        environments={[...new Set(data?.clusters.map((cluster) => cluster.environment) ?? [])]}
        environment={environment}
        onEnvironment={setEnvironment}
        intervalMs={intervalMs}
        onInterval={setIntervalMs}
        onRefresh={() => void refetch()}
        busy={isFetching}
      />
      <main id="main" className="sheet" aria-label="Fleet">
        {error === null ? null : <ConnectionLost error={error} data={data} />}
        {data === undefined ? (
          error === null && <Loading />
        ) : (
          <div className={error === null ? 'page' : 'page page-old'}>
            <div className="page-body">
              <FleetSummary snapshot={data} clusters={shown} />
              <EventStrip snapshot={data} />
              <FleetTable snapshot={data} clusters={shown} selected={selected} onSelect={setSelected} />
            </div>
            {chosen === undefined ? null : (
              <ClusterDrawer snapshot={data} cluster={chosen} onClose={() => setSelected(undefined)} />
            )}
          </div>
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

function ConnectionLost(props: { readonly error: Error; readonly data: FleetSnapshot | undefined }): ReactElement {
  const since = props.data === undefined ? '' : ` What is shown is of ${toClock(props.data.nowMs, Date.now())} UTC.`
  return (
    <p className="note note-silent" role="alert">
      The hub does not answer ({props.error.message}).{since} Asking again; if it stays away, look at the hub's log.
    </p>
  )
}
