import type { ReactElement, ReactNode } from 'react'
import type { ClusterSnapshot, FleetSnapshot } from '../../data/fleet-client.ts'
import { toDuration, toRate, toText } from '../../format/quantity.ts'
import { Amount } from '../../parts/amount.tsx'
import { Sparkline } from '../../parts/sparkline.tsx'
import { STATUS_ORDER, STATUS_WORDS, StatusGlyph } from '../../parts/status.tsx'
import { countByStatus, sumHistory, sumRates } from './groups.ts'

/** The fleet in one line: how many are how, and what comes in altogether. */
export function FleetSummary(props: {
  readonly snapshot: FleetSnapshot
  readonly clusters: readonly ClusterSnapshot[]
}): ReactElement {
  const counts = countByStatus(props.clusters)
  const totals = sumRates(props.clusters)
  const lags = props.clusters.flatMap(({ lag }) => (lag === undefined ? [] : [lag]))
  const balanced = props.clusters.filter(({ ledger }) => ledger.balanced).length
  return (
    <section className="summary" aria-label="Summary">
      <div className="summary-status">
        <span className="label">
          {props.clusters.length} {props.clusters.length === 1 ? 'cluster' : 'clusters'} of {props.snapshot.fleet}
        </span>
        <span className="counts">
          {STATUS_ORDER.filter((status) => counts[status] > 0).map((status) => (
            <span key={status} className="count">
              <StatusGlyph status={status} />
              <b>{counts[status]}</b> <span className="text-2">{STATUS_WORDS[status].toLowerCase()}</span>
            </span>
          ))}
        </span>
      </div>
      <span className="grow" />
      {(['metrics', 'logs', 'traces'] as const).map((signal) => (
        <Fact key={signal} label={signal === 'traces' ? 'Spans' : signal === 'logs' ? 'Logs' : 'Metrics'}>
          <Amount value={toRate(totals[signal])} />
          <Sparkline
            values={sumHistory(props.clusters, signal)}
            colour="var(--n-8)"
            width={64}
            summary={`${signal}: ${toText(toRate(totals[signal]))} now`}
          />
        </Fact>
      ))}
      <Fact label="Lag, edge to query">
        {lags.length === 0 ? (
          <span className="text-3">unknown</span>
        ) : (
          <>
            <Amount value={toDuration(Math.max(...lags.map(({ p50Ms }) => p50Ms)))} />
            <span className="fact-more">p50</span>
            <span className="fact-more">{toText(toDuration(Math.max(...lags.map(({ p99Ms }) => p99Ms))))} p99</span>
          </>
        )}
      </Fact>
      <Fact label="Rejected">
        <Amount value={toRate(totals.rejectedPerSecond)} />
      </Fact>
      <Fact label="Ledger">
        {balanced}
        <span className="fact-more">of {props.clusters.length}</span>
        <span className="fact-more">balanced</span>
      </Fact>
    </section>
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
