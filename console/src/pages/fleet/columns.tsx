import type { ReactElement, ReactNode } from 'react'
import type { ClusterSnapshot, ClusterStatus, FleetSnapshot } from '../../data/fleet-client.ts'
import { type Quantity, toAge, toBytes, toDuration, toRate, toText } from '../../format/quantity.ts'
import { Amount } from '../../parts/amount.tsx'
import { LedgerBar } from '../../parts/ledger-bar.tsx'
import { Sparkline } from '../../parts/sparkline.tsx'
import { Status } from '../../parts/status.tsx'
import type { FittingColumn } from './fit-columns.ts'
import { isAway } from './presence.ts'
import { lastOf, windowOf } from './time-window.ts'

export interface FleetColumn extends FittingColumn {
  readonly id: string
  readonly head: ReactNode | ((snapshot: FleetSnapshot) => ReactNode)
  readonly number?: boolean
  /** The signal whose sum stands in the row of a group. */
  readonly sums?: 'metrics' | 'logs' | 'traces'
  readonly cell: (cluster: ClusterSnapshot, snapshot: FleetSnapshot) => ReactNode
}

/** The line's colour follows the row's status; a healthy one is grey. */
const LINE: Readonly<Record<ClusterStatus, string>> = {
  healthy: 'var(--n-8)',
  unknown: 'var(--n-8)',
  degraded: 'var(--status-degraded)',
  silent: 'var(--status-silent)',
  'cut-off': 'var(--status-cutoff)',
}

/** A certificate with less than this left is worth a colour. */
const CERTIFICATE_SOON_MS = 24 * 3_600_000
const LAG_LIMIT_MS = 30_000

/** All that a row says of its cluster. Widths hold the longest text, so that columns stand still while numbers change. */
export const FLEET_COLUMNS: readonly FleetColumn[] = [
  { id: 'status', head: 'Status', width: 104, cell: ({ status }) => <Status status={status} /> },
  // The name takes what is left; this is the least.
  { id: 'cluster', head: 'Cluster', width: 144, cell: () => null },
  { id: 'history', head: nameHistory, width: 124, leaves: 5, cell: renderHistory },
  { id: 'metrics', head: 'Metrics', width: 74, number: true, sums: 'metrics', cell: renderRate('metrics') },
  { id: 'logs', head: 'Logs', width: 70, number: true, sums: 'logs', cell: renderRate('logs') },
  { id: 'spans', head: 'Spans', width: 70, number: true, sums: 'traces', cell: renderRate('traces') },
  { id: 'lag', head: 'Lag p99', width: 86, number: true, cell: renderLag },
  { id: 'queue', head: 'Queue', width: 80, number: true, cell: renderQueue },
  { id: 'rejected', head: 'Rejected', width: 74, number: true, leaves: 8, cell: renderRejected },
  { id: 'ledger', head: 'Ledger', width: 90, leaves: 6, cell: renderLedger },
  { id: 'books', head: <span className="hidden">Ledger in words</span>, width: 86, leaves: 1, cell: renderBooks },
  { id: 'certificate', head: 'Certificate', width: 84, number: true, leaves: 7, cell: renderCertificate },
  { id: 'error', head: 'Last error', width: 78, number: true, leaves: 2, cell: renderLastError },
  { id: 'edges', head: 'Edges', width: 56, number: true, leaves: 3, cell: renderEdges },
  { id: 'heard', head: 'Heard', width: 70, number: true, leaves: 4, cell: renderHeard },
]

function nameHistory(snapshot: FleetSnapshot): string {
  return `Metrics in, last ${toText(toDuration(windowOf(snapshot).lengthMs))}`
}

function renderHistory(cluster: ClusterSnapshot, snapshot: FleetSnapshot): ReactElement {
  const now = isAway(cluster) ? 'no data now' : `now ${toText(toRate(cluster.rates.metrics))}`
  return (
    <Sparkline
      values={lastOf(cluster.history.metrics, cluster.history.stepMs, windowOf(snapshot))}
      colour={LINE[cluster.status]}
      summary={`${nameHistory(snapshot)}, ${now}`}
    />
  )
}

