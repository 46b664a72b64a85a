import type { ReactElement, ReactNode } from 'react'
import type { ClusterSnapshot, FleetSnapshot } from '../../data/fleet-client.ts'
import { toBytes, toCount, toDuration, toText } from '../../format/quantity.ts'
import { toClock, toDate } from '../../format/time.ts'
import { Pennant } from '../../parts/pennant.tsx'
import { Status } from '../../parts/status.tsx'

/** What is known of one cluster; it pushes the table aside and never covers it. */
export function ClusterDrawer(props: {
  readonly snapshot: FleetSnapshot
  readonly cluster: ClusterSnapshot
  readonly onClose: () => void
}): ReactElement {
  const { cluster, snapshot } = props
  const { ledger } = cluster
  const ago = (ms: number): string => `${toText(toDuration(Math.max(0, snapshot.nowMs - ms)))} ago`
  return (
    <aside className="drawer" aria-label={`Details of ${cluster.cluster}`}>
      <header className="drawer-head">
        <Pennant environment={cluster.environment} />
        <h2>{cluster.cluster}</h2>
        <span className="grow" />
        <button type="button" className="button button-icon button-ghost" onClick={props.onClose} aria-label="Close">
          <svg width="12" height="12" viewBox="0 0 12 12" stroke="currentColor" strokeWidth="1.4">
            <path d="M2 2l8 8M10 2l-8 8" />
          </svg>
        </button>
      </header>
      <dl className="facts-list">
        <Row name="Status">
          <Status status={cluster.status} />{' '}
          <span className="text-3">since {toClock(cluster.sinceMs, snapshot.nowMs)}</span>
        </Row>
        <Row name="Region">{cluster.region}</Row>
        <Row name="Tenant">{cluster.tenant}</Row>
        <Row name="Certificate">
          {cluster.certificate === undefined ? 'unknown' : `ends ${toDate(cluster.certificate.notAfterMs)}`}
        </Row>
        <Row name="Queue">
          {cluster.queue === undefined
            ? 'unknown'
            : `${toText(toBytes(cluster.queue.bytes))} of ${toText(toBytes(cluster.queue.limitBytes))}, ${toCount(cluster.queue.records)} records`}
        </Row>
        <Row name="Last error">
          {cluster.lastError === undefined ? 'none' : `${cluster.lastError.message} (${ago(cluster.lastError.atMs)})`}
        </Row>
        <Row name="Overwritten labels">{toCount(cluster.overwritten)}</Row>
      </dl>
      <h3>Ledger</h3>
      <dl className="facts-list numbers">
        <Row name="Accepted">{toCount(ledger.accepted)}</Row>
        <Row name="Stored">{toCount(ledger.stored)}</Row>
        <Row name="Forwarded only">{toCount(ledger.forwardedOnly)}</Row>
        <Row name="Rejected">{toCount(ledger.rejected)}</Row>
        <Row name="Queued in the hub">{toCount(ledger.queued)}</Row>
        {Object.entries(cluster.rejected.total).map(([reason, items]) => (
          <Row key={reason} name={`Rejected: ${reason}`}>
            {toCount(items)}
          </Row>
        ))}
      </dl>
      <h3>Edges</h3>
      <dl className="facts-list">
        {cluster.edges.map((edge) => (
          <Row key={edge.edge} name={edge.edge}>
            {edge.connected ? 'connected' : 'away'}, heard {ago(edge.heardAtMs)}, version {edge.version}
          </Row>
        ))}
        {cluster.edges.length === 0 ? <Row name="none">No edge has reported yet.</Row> : null}
      </dl>
    </aside>
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
