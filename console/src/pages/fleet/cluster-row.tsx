import type { ReactElement } from 'react'
import type { ClusterSnapshot, ClusterStatus, FleetSnapshot } from '../../data/fleet-client.ts'
import { toBytes, toDuration, toRate, toText } from '../../format/quantity.ts'
import { Amount } from '../../parts/amount.tsx'
import { LedgerBar } from '../../parts/ledger-bar.tsx'
import { Sparkline } from '../../parts/sparkline.tsx'
import { Status } from '../../parts/status.tsx'

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

interface RowProps {
  readonly cluster: ClusterSnapshot
  readonly snapshot: FleetSnapshot
  readonly selected: boolean
  readonly onSelect: () => void
}

export function ClusterRow(props: RowProps): ReactElement {
  const { cluster, snapshot } = props
  const why = cluster.reason
  const classes = [props.selected ? 'selected' : '', why === undefined ? '' : 'has-why'].join(' ')
  return (
    <>
      <tr className={`cluster-row ${classes}`} data-cluster={cluster.cluster} onClick={props.onSelect}>
        <td>
          <Status status={cluster.status} />
        </td>
        <td>
          <button type="button" className="cluster-name" aria-expanded={props.selected}>
            {cluster.cluster}
          </button>
          {cluster.cluster === snapshot.hub.cluster ? <span className="tag">hub</span> : null}
        </td>
        <td>
          <Sparkline
            values={cluster.history.metrics}
            colour={LINE[cluster.status]}
            summary={`metrics of the last hour, now ${toText(toRate(cluster.rates.metrics))}`}
          />
        </td>
        <Rates cluster={cluster} />
        <td className="number">{cluster.lag === undefined ? <Missing word="unknown" /> : <Lag cluster={cluster} />}</td>
        <td className="number">
          {cluster.queue === undefined ? <Missing word="unknown" /> : <Amount value={toBytes(cluster.queue.bytes)} />}
        </td>
        <td className={`number ${cluster.rejected.perSecond > 0 ? 'status-degraded' : 'text-3'}`}>
          <Amount
            value={cluster.rejected.perSecond > 0 ? toRate(cluster.rejected.perSecond) : { digits: '0', unit: '' }}
          />
        </td>
        <td>
          <span className="ledger-cell">
            <LedgerBar ledger={cluster.ledger} />
            <span className="text-3 narrow-away">{ledgerWord(cluster)}</span>
          </span>
        </td>
        <td className="number">
          <Certificate cluster={cluster} nowMs={snapshot.nowMs} />
        </td>
        <td className="number text-2 narrow-away">
          {cluster.edges.filter(({ connected }) => connected).length}/{cluster.edges.length}
        </td>
        <td className="number text-2 narrow-away">
          {cluster.heardAtMs === undefined ? (
            <Missing word="never" />
          ) : (
            <Amount value={toDuration(Math.max(0, snapshot.nowMs - cluster.heardAtMs))} />
          )}
        </td>
      </tr>
      {why === undefined ? null : (
        <tr className={`why-row ${props.selected ? 'selected' : ''}`} onClick={props.onSelect}>
          <td />
          <td colSpan={12} className="text-2">
            {why}
          </td>
        </tr>
      )}
    </>
  )
}

function Rates({ cluster }: { readonly cluster: ClusterSnapshot }): ReactElement {
  if (cluster.heardAtMs === undefined || cluster.status === 'silent') {
    return (
      <>
        <td className="number">
          <Missing word="no data" />
        </td>
        <td />
        <td />
      </>
    )
  }
  return (
    <>
      <td className="number">
        <Amount value={toRate(cluster.rates.metrics)} />
      </td>
      <td className="number">
        <Amount value={toRate(cluster.rates.logs)} />
      </td>
      <td className="number">
        <Amount value={toRate(cluster.rates.traces)} />
      </td>
    </>
  )
}

function Lag({ cluster }: { readonly cluster: ClusterSnapshot }): ReactElement {
  const p99Ms = cluster.lag?.p99Ms ?? 0
  return (
    <span className={p99Ms > 30_000 ? 'status-degraded' : ''}>
      <Amount value={toDuration(p99Ms)} />
    </span>
  )
}

function Certificate(props: { readonly cluster: ClusterSnapshot; readonly nowMs: number }): ReactElement {
  const { certificate } = props.cluster
  if (certificate === undefined) return <Missing word="unknown" />
  const leftMs = certificate.notAfterMs - props.nowMs
  if (leftMs <= 0) return <span className="status-cut-off">ended</span>
  return (
    <span className={leftMs < CERTIFICATE_SOON_MS ? 'status-degraded' : ''}>
      <Amount value={toDuration(leftMs)} />
    </span>
  )
}

function ledgerWord({ ledger, status }: ClusterSnapshot): string {
  if (ledger.accepted === 0) return 'nothing yet'
  if (status === 'silent') return 'open'
  return ledger.balanced ? 'balanced' : 'not balanced'
}

function Missing({ word }: { readonly word: string }): ReactElement {
  return <span className="text-3">{word}</span>
}
