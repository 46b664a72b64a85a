import { type ReactElement, useMemo } from 'react'
import { heatOf } from '../../charts/heat.ts'
import { Heatmap, HeatLegend } from '../../charts/heatmap.tsx'
import { TimeChart } from '../../charts/time-chart.tsx'
import { type ChartKind, statsOf } from '../../charts/time-chart-model.ts'
import { fitsExemplars } from '../../data/prometheus/exemplar-scale.ts'
import { gridTimes } from '../../data/prometheus/matrix.ts'
import type { RangeAnswer } from '../../data/prometheus/client.ts'
import { useView } from '../../data/view.tsx'
import { toText } from '../../format/quantity.ts'
import { toQuantity, type Unit, UNIT_WORDS } from '../../format/units.ts'
import { Empty } from '../../parts/states.tsx'
import { modelOf, type Panel } from './panels.ts'
import { useExemplars } from './use-metric-queries.ts'

/** One chart with its head. */
export function MetricPanel(props: {
  readonly panel: Panel
  readonly answer: RangeAnswer
  readonly kind: ChartKind | 'heatmap'
  readonly unit: Unit
  readonly hidden: ReadonlySet<string>
  readonly withExemplars: boolean
  readonly onFocus: (id: string | undefined) => void
  readonly onTrace: (traceId: string) => void
}): ReactElement {
  const { panel, answer, unit } = props
  const view = useView()
  const wantsExemplars = props.withExemplars && props.kind !== 'heatmap' && fitsExemplars(panel.query)
  const exemplars = useExemplars(panel.query, answer.grid, view.tenant, wantsExemplars)
  const kind = props.kind === 'heatmap' ? 'lines' : props.kind
  const model = useMemo(
    () =>
      modelOf(panel, answer, {
        kind,
        unit,
        fromS: view.interval.fromMs / 1_000,
        toS: view.interval.toMs / 1_000,
        hidden: props.hidden,
        exemplars,
      }),
    [panel, answer, kind, unit, view.interval, props.hidden, exemplars],
  )
  const heat = useMemo(
    () => (props.kind === 'heatmap' ? heatOf(gridTimes(answer.grid), answer.series) : undefined),
    [answer, props.kind],
  )
  const hasExemplars = (model.exemplars?.length ?? 0) > 0
  return (
    <section className="chart-panel" aria-label={`Chart of ${panel.letter}`} data-panel={panel.letter}>
      <header className="panel-head">
        <span className="panel-letter">{panel.letter}</span>
        <h2 className="panel-title" title={panel.query}>
          {panel.part ?? panel.query}
        </h2>
        <span className="text-3">{unit === 'none' ? '' : UNIT_WORDS[unit]}</span>
        <span className="grow" />
        {heat === undefined ? null : <HeatLegend heat={heat} />}
        {hasExemplars ? <span className="chart-legend">◆ exemplar, opens its trace</span> : null}
        <span className="chart-legend text-3">step {answer.grid.stepS} s</span>
      </header>
      {props.kind === 'heatmap' ? (
        heat === undefined ? (
          <Empty title="These series are no histogram">
            A heat map needs buckets: series with the label le, or native histograms. Leave out histogram_quantile, and
            keep le in sum by.
          </Empty>
        ) : (
          <Heatmap heat={heat} unit={unit} zone={view.zone} summary={`Heat map of ${panel.query}`} />
        )
      ) : (
        <TimeChart
          model={model}
          zone={view.zone}
          nowMs={view.nowMs}
          summary={summarise(panel, unit)}
          onZoom={view.zoom}
          onUnzoom={view.unzoom}
          onTrace={props.onTrace}
          onFocus={props.onFocus}
        />
      )}
    </section>
  )
}

function summarise({ letter, series }: Panel, unit: Unit): string {
  const words = series.slice(0, 5).map(({ name, values }) => {
    const { last, max } = statsOf(values)
    return `${name}: last ${toText(toQuantity(last, unit))}, at most ${toText(toQuantity(max, unit))}`
  })
  return `Query ${letter}, ${series.length} series. ${words.join('; ')}`
}
