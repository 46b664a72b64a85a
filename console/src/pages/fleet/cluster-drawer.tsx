import { Link } from '@tanstack/react-router'
import type { ReactElement, ReactNode } from 'react'
import type { ClusterSnapshot, FleetSnapshot } from '../../data/fleet-client.ts'
import { toAge, toBytes, toCount, toDuration, toRate, toText } from '../../format/quantity.ts'
import { toClock, toDate } from '../../format/time.ts'
import { Pennant } from '../../parts/pennant.tsx'
import { Status } from '../../parts/status.tsx'
import { ServiceTable } from '../cluster/services-panel.tsx'
import { ClusterLedger } from './cluster-ledger.tsx'
import { isAway } from './presence.ts'

const EVENTS = 8

/** What is known of one cluster; it pushes the table aside and never covers it. */
export function ClusterDrawer(props: {
  readonly snapshot: FleetSnapshot
  readonly cluster: ClusterSnapshot
  readonly onClose: () => void
}): ReactElement {
  const { cluster, snapshot } = props
  const { nowMs } = snapshot
  const ago = (ms: number): string => `${toText(toAge(nowMs - ms))} ago`
  return (
    <aside className="drawer" aria-label={`Details of ${cluster.cluster}`}>
      <header className="drawer-head">
        <Pennant environment={cluster.environment} />
        <h2>{cluster.cluster}</h2>
        <Link className="button button-small" to="/fleet/$cluster" params={{ cluster: cluster.cluster }}>
          Open
        </Link>
        <button type="button" className="button button-icon button-ghost" onClick={props.onClose} aria-label="Close">
          <svg width="12" height="12" viewBox="0 0 12 12" stroke="currentColor" strokeWidth="1.4" aria-hidden="true">
            <path d="M2 2l8 8M10 2l-8 8" />
          </svg>
        </button>
      </header>
      <dl className="facts-list">
        <Row name="Status">
          <Status status={cluster.status} /> <span className="text-3">since {toClock(cluster.sinceMs, nowMs)}</span>
        </Row>
        {cluster.reason === undefined ? null : <Row name="Reason">{cluster.reason}</Row>}
        <Row name="Last error">
          {cluster.lastError === undefined ? (
            'none'
          ) : (
            <>
              {cluster.lastError.message} <span className="text-3">{ago(cluster.lastError.atMs)}</span>
            </>
          )}
        </Row>
        <Row name="Heard">{cluster.heardAtMs === undefined ? 'never' : ago(cluster.heardAtMs)}</Row>
        <Row name="Rates">{isAway(cluster) ? 'no data' : renderRates(cluster)}</Row>
        <Row name="Lag p50, p99">
          {cluster.lag === undefined
            ? 'no data'
            : `${toText(toDuration(cluster.lag.p50Ms))}, ${toText(toDuration(cluster.lag.p99Ms))}`}
        </Row>
        <Row name="Queue">{renderQueue(cluster)}</Row>
        <Row name="Certificate">
          {cluster.certificate === undefined ? (
            'unknown'
          ) : (
            <>
              ends {toDate(cluster.certificate.notAfterMs)} <span className="mono">{cluster.certificate.serial}</span>
            </>
          )}
        </Row>
        <Row name="Region">{cluster.region}</Row>
        <Row name="Type">{cluster.clusterType}</Row>
        <Row name="Tenant">{cluster.tenant}</Row>
      </dl>
      <h3>Services</h3>
      <ServiceTable cluster={cluster.cluster} most={8} />
      <ClusterLedger cluster={cluster} />
      <h3>Edges</h3>
      <dl className="facts-list">
        {cluster.edges.map((edge) => (
          <Row key={edge.edge} name={edge.edge}>
            {edge.connected ? 'connected' : 'away'}, heard {ago(edge.heardAtMs)}{' '}
            <span className="text-3">version {edge.version}</span>
          </Row>
        ))}
        {cluster.edges.length === 0 ? <Row name="none">No edge has reported yet.</Row> : null}
      </dl>
      <Events cluster={cluster} snapshot={snapshot} />
    </aside>
  )
}

/** Newest first, in full. */
function Events(props: { readonly cluster: ClusterSnapshot; readonly snapshot: FleetSnapshot }): ReactElement {
  const { cluster, snapshot } = props
  const events = snapshot.events.filter((event) => event.cluster === cluster.cluster).slice(-EVENTS)
  return (
    <>
      <h3>Events</h3>
      <dl className="facts-list">
        {events.toReversed().map(({ atMs, message }, index) => (
          <Row key={`${atMs}-${index}`} name={toClock(atMs, snapshot.nowMs)}>
            {message}
          </Row>
        ))}
        {events.length === 0 ? <Row name="none">Nothing happened since the hub started.</Row> : null}
      </dl>
    </>
  )
}

function Row(props: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </>
  )
}

function renderRates({ rates }: ClusterSnapshot): string {
  const [metrics, logs, spans] = [rates.metrics, rates.logs, rates.traces].map((rate) => toText(toRate(rate)))
  return `metrics ${metrics ?? ''}, logs ${logs ?? ''}, spans ${spans ?? ''}`
}

function renderQueue(cluster: ClusterSnapshot): string {
  const { queue } = cluster
  if (queue === undefined) return 'unknown'
  const held = `${toText(toBytes(queue.bytes))} of ${toText(toBytes(queue.limitBytes))}, ${toCount(queue.records)} records`
  return isAway(cluster) ? `unknown; when last heard ${held}` : held
}
