import { type ReactElement, useMemo, useState } from 'react'
import { TimeChart } from '../../../charts/time-chart.tsx'
import type { ChartEvent, ChartSeries } from '../../../charts/time-chart-model.ts'
import { useView } from '../../../data/view.tsx'
import type { Panel } from '../../../grafana/dashboard.ts'
import { objectAt } from '../../../grafana/json.ts'
import { reduce } from '../../../grafana/fields/reduce.ts'
import { toText } from '../../../format/quantity.ts'
import type { PanelData } from '../panel-data.ts'
import { readLegend, SeriesLegend } from './series-legend.tsx'
import { seriesModelOf } from './series-model.ts'

/** Lines, areas, bars or points over time, with a legend. */
export function SeriesBody(props: {
  readonly panel: Panel
  readonly data: PanelData
  readonly events: readonly ChartEvent[]
  readonly onTrace: (traceId: string) => void
}): ReactElement {
  const { panel, data, events } = props
  const view = useView()
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set())
  const { fromMs, toMs } = data.interval
  const whole = useMemo(
    () => seriesModelOf(panel, data, { fromS: fromMs / 1_000, toS: toMs / 1_000 }, events),
    [panel, data, fromMs, toMs, events],
  )
  const model = useMemo(
    () =>
      hidden.size === 0
        ? whole.model
        : { ...whole.model, series: whole.model.series.map((one) => ({ ...one, isHidden: hidden.has(one.id) })) },
    [whole, hidden],
  )
  const legend = useMemo(() => readLegend(objectAt(panel.json, 'options')), [panel])
  const listed = model.series.filter((_, at) => {
    const custom = objectAt(whole.columns[at]?.config ?? {}, 'custom')
    return objectAt(custom, 'hideFrom')['legend'] !== true
  })
  return (
    <div className={`series-body legend-at-${legend.place}`}>
      <TimeChart
        model={model}
        zone={view.zone}
        nowMs={view.nowMs}
        summary={`${panel.title}, ${model.series.length} series. ${model.series.slice(0, 5).map(summaryOf).join('; ')}`}
        onZoom={view.zoom}
        onUnzoom={view.unzoom}
        onTrace={props.onTrace}
      />
      <SeriesLegend look={legend} series={listed} hidden={hidden} onHide={setHidden} more={whole.left} />
    </div>
  )
}

function summaryOf({ name, values, write }: ChartSeries): string {
  const last = reduce(values, 'lastNotNull')
  return `${name}: last ${write === undefined ? String(last) : toText(write(last))}`
}
