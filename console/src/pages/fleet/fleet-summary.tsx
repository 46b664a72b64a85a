import type { ReactElement, ReactNode } from 'react'
import type { ClusterSnapshot, ClusterStatus, FleetSnapshot } from '../../data/fleet-client.ts'
import { toDuration, toPercent, toRate, toText } from '../../format/quantity.ts'
import { STATUS_ORDER, STATUS_WORDS } from '../../format/status-words.ts'
import { Amount } from '../../parts/amount.tsx'
import { Sparkline } from '../../parts/sparkline.tsx'
import { StatusGlyph } from '../../parts/status.tsx'
import { countByStatus, sumHistory, sumRates, worstLag } from './groups.ts'
import { isAway } from './presence.ts'
import { lastOf, windowOf } from './time-window.ts'

const SIGNALS = [
  { signal: 'metrics', label: 'Metrics' },
  { signal: 'logs', label: 'Logs' },
  { signal: 'traces', label: 'Spans' },
] as const

/** The fleet in one line: how many are how, and what comes in altogether. */
export function FleetSummary(props: {
  readonly snapshot: FleetSnapshot
  readonly clusters: readonly ClusterSnapshot[]
  /** The status whose clusters alone are shown. */
  readonly status: ClusterStatus | undefined
  readonly onStatus: (status: ClusterStatus | undefined) => void
}): ReactElement {
  const { clusters } = props
  const totals = sumRates(clusters)
  const lag = worstLag(clusters)
  const span = windowOf(props.snapshot)
  const balanced = clusters.filter((cluster) => cluster.ledger.balanced && !isAway(cluster)).length
  return (
    <section className="summary" aria-label="Summary">
      <div className="summary-status">
        <span className="label">
          {clusters.length} {clusters.length === 1 ? 'cluster' : 'clusters'} of fleet {props.snapshot.fleet}
        </span>
        <StatusCounts clusters={clusters} status={props.status} onStatus={props.onStatus} />
      </div>
      <div className="summary-facts">
        {SIGNALS.map(({ signal, label }) => (
          <Fact key={signal} label={label}>
            <Amount value={toRate(totals[signal])} />
            <Sparkline
              values={lastOf(sumHistory(clusters, signal), clusters[0]?.history.stepMs ?? span.lengthMs, span)}
              colour="var(--n-8)"
              width={64}
              height={20}
              summary={`${label} of the last ${toText(toDuration(span.lengthMs))}, now ${toText(toRate(totals[signal]))}`}
            />
          </Fact>
        ))}
        <Fact label="Lag, worst cluster">
          {lag === undefined ? (
            <span className="fact-more">no data</span>
          ) : (
            <>
              <Amount value={toDuration(lag.p50Ms)} />
              <span className="unit">p50</span>
              <span className="fact-more">{toText(toDuration(lag.p99Ms))} p99</span>
            </>
          )}
        </Fact>
        <Fact label="Rejected">
          <Amount value={toRate(totals.rejectedPerSecond)} />
          {totals.rejectedPerSecond > 0 ? (
            <span className="fact-more">{toText(toPercent(shareRejected(totals)))} of in</span>
          ) : null}
        </Fact>
        <Fact label="Ledger">
          {balanced}
          <span className="unit">of {clusters.length}</span>
          <span className="fact-more">balanced</span>
        </Fact>
      </div>
    </section>
  )
}

/** Counts of what is there; a press leaves only the clusters of that status, another one brings the others back. */
function StatusCounts(props: {
  readonly clusters: readonly ClusterSnapshot[]
  readonly status: ClusterStatus | undefined
  readonly onStatus: (status: ClusterStatus | undefined) => void
}): ReactElement {
  const counts = countByStatus(props.clusters)
  return (
    <span className="counts">
      {STATUS_ORDER.filter((status) => counts[status] > 0 || status === props.status).map((status) => (
        <button
          key={status}
          type="button"
          className="count"
          data-status={status}
          aria-pressed={status === props.status}
          onClick={() => props.onStatus(status === props.status ? undefined : status)}
        >
          <StatusGlyph status={status} />
          <b className={status === 'healthy' ? 'text-2' : `status-${status}`}>{counts[status]}</b>
          <span className="text-2">{STATUS_WORDS[status].toLowerCase()}</span>
        </button>
      ))}
    </span>
  )
}

function Fact(props: { readonly label: string; readonly children: ReactNode }): ReactElement {
  return (
    <div className="fact">
      <span className="label">{props.label}</span>
      <span className="fact-value">{props.children}</span>
    </div>
  )
}

function shareRejected(totals: ReturnType<typeof sumRates>): number {
  const { metrics, logs, traces, rejectedPerSecond } = totals
  return rejectedPerSecond / (metrics + logs + traces + rejectedPerSecond)
}
