import type { ReactElement } from 'react'
import { heatOf } from '../../../charts/heat.ts'
import { colourIndexes } from '../../../charts/series-colours.ts'
import { swatchOf } from '../../../charts/series-swatch.ts'
import { gridTimes } from '../../../data/prometheus/matrix.ts'
import type { Panel } from '../../../grafana/dashboard.ts'
import { configOf, unitOf } from '../../../grafana/fields/config.ts'
import { shownNameOf } from '../../../grafana/fields/display-name.ts'
import { writeValue } from '../../../grafana/fields/units.ts'
import { flagAt, numberAt, objectAt } from '../../../grafana/json.ts'
import { toText } from '../../../format/quantity.ts'
import type { PanelData } from '../panel-data.ts'
import { GroupLegend } from './bar-chart-body.tsx'
import { type BarGroup, CategoryBars } from './category-bars.tsx'
import { type Bin, binsOfHeat, binValues } from './histogram.ts'

/** How values are spread. Buckets of a histogram are taken as they are; values of series are counted. */
export function HistogramBody({ panel, data }: { readonly panel: Panel; readonly data: PanelData }): ReactElement {
  const fieldConfig = objectAt(panel.json, 'fieldConfig')
  const unit = unitOf(objectAt(fieldConfig, 'defaults'))
  const heat = heatOf(gridTimes(data.grid), data.series)
  const { bins, groups } = heat === undefined ? countSeries(panel, data) : ofBuckets(binsOfHeat(heat))
  const write = (value: number): string => (Number.isFinite(value) ? toText(writeValue(value, unit)) : '+∞')
  return (
    <div className="series-body">
      <CategoryBars
        categories={bins.map(({ from, to }) => `${write(from)} – ${write(to)}`)}
        groups={groups}
        stacking={groups.length > 1 ? 'normal' : 'none'}
        isLying={false}
        unit="short"
        decimals={undefined}
        showsValues={false}
        summary={`${panel.title}: histogram of ${bins.length} buckets`}
      />
      {groups.length > 1 ? <GroupLegend groups={groups} /> : null}
    </div>
  )
}

function ofBuckets(bins: readonly Bin[]): { readonly bins: readonly Bin[]; readonly groups: readonly BarGroup[] } {
  return { bins, groups: [{ name: 'count', values: bins.map(({ count }) => count), fill: 'var(--series-1)' }] }
}

function countSeries(
  panel: Panel,
  { frames }: PanelData,
): { readonly bins: readonly Bin[]; readonly groups: readonly BarGroup[] } {
  const options = objectAt(panel.json, 'options')
  const size = numberAt(options, 'bucketSize')
  const count = numberAt(options, 'bucketCount')
  const fieldConfig = objectAt(panel.json, 'fieldConfig')
  const columns = frames.flatMap(({ fields, refId }) =>
    fields.flatMap((field) =>
      field.type === 'number'
        ? [
            {
              name: shownNameOf(field, configOf(fieldConfig, { field, refId })),
              values: field.values.filter((value): value is number => value !== null && Number.isFinite(value)),
            },
          ]
        : [],
    ),
  )
  const asked = {
    ...(size === undefined ? {} : { size }),
    ...(count === undefined ? {} : { count }),
    offset: numberAt(options, 'bucketOffset') ?? 0,
  }
  const bins = binValues(
    columns.flatMap(({ values }) => values),
    asked,
  )
  if (flagAt(options, 'combine') === true || columns.length === 1) return ofBuckets(bins)
  const colours = colourIndexes(columns.map(({ name }) => name))
  const groups = columns.map(({ name, values }, at) => ({
    name,
    fill: swatchOf({ colour: colours[at] ?? 'other' }),
    values: bins.map(({ from, to }) => values.reduce((sum, value) => sum + (value >= from && value < to ? 1 : 0), 0)),
  }))
  return { bins, groups }
}
