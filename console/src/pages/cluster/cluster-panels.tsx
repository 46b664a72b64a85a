import type { ReactElement, ReactNode } from 'react'
import type { ClusterSnapshot, ClusterStatus, DestinationSnapshot, FleetSnapshot } from '../../data/fleet-client.ts'
import { useView } from '../../data/view.tsx'
import { toAge, toCount, toDuration, toText } from '../../format/quantity.ts'
import { toDay, toMoment } from '../../format/zone.ts'
import { StatusGlyph } from '../../parts/status.tsx'
import { ClusterLedger } from '../fleet/cluster-ledger.tsx'

const NOTICES = 12

export function Panel(props: {
  readonly title: string
  readonly more?: ReactNode
  readonly children: ReactNode
}): ReactElement {
  return (
    <section className="cluster-panel" aria-label={props.title}>
      <header className="panel-head">
        <h3>{props.title}</h3>
        <span className="text-3">{props.more}</span>
      </header>
      {props.children}
    </section>
  )
}

export function LedgerPanel({ cluster }: { readonly cluster: ClusterSnapshot }): ReactElement {
  return (
    <section className="cluster-panel cluster-ledger" aria-label="Ledger">
      <ClusterLedger cluster={cluster} />
    </section>
  )
}

export function EdgesPanel({
  cluster,
  nowMs,
}: {
  readonly cluster: ClusterSnapshot
  readonly nowMs: number
}): ReactElement {
  const versions = new Set(cluster.edges.map(({ version }) => version))
  return (
    <Panel title="Edges" more={cluster.edges.length}>
      {cluster.edges.length === 0 ? <p className="panel-none">No edge has reported yet.</p> : null}
      <table className="table">
        <tbody>
          {cluster.edges.map((edge) => (
            <tr key={edge.edge}>
              <td>
                <span className="status">
                  <StatusGlyph status={edge.connected ? 'healthy' : 'silent'} /> {edge.edge}
                </span>
              </td>
              <td className="text-2">{edge.connected ? 'connected' : 'away'}</td>
              <td className="number text-2">heard {toText(toAge(nowMs - edge.heardAtMs))} ago</td>
              <td className={`number ${versions.size > 1 ? 'status-degraded' : 'text-2'}`}>{edge.version}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {versions.size > 1 ? <p className="panel-none">The edges run different versions.</p> : null}
    </Panel>
  )
}

/** A certificate with less than this left is worth a colour. */
const SOON_MS = 24 * 3_600_000

export function CertificatePanel({
  cluster,
  nowMs,
}: {
  readonly cluster: ClusterSnapshot
  readonly nowMs: number
}): ReactElement {
  const { zone } = useView()
  const { certificate } = cluster
  if (certificate === undefined)
    return (
      <Panel title="Certificate">
        <p className="panel-none">Unknown: the cluster has not presented one since the hub started.</p>
      </Panel>
    )
  const leftMs = certificate.notAfterMs - nowMs
  const tone = leftMs <= 0 ? 'status-cut-off' : leftMs < SOON_MS ? 'status-degraded' : 'text-2'
  return (
    <Panel
      title="Certificate"
      more={<span className={tone}>{leftMs <= 0 ? 'ended' : `${toText(toAge(leftMs))} left`}</span>}
    >
      <dl className="pairs panel-pairs">
        <div>
          <dt>Ends</dt>
          <dd>
            {toDay(certificate.notAfterMs, zone)}{' '}
            {toMoment(certificate.notAfterMs, certificate.notAfterMs, zone, 'minute')}
          </dd>
        </div>
        <div>
          <dt>Serial</dt>
          <dd className="mono-text">{certificate.serial}</dd>
        </div>
      </dl>
    </Panel>
  )
}

/** What was refused, and what happened, newest first. */
export function NoticesPanel({
  cluster,
  snapshot,
}: {
  readonly cluster: ClusterSnapshot
  readonly snapshot: FleetSnapshot
}): ReactElement {
  const { zone } = useView()
  const { nowMs } = snapshot
  const notices = [
    ...cluster.rejected.recent.map((one) => ({
      atMs: one.atMs,
      kind: one.reason,
      words: one.detail ?? one.source,
      times: one.times,
      isBad: true,
    })),
    ...snapshot.events
      .filter((event) => event.cluster === cluster.cluster)
      .map((event) => ({
        atMs: event.atMs,
        kind: event.kind,
        words: event.message,
        times: 1,
        isBad: event.kind === 'refused',
      })),
    ...(cluster.lastError === undefined
      ? []
      : [{ atMs: cluster.lastError.atMs, kind: 'error', words: cluster.lastError.message, times: 1, isBad: true }]),
  ]
    .sort((a, b) => b.atMs - a.atMs)
    .slice(0, NOTICES)
  return (
    <Panel title="Errors and notices" more="since the hub started">
      {notices.length === 0 ? <p className="panel-none">Nothing happened since the hub started.</p> : null}
      <table className="table notices">
        <tbody>
          {notices.map((one, index) => (
            <tr key={`${one.atMs}${index}`}>
              <td className="mono">{toMoment(one.atMs, nowMs, zone)}</td>
              <td className={one.isBad ? 'status-degraded' : 'text-2'}>{one.kind}</td>
              <td className="notice-words" title={one.words}>
                <span className="cut">{one.words}</span>
              </td>
              <td className="number text-3">{one.times > 1 ? `${toCount(one.times)} ×` : ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  )
}

/** Where the hub sends on what it gets, signal by signal: how far behind, how much arrived, what did not, and why. */
export function DestinationsPanel({
  destinations,
}: {
  readonly destinations: readonly DestinationSnapshot[]
}): ReactElement {
  return (
    <Panel title="Sends to" more="the hub's store and its destinations; figures are of all clusters">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Destination</th>
            <th scope="col">Signal</th>
            <th scope="col">State</th>
            <th scope="col" className="number">
              Behind
            </th>
            <th scope="col" className="number">
              Delivered
            </th>
            <th scope="col" className="number">
              Left out by rule
            </th>
            <th scope="col" className="number">
              Undelivered
            </th>
            <th scope="col">Last error</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <td>
              <span className="status">
                <StatusGlyph status="healthy" /> store
              </span>
            </td>
            <td className="text-2">all</td>
            <td className="text-2">the hub's own</td>
            <td colSpan={5} />
          </tr>
          {destinations.flatMap((one) =>
            one.signals.map((signal) => (
              <tr key={`${one.name} ${signal.signal}`} data-destination={one.name}>
                <td>
                  <span className="status">
                    <StatusGlyph status={DESTINATION_STATUS[signal.state]} /> {one.name}{' '}
                    <span className="text-3">{one.type}</span>
                  </span>
                </td>
                <td className="text-2">{signal.signal}</td>
                <td className="text-2">{signal.state}</td>
                <td className="number">{toText(toDuration(signal.lagMs))}</td>
                <td className="number">{toCount(signal.delivered)}</td>
                <td className="number text-2">{toCount(signal.filtered)}</td>
                <td className={lostOf(signal) > 0 ? 'number status-degraded' : 'number text-2'}>
                  {toCount(lostOf(signal))}
                </td>
                <td className="notice-words" title={signal.lastError?.message}>
                  <span className="cut">{signal.lastError?.message ?? ''}</span>
                </td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </Panel>
  )
}

const DESTINATION_STATUS: Readonly<Record<DestinationSnapshot['state'], ClusterStatus>> = {
  up: 'healthy',
  starting: 'unknown',
  behind: 'degraded',
  retrying: 'degraded',
  misconfigured: 'cut-off',
  stopped: 'silent',
}

/** What will never be delivered, and what was put aside. */
function lostOf({ undelivered, deadLetters }: DestinationSnapshot['signals'][number]): number {
  return [...Object.values(undelivered), ...Object.values(deadLetters)].reduce((sum, count) => sum + count, 0)
}
