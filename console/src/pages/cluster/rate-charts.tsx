import { type ReactElement, useMemo } from 'react'
import { TimeChart } from '../../charts/time-chart.tsx'
import type { ChartModel } from '../../charts/time-chart-model.ts'
import type { ClusterSnapshot } from '../../data/fleet-client.ts'
import { useView } from '../../data/view.tsx'
import { toRate, toText } from '../../format/quantity.ts'
import { Amount } from '../../parts/amount.tsx'
import { isAway } from '../fleet/presence.ts'

const SIGNALS = [
  { signal: 'metrics', words: 'Metrics in' },
  { signal: 'logs', words: 'Logs in' },
  { signal: 'traces', words: 'Spans in' },
] as const

/** What came in of each signal in the last hour; what the hub does not know is a gap. */
export function RateCharts({ cluster }: { readonly cluster: ClusterSnapshot }): ReactElement {
  return (
    <div className="cluster-rates">
      {SIGNALS.map(({ signal, words }) => (
        <RateChart key={signal} cluster={cluster} signal={signal} words={words} />
      ))}
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
      kind: 'stacked',
      unit: 'per-second',
      fromS: startS,
      toS: startS + values.length * stepS,
      series: [{ id: signal, name: words, values, colour: 0 }],
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