function renderRate(signal: 'metrics' | 'logs' | 'traces'): (cluster: ClusterSnapshot) => ReactNode {
  return (cluster) => {
    if (!isAway(cluster)) return <Amount value={toRate(cluster.rates[signal])} />
    // Once is enough for the three of them.
    return signal === 'metrics' ? <Missing word="no data" /> : null
  }
}

/** Of a silent cluster, what is late is everything since it was last heard. */
function renderLag(cluster: ClusterSnapshot, { nowMs }: FleetSnapshot): ReactElement {
  const { status, heardAtMs, lag } = cluster
  if (status === 'cut-off') return <Missing word="n/a" />
  if (status === 'silent' && heardAtMs !== undefined)
    return <Toned value={toDuration(nowMs - heardAtMs)} tone="silent" />
  if (heardAtMs === undefined) return <Missing word="unknown" />
  if (lag === undefined) return <Missing word="no data" />
  return <Toned value={toDuration(lag.p99Ms)} tone={lag.p99Ms > LAG_LIMIT_MS ? 'degraded' : undefined} />
}

function renderQueue(cluster: ClusterSnapshot): ReactElement {
  const { queue } = cluster
  if (queue === undefined || isAway(cluster)) return <Missing word="unknown" />
  return <Toned value={toBytes(queue.bytes)} tone={queue.bytes > queue.limitBytes / 2 ? 'degraded' : undefined} />
}

function renderRejected(cluster: ClusterSnapshot): ReactElement {
  const { perSecond } = cluster.rejected
  if (perSecond > 0) return <Toned value={toRate(perSecond)} tone="degraded" />
  return <Missing word={isAway(cluster) ? 'n/a' : '0'} />
}

function renderLedger(cluster: ClusterSnapshot): ReactElement {
  return <LedgerBar ledger={cluster.ledger} isOpen={isAway(cluster)} />
}

function renderBooks(cluster: ClusterSnapshot): ReactElement {
  if (cluster.heardAtMs === undefined) return <Missing word="nothing yet" />
  if (!cluster.ledger.balanced) return <span className="status-silent">not balanced</span>
  return isAway(cluster) ? <span>open</span> : <Missing word="balanced" />
}

function renderCertificate({ certificate }: ClusterSnapshot, { nowMs }: FleetSnapshot): ReactElement {
  if (certificate === undefined) return <Missing word="unknown" />
  const leftMs = certificate.notAfterMs - nowMs
  if (leftMs <= 0) return <span className="status-cut-off">ended</span>
  return <Toned value={toAge(leftMs)} tone={leftMs < CERTIFICATE_SOON_MS ? 'degraded' : undefined} />
}

function renderLastError({ lastError }: ClusterSnapshot, { nowMs }: FleetSnapshot): ReactElement {
  if (lastError === undefined) return <Missing word="none" />
  return (
    <span className="text-2" title={lastError.message}>
      <Amount value={toAge(nowMs - lastError.atMs)} />
    </span>
  )
}

function renderEdges({ edges, status }: ClusterSnapshot): ReactElement {
  if (edges.length === 0) return <Missing word="none" />
  const connected = edges.filter((edge) => edge.connected).length
  const tone = connected === edges.length ? 'text-2' : `status-${status === 'healthy' ? 'degraded' : status}`
  return (
    <span className={tone}>
      {connected}/{edges.length}
    </span>
  )
}

function renderHeard({ heardAtMs, status }: ClusterSnapshot, { nowMs }: FleetSnapshot): ReactElement {
  if (heardAtMs === undefined) return <Missing word="never" />
  return <Toned value={toAge(nowMs - heardAtMs)} tone={status === 'silent' ? 'silent' : 'quiet'} />
}

function Toned(props: { readonly value: Quantity; readonly tone: ClusterStatus | 'quiet' | undefined }): ReactElement {
  const { tone } = props
  return (
    <span className={tone === undefined ? '' : tone === 'quiet' ? 'text-2' : `status-${tone}`}>
      <Amount value={props.value} />
    </span>
  )
}

function Missing({ word }: { readonly word: string }): ReactElement {
  return <span className="text-3">{word}</span>
}
