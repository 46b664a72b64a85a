import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { fetchLabelNames, fetchLabelValues, fetchMetadata } from '../../data/prometheus/client.ts'
import { useView } from '../../data/view.tsx'
import { Drawer } from '../../parts/drawer.tsx'
import { Failure, Skeleton } from '../../parts/states.tsx'

const SHOWN = 200
const VALUES = 40

/** What metrics there are: names with their help, and the labels and values of the chosen one. */
export function MetricBrowser(props: {
  readonly onUse: (selector: string) => void
  readonly onClose: () => void
}): ReactElement {
  const { interval, tenant } = useView()
  const [find, setFind] = useState('')
  const [metric, setMetric] = useState<string>()
  const names = useQuery({
    queryKey: ['prometheus', 'names', minuteOf(interval.fromMs), minuteOf(interval.toMs), tenant],
    queryFn: ({ signal }) => fetchLabelValues('__name__', [], interval, { signal, tenant }),
  })
  const help = useQuery({
    queryKey: ['prometheus', 'metadata', tenant],
    queryFn: ({ signal }) => fetchMetadata({ signal, tenant }),
    staleTime: 300_000,
  })
  const words = find.toLowerCase().split(/\s+/).filter(Boolean)
  const matching = (names.data ?? []).filter((name) => words.every((word) => name.toLowerCase().includes(word)))
  return (
    <Drawer
      label="Metrics"
      head={<h2>Metrics {names.data === undefined ? '' : matching.length}</h2>}
      onClose={props.onClose}
    >
      <div className="drawer-body">
        <input
          className="input"
          aria-label="Find a metric"
          placeholder="Find a metric"
          data-find
          autoFocus
          value={find}
          onChange={(event) => setFind(event.target.value)}
        />
        <div className="browser-list">
          {names.isPending ? <Skeleton label="Loading metrics" rows={10} /> : null}
          {names.isError ? <Failure reason={names.error} onRetry={() => void names.refetch()} /> : null}
          {matching.slice(0, SHOWN).map((name) => (
            <div key={name}>
              <button
                type="button"
                className="browser-item"
                aria-expanded={name === metric}
                onClick={() => setMetric(name === metric ? undefined : name)}
              >
                <b>{name}</b>
                <span className="text-3">
                  {help.data?.[name]?.type ?? ''} {help.data?.[name]?.help ?? ''}
                </span>
              </button>
              {name === metric ? <MetricLabels metric={name} onUse={props.onUse} /> : null}
            </div>
          ))}
          {matching.length > SHOWN ? <p className="text-3 menu-none">{matching.length - SHOWN} more</p> : null}
          {names.isSuccess && matching.length === 0 ? (
            <p className="text-3 menu-none">No metric has these words in its name.</p>
          ) : null}
        </div>
      </div>
    </Drawer>
  )
}

function MetricLabels({
  metric,
  onUse,
}: {
  readonly metric: string
  readonly onUse: (selector: string) => void
}): ReactElement {
  const { interval, tenant } = useView()
  const [label, setLabel] = useState<string>()
  const [chosen, setChosen] = useState<ReadonlyMap<string, string>>(new Map())
  const match = [`{__name__=${JSON.stringify(metric)}}`]
  const labels = useQuery({
    queryKey: ['prometheus', 'labels', metric, minuteOf(interval.fromMs), tenant],
    queryFn: ({ signal }) => fetchLabelNames(match, interval, { signal, tenant }),
  })
  const values = useQuery({
    queryKey: ['prometheus', 'values', metric, label, minuteOf(interval.fromMs), tenant],
    queryFn: ({ signal }) => fetchLabelValues(label ?? '', match, interval, { signal, tenant }),
    enabled: label !== undefined,
  })
  const matchers = [...chosen].map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  const selector = matchers.length === 0 ? metric : `${metric}{${matchers.join(', ')}}`
  return (
    <div>
      <div className="browser-values">
        {(labels.data ?? [])
          .filter((name) => name !== '__name__')
          .map((name) => (
            <button
              key={name}
              type="button"
              className="value-button"
              aria-pressed={name === label}
              onClick={() => setLabel(name === label ? undefined : name)}
            >
              {chosen.has(name) ? `${name}=${chosen.get(name) ?? ''}` : name}
            </button>
          ))}
        {labels.isPending ? <span className="text-3">loading labels</span> : null}
      </div>
      {label === undefined ? null : (
        <div className="browser-values">
          {(values.data ?? []).slice(0, VALUES).map((value) => (
            <button
              key={value}
              type="button"
              className="value-button"
              aria-pressed={chosen.get(label) === value}
              title={value}
              onClick={() =>
                setChosen(
                  new Map(
                    chosen.get(label) === value
                      ? [...chosen].filter(([name]) => name !== label)
                      : [...chosen, [label, value]],
                  ),
                )
              }
            >
              {value}
            </button>
          ))}
          {(values.data?.length ?? 0) > VALUES ? (
            <span className="text-3">{(values.data?.length ?? 0) - VALUES} more</span>
          ) : null}
        </div>
      )}
      <div className="browser-values">
        <button type="button" className="button button-small" onClick={() => onUse(selector)}>
          Use {matchers.length === 0 ? 'metric' : 'selector'}
        </button>
        <button
          type="button"
          className="button button-small"
          onClick={() => onUse(`sum by (cluster) (rate(${selector}[5m]))`)}
        >
          Use rate by cluster
        </button>
      </div>
    </div>
  )
}

function minuteOf(ms: number): number {
  return Math.floor(ms / 60_000)
}
