import { type ReactElement, useMemo } from 'react'
import { colourIndexes } from '../../../charts/series-colours.ts'
import { TimeChart } from '../../../charts/time-chart.tsx'
import type { ChartModel, ChartSeries } from '../../../charts/time-chart-model.ts'
import { useView } from '../../../data/view.tsx'
import { gridTimes } from '../../../data/prometheus/matrix.ts'
import type { Panel } from '../../../grafana/dashboard.ts'
import { configOf, customOf, unitOf } from '../../../grafana/fields/config.ts'
import { readThresholds } from '../../../grafana/fields/thresholds.ts'
import { chartUnitOf, writeValue } from '../../../grafana/fields/units.ts'
import { displayNameOf, type Frame } from '../../../grafana/frame.ts'
import { flagAt, objectAt, textAt } from '../../../grafana/json.ts'
import { toText } from '../../../format/quantity.ts'
import { colourOf } from '../colours.ts'
import type { PanelData } from '../panel-data.ts'

/** Series that are drawn; more are counted in the legend. */
const MOST_SERIES = 100
const LEGEND = 40

/** Lines, stacks or bars over time, with a legend of last values. */
export function SeriesBody({ panel, data }: { readonly panel: Panel; readonly data: PanelData }): ReactElement {
  const view = useView()
  const model = useMemo(
    () => modelOf(panel, data, { fromS: view.interval.fromMs / 1_000, toS: view.interval.toMs / 1_000 }),
    [panel, data, view.interval],
  )
  const unit = unitOf(objectAt(objectAt(panel.json, 'fieldConfig'), 'defaults'))
  const hasLegend = flagAt(objectAt(objectAt(panel.json, 'options'), 'legend'), 'showLegend') !== false
  const { factor } = chartUnitOf(unit)
  const lastOf = ({ values }: ChartSeries): string => {
    const last = values.findLast((value) => value !== null) ?? null
    return toText(writeValue(last === null ? null : last / factor, unit))
  }
  return (
    <div className="series-body">
      <TimeChart
        model={model}
        zone={view.zone}
        nowMs={view.nowMs}
        summary={`${panel.title}, ${model.series.length} series. ${model.series
          .slice(0, 5)
          .map((one) => `${one.name}: last ${lastOf(one)}`)
          .join('; ')}`}
        onZoom={view.zoom}
        onUnzoom={view.unzoom}
      />
      {hasLegend ? (
        <ul className="panel-legend">
          {model.series.slice(0, LEGEND).map((one) => (
            <li key={one.id} title={one.name}>
              <i
                className="swatch"
                style={{
                  background: one.css ?? (one.colour === 'other' ? 'var(--n-7)' : `var(--series-${one.colour + 1})`),
                }}
              />
              <span className="cut">{one.name}</span>
              <span className="text-3">{lastOf(one)}</span>
            </li>
          ))}
          {data.frames.length > LEGEND ? <li className="text-3">{data.frames.length - LEGEND} more</li> : null}
        </ul>
      ) : null}
    </div>
  )
}

function modelOf(panel: Panel, data: PanelData, ends: { readonly fromS: number; readonly toS: number }): ChartModel {
  const fieldConfig = objectAt(panel.json, 'fieldConfig')
  const defaults = objectAt(fieldConfig, 'defaults')
  const { unit, factor } = chartUnitOf(unitOf(defaults))
  const times = gridTimes(data.grid)
  const columns = data.frames.flatMap((frame) => columnsOf(frame, times)).slice(0, MOST_SERIES)
  const colours = colourIndexes(columns.map(({ name }) => name))
  const custom = customOf(defaults)
  const stacking = textAt(objectAt(custom, 'stacking'), 'mode')
  const series = columns.map(({ name, values, frame }, at): ChartSeries => {
    const config = configOf(fieldConfig, {
      field: { name: 'Value', displayName: name, labels: {}, type: 'number', values: [] },
      refId: frame.refId,
    })
    const fixed =
      textAt(objectAt(config, 'color'), 'mode') === 'fixed'
        ? colourOf(textAt(objectAt(config, 'color'), 'fixedColor'))
        : undefined
    const sign = textAt(customOf(config), 'transform') === 'negative-Y' ? -1 : 1
    const scaled =
      factor === 1 && sign === 1 ? values : values.map((value) => (value === null ? null : value * factor * sign))
    return {
      id: `${at}`,
      name,
      values: scaled,
      colour: colours[at] ?? 'other',
      ...(fixed === undefined ? {} : { css: fixed }),
    }
  })
  const thresholds = readThresholds(defaults)?.steps ?? []
  const isDrawn = (textAt(objectAt(custom, 'thresholdsStyle'), 'mode') ?? 'off') !== 'off'
  return {
    times,
    series,
    unit,
    kind:
      stacking === 'normal' || stacking === 'percent'
        ? 'stacked'
        : textAt(custom, 'drawStyle') === 'bars'
          ? 'bars'
          : 'lines',
    ...ends,
    ...(isDrawn
      ? {
          thresholds: thresholds
            .filter(({ from }) => Number.isFinite(from))
            .map(({ from }) => ({ value: from * factor, words: toText(writeValue(from, unitOf(defaults))) })),
        }
      : {}),
  }
}

interface Column {
  readonly name: string
  readonly values: readonly (number | null)[]
  readonly frame: Frame
}

/** A frame's numbers on the grid: transformations may have left out times. */
function columnsOf(frame: Frame, times: readonly number[]): readonly Column[] {
  const time = frame.fields.find((field) => field.type === 'time')
  const places = new Map(times.map((at, index) => [at * 1_000, index]))
  return frame.fields.flatMap((field): Column[] => {
    if (field.type !== 'number') return []
    const values = new Array<number | null>(times.length).fill(null)
    field.values.forEach((value, row) => {
      const place = places.get(Number(time?.values[row]))
      if (place !== undefined) values[place] = value
    })
    return [{ name: displayNameOf(field), values, frame }]
  })
}
