import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type ReactElement, useMemo, useState } from 'react'
import { FocusedSeries } from '../../charts/focused-series.ts'
import { TimeChart } from '../../charts/time-chart.tsx'
import { queryLogMetric } from '../../data/loki/client.ts'
import { alignGrid, chooseStep } from '../../data/prometheus/matrix.ts'
import { useView } from '../../data/view.tsx'
import { ChartSkeleton, Empty, Failure, Notes } from '../../parts/states.tsx'
import { modelOf, nameAnswer } from '../metrics/panels.ts'
import { SeriesTable } from '../metrics/series-table.tsx'

const POINTS = 240
const NONE: ReadonlySet<string> = new Set()

/** A query that gives numbers is a chart, also on this page. */
export function LogMetric({ query }: { readonly query: string }): ReactElement {
  const view = useView()
  const [focus] = useState(() => new FocusedSeries())
  const stepS = chooseStep(view.interval.toMs - view.interval.fromMs, POINTS)
  const grid = useMemo(() => alignGrid(view.interval, stepS), [view.interval, stepS])
  const result = useQuery({
    queryKey: ['loki', 'metric', query, grid, view.tenant],
    queryFn: ({ signal }) => queryLogMetric(query, grid, { signal, tenant: view.tenant }),
    placeholderData: keepPreviousData,
  })
  const shown = useMemo(() => {
    if (result.data === undefined) return undefined
    const answer = { ...result.data, infos: [], bytes: 0, stats: undefined, raw: undefined }
    const series = nameAnswer(answer, query)
    const model = modelOf({ letter: 'A', query, series }, answer, {
      kind: 'lines',
      unit: 'short',
      fromS: view.interval.fromMs / 1_000,
      toS: view.interval.toMs / 1_000,
      hidden: NONE,
      exemplars: [],
    })
    return { series, model, queries: [{ letter: 'A', unit: 'short' as const, series }] }
  }, [result.data, query, view.interval])
  if (result.isError) return <Failure reason={result.error} onRetry={() => void result.refetch()} />
  if (shown === undefined) return <ChartSkeleton />
  if (shown.series.length === 0)
    return <Empty title="No lines to count">Nothing in this range matches the query.</Empty>
  return (
    <div className="results">
      <Notes warnings={result.data?.warnings ?? []} />
      <div className="chart-panels main">
        <section className="chart-panel" aria-label="Chart">
          <TimeChart
            model={shown.model}
            zone={view.zone}
            nowMs={view.nowMs}
            summary={`${shown.series.length} series of ${query}`}
            onZoom={view.zoom}
            onUnzoom={view.unzoom}
            onFocus={(id) => focus.set(id)}
          />
        </section>
      </div>
      <SeriesTable queries={shown.queries} scope={view.scope} hidden={NONE} focus={focus} onHidden={() => undefined} />
    </div>
  )
}
