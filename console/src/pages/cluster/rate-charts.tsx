import { type ReactElement, useMemo } from 'react'
import { areaStyle } from '../../charts/area-style.ts'
import { TimeChart } from '../../charts/time-chart.tsx'
import type { ChartModel } from '../../charts/time-chart-model.ts'
import type { ClusterSnapshot } from '../../data/fleet-client.ts'
import { useView } from '../../data/view.tsx'
import { toDuration, toRate, toText } from '../../format/quantity.ts'
import { Amount } from '../../parts/amount.tsx'
import { isAway } from '../fleet/presence.ts'

const SIGNALS = [
  { signal: 'metrics', words: 'Metrics in' },
  { signal: 'logs', words: 'Logs in' },
  { signal: 'traces', words: 'Spans in' },
] as const

const AREA = areaStyle(0.1)

/** What came in of each signal in the last hour, and how long it took; what the hub does not know is a gap. */
export function RateCharts({ cluster }: { readonly cluster: ClusterSnapshot }): ReactElement {
  return (
    <div className="cluster-rates">
      {SIGNALS.map(({ signal, words }) => (
        <RateChart key={signal} cluster={cluster} signal={signal} words={words} />
      ))}
      <LagChart cluster={cluster} />
    </div>
  )
}

function RateChart(props: {
  readonly cluster: ClusterSnapshot
  readonly signal: (typeof SIGNALS)[number]['signal']
  readonly words: string
}): ReactElement {
  const { cluster, signal, words } = props
  const { zone, nowMs } = useView()
  const { history } = cluster
  const model = useMemo((): ChartModel => {
    const values = history[signal]
    const stepS = history.stepMs / 1_000
    const startS = history.startMs / 1_000
    return {
      times: values.map((_, index) => startS + index * stepS),
      kind: 'lines',
      unit: 'per-second',
      axes: { left: { unit: 'per-second', min: 0 } },
      fromS: startS,
      toS: startS + values.length * stepS,
      series: [{ id: signal, name: words, values, colour: 0, style: AREA }],
    }
  }, [history, signal, words])
  return (
    <section className="chart-panel" aria-label={words}>
      <header className="panel-head">
        <h3>{words}</h3>
        <span className="grow" />
        {isAway(cluster) ? <span className="text-3">no data</span> : <Amount value={toRate(cluster.rates[signal])} />}
      </header>
      <TimeChart
        model={model}
        zone={zone}
        nowMs={nowMs}
        summary={`${words} of ${cluster.cluster}, now ${toText(toRate(cluster.rates[signal]))}`}
      />
    </section>
  )
}

const SERIES = [
  { key: 'lagP50Ms', name: 'p50', colour: 0 },
  { key: 'lagP99Ms', name: 'p99', colour: 1 },
] as const

/** From collected at the edge to found by queries. */
function LagChart({ cluster }: { readonly cluster: ClusterSnapshot }): ReactElement {
  const { history, lag } = cluster
  const { zone, nowMs } = useView()
  const model = useMemo((): ChartModel => {
    const stepS = history.stepMs / 1_000
    const startS = history.startMs / 1_000
    return {
      times: history.lagP99Ms.map((_, index) => startS + index * stepS),
      kind: 'lines',
      unit: 'seconds',
      fromS: startS,
      toS: startS + history.lagP99Ms.length * stepS,
      series: SERIES.map(({ key, name, colour }) => ({
        id: name,
        name,
        values: history[key].map((ms) => (ms === null ? null : ms / 1_000)),
        colour,
      })),
    }
  }, [history])
  const isKnown = lag !== undefined && !isAway(cluster)
  return (
    <section className="chart-panel" aria-label="Lag, edge to query">
      <header className="panel-head">
        <h3>Lag</h3>
        <span className="grow" />
        {isKnown ? (
          <>
            <i className="swatch-line" style={{ background: 'var(--series-1)' }} />
            <span className="text-3">p50</span> <Amount value={toDuration(lag.p50Ms)} />
            <i className="swatch-line" style={{ background: 'var(--series-2)' }} />
            <span className="text-3">p99</span> <Amount value={toDuration(lag.p99Ms)} />
          </>
        ) : (
          <span className="text-3">no data</span>
        )}
      </header>
      <TimeChart
        model={model}
        zone={zone}
        nowMs={nowMs}
        summary={`Lag of ${cluster.cluster}, ${isKnown ? `now p50 ${toText(toDuration(lag.p50Ms))}, p99 ${toText(toDuration(lag.p99Ms))}` : 'unknown now'}`}
      />
    </section>
  )
}
