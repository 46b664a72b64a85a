import { type ReactElement, useMemo } from 'react'
import { type Heat, heatOf, heatOfRows, heatOfValues } from '../../../charts/heat.ts'
import { Heatmap, HeatLegend } from '../../../charts/heatmap.tsx'
import { gridTimes } from '../../../data/prometheus/matrix.ts'
import { useView } from '../../../data/view.tsx'
import type { Panel } from '../../../grafana/dashboard.ts'
import { unitOf } from '../../../grafana/fields/config.ts'
import { chartUnitOf } from '../../../grafana/fields/units.ts'
import { displayNameOf } from '../../../grafana/frame.ts'
import { flagAt, objectAt, textAt } from '../../../grafana/json.ts'
import { Empty } from '../../../parts/states.tsx'
import type { PanelData } from '../panel-data.ts'

/** Buckets over time: of classic or native histograms, counted here, or one series a row. */
export function HeatBody({ panel, data }: { readonly panel: Panel; readonly data: PanelData }): ReactElement {
  const view = useView()
  const heat = useMemo(() => heatFor(panel, data), [panel, data])
  if (heat === undefined) return <Empty title="Nothing to count">A heat map needs buckets, or values to count.</Empty>
  const own = textAt(objectAt(objectAt(panel.json, 'options'), 'yAxis'), 'unit')
  const { unit } = chartUnitOf(own ?? unitOf(objectAt(objectAt(panel.json, 'fieldConfig'), 'defaults')))
  return <Heatmap heat={heat} unit={unit} zone={view.zone} summary={`Heat map of ${panel.title}`} />
}

/** What its colours mean, in the head of the panel. */
export function HeatKey({ panel, data }: { readonly panel: Panel; readonly data: PanelData }): ReactElement | null {
  const heat = useMemo(() => heatFor(panel, data), [panel, data])
  return heat === undefined ? null : <HeatLegend heat={heat} />
}

function heatFor(panel: Panel, data: PanelData): Heat | undefined {
  const times = gridTimes(data.grid)
  const counted = heatOf(times, data.series)
  if (counted !== undefined) return counted
  const columns = data.frames.flatMap(({ fields }) =>
    fields.flatMap((field) =>
      field.type === 'number' && field.values.length === times.length
        ? [{ name: displayNameOf(field), values: field.values }]
        : [],
    ),
  )
  const calculates = flagAt(objectAt(panel.json, 'options'), 'calculate') === true
  return calculates
    ? heatOfValues(
        times,
        columns.map(({ values }) => values),
      )
    : heatOfRows(times, columns)
}
