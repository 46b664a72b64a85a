import { useNavigate } from '@tanstack/react-router'
import { type ReactElement, useCallback, useMemo, useState } from 'react'
import { FocusedSeries } from '../../charts/focused-series.ts'
import type { InstantAnswer, RangeAnswer } from '../../data/prometheus/client.ts'
import { useStableList } from '../../data/stable-list.ts'
import { describeInterval } from '../../data/time-range.ts'
import { useView } from '../../data/view.tsx'
import { guessUnit, isUnit, type Unit } from '../../format/units.ts'
import { ChartSkeleton, Empty, Failure, Notes } from '../../parts/states.tsx'
import { InstantTable } from './instant-table.tsx'
import { MetricPanel } from './metric-panels.tsx'
import { type NamedSeries, nameAnswer, splitPanels } from './panels.ts'
import { letterOf, type MetricsSearch } from './search.ts'
import { SeriesTable } from './series-table.tsx'
import type { QueryState } from './use-metric-queries.ts'

const EXAMPLES = [
  'sum by (cluster) (rate(fleetglass_fleet_accepted_items_total[5m]))',
  'histogram_quantile(0.99, sum by (le, cluster) (rate(http_server_request_duration_seconds_bucket[5m])))',
  'up',
]
/** Charts beyond these would be too small to read, and too many to draw. */
const MOST_PANELS = 24

export interface ResultsProps {
  readonly search: MetricsSearch
  /** As they were asked, and as they were written. */
  readonly queries: readonly string[]
  readonly written: readonly string[]
  readonly hidden: readonly string[]
  readonly ranges: readonly QueryState<RangeAnswer>[]
  readonly instants: readonly QueryState<InstantAnswer>[]
  readonly onExample: (query: string) => void
  readonly onBrowse: () => void
}

/** Charts, tables, and every state that stands for them. */
export function MetricsResults(props: ResultsProps): ReactElement {
  const { search, queries } = props
  const isInstant = search.instant === '1'
  const states = isInstant ? props.instants : props.ranges
  const asked = states.filter((_, index) => isShown(props, index))
  if (queries.every((query) => query.trim() === '')) return <Start {...props} />
  if (asked.length === 0) return <Empty title="All queries are hidden">Show one with its eye.</Empty>
  const failed = asked.find(({ error }) => error !== null)
  if (failed?.error !== null && failed !== undefined && asked.every(({ answer }) => answer === undefined))
    return <Failure reason={failed.error} onRetry={failed.retry} />
  if (asked.every(({ isLoading }) => isLoading)) return <ChartSkeleton />
  const warnings = unique(asked.flatMap(({ answer }) => answer?.warnings ?? []))
  const infos = unique(asked.flatMap(({ answer }) => answer?.infos ?? []))
  return (
    <div className={asked.some(({ isOld }) => isOld) ? 'results results-asking' : 'results'}>
      <Notes warnings={warnings} infos={infos} />
      {isInstant ? <InstantResults {...props} /> : <RangeResults {...props} />}
    </div>
  )
}

function isShown(props: ResultsProps, index: number): boolean {
  return (props.queries[index] ?? '').trim() !== '' && !props.hidden.includes(letterOf(index))
}

function InstantResults(props: ResultsProps): ReactElement {
  return (
    <>
      {props.instants.map(({ answer }, index) =>
        answer === undefined || !isShown(props, index) ? null : (
          <InstantTable key={letterOf(index)} letter={letterOf(index)} answer={answer} />
        ),
      )}
    </>
  )
}

interface Shown {
  readonly letter: string
  readonly query: string
  readonly unit: Unit
  readonly answer: RangeAnswer
  readonly series: readonly NamedSeries[]
}

function RangeResults(props: ResultsProps): ReactElement {
  const { search } = props
  const navigate = useNavigate()
  const view = useView()
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set())
  const [focus] = useState(() => new FocusedSeries())
  const focusOn = useCallback((id: string | undefined) => focus.set(id), [focus])
  const shown = useShown(props)
  const total = shown.reduce((sum, { series }) => sum + series.length, 0)
  const panels = useMemo(
    () =>
      shown.flatMap((one) =>
        splitPanels(one.letter, one.query, one.series, search.split).map((panel) => ({ ...one, panel })),
      ),
    [shown, search.split],
  )
  const histograms = shown.some(({ answer }) => answer.series.some((series) => series.histograms !== undefined))
  if (total === 0) return <NoSeries query={props.written[0] ?? ''} />
  return (
    <>
      {histograms && search.view !== 'heatmap' ? (
        <Notes
          warnings={[]}
          infos={['Some series are native histograms: a line cannot show them. Choose Heatmap, or take a quantile.']}
        />
      ) : null}
      {search.view === 'table' ? null : (
        <div className={`chart-panels ${search.split === undefined ? 'main' : 'split'}`}>
          {panels.slice(0, MOST_PANELS).map(({ panel, answer, unit }) => (
            <MetricPanel
              key={`${panel.letter}${panel.part ?? ''}`}
              panel={panel}
              answer={answer}
              kind={search.view === undefined || search.view === 'table' ? 'lines' : search.view}
              unit={unit}
              hidden={hidden}
              withExemplars={search.noex === undefined}
              onFocus={focusOn}
              onTrace={(traceId) => void navigate({ to: '/explore/traces/$traceId', params: { traceId }, search: {} })}
            />
          ))}
        </div>
      )}
      <SeriesTable queries={shown} scope={view.scope} hidden={hidden} focus={focus} onHidden={setHidden} />
    </>
  )
}

function useShown(props: ResultsProps): readonly Shown[] {
  const { search } = props
  const answers = useStableList(props.ranges.map(({ answer }) => answer))
  const queries = useStableList(props.queries)
  const written = useStableList(props.written)
  const hidden = useStableList(props.hidden)
  return useMemo(
    () =>
      answers.flatMap((answer, index) => {
        const query = queries[index] ?? ''
        const letter = letterOf(index)
        if (answer === undefined || query.trim() === '' || hidden.includes(letter)) return []
        const unit = search.unit !== undefined && isUnit(search.unit) ? search.unit : guessUnit(query)
        return [{ letter, query: written[index] ?? query, unit, answer, series: nameAnswer(answer, query) }]
      }),
    [answers, queries, written, hidden, search.unit],
  )
}

function NoSeries({ query }: { readonly query: string }): ReactElement {
  const view = useView()
  const isNarrow = view.scope.clusters.length + view.scope.environments.length > 0
  return (
    <Empty
      title={`No series in ${describeInterval(view.interval, view.nowMs, view.zone)}`}
      actions={
        <>
          <button type="button" className="button" onClick={() => view.setRange({ from: 'now-7d', to: 'now' })}>
            Last 7 d
          </button>
          {isNarrow ? (
            <button type="button" className="button" onClick={() => view.setScope({ environments: [], clusters: [] })}>
              All clusters
            </button>
          ) : null}
        </>
      }
    >
      Nothing that was stored matches <code>{query}</code>. Look at the names and label values.
    </Empty>
  )
}

function Start(props: ResultsProps): ReactElement {
  return (
    <Empty
      title="Ask for metrics"
      actions={
        <button type="button" className="button" onClick={props.onBrowse}>
          Browse metrics
        </button>
      }
    >
      Write PromQL above and press Enter. It is answered over all clusters that the top bar names. To begin with:
      <span className="examples">
        {EXAMPLES.map((query) => (
          <button key={query} type="button" className="link mono-text" onClick={() => props.onExample(query)}>
            {query}
          </button>
        ))}
      </span>
    </Empty>
  )
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}
