import type { ReactElement } from 'react'
import { useElementSize } from '../../../data/element-size.ts'
import type { Panel } from '../../../grafana/dashboard.ts'
import { type FieldConfig, unitOf } from '../../../grafana/fields/config.ts'
import { readThresholds, thresholdOf } from '../../../grafana/fields/thresholds.ts'
import { writeValue } from '../../../grafana/fields/units.ts'
import { flagAt, numberAt, objectAt } from '../../../grafana/json.ts'
import { toText } from '../../../format/quantity.ts'
import { showValue, writeShown } from '../cell-value.ts'
import { paintOf } from '../colours.ts'
import { arcPath, gridFor } from './arcs.ts'
import type { Figure } from './figures.ts'

/** From eight o'clock to four o'clock, in turns from twelve. */
const FROM = -1 / 3
const TO = 1 / 3
const LEAST_PX = 96

/** An arc a figure; a thin one outside shows the thresholds. */
export function GaugeBody(props: {
  readonly panel: Panel
  readonly figures: readonly Figure[]
  readonly nowMs: number
}): ReactElement {
  const { ref, width, height } = useElementSize<HTMLUListElement>()
  const { columns, size } = gridFor(props.figures.length, width, height, LEAST_PX)
  const options = objectAt(props.panel.json, 'options')
  const hasMarkers = flagAt(options, 'showThresholdMarkers') !== false
  const hasLabels = flagAt(options, 'showThresholdLabels') === true
  return (
    <ul className="gauge-body" ref={ref} style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
      {props.figures.map((figure, at) => (
        <li key={at}>
          <Gauge figure={figure} size={size} hasMarkers={hasMarkers} hasLabels={hasLabels} nowMs={props.nowMs} />
          {props.figures.length > 1 ? <span className="label cut">{figure.name}</span> : null}
        </li>
      ))}
    </ul>
  )
}

/** Without limits of its own a gauge goes from 0 to 100, a share from 0 to 1. */
function extentOf(config: FieldConfig): { readonly min: number; readonly max: number } {
  const min = numberAt(config, 'min') ?? 0
  const max = numberAt(config, 'max') ?? (unitOf(config) === 'percentunit' ? 1 : 100)
  return { min, max: max > min ? max : min + 1 }
}

function Gauge(props: {
  readonly figure: Figure
  readonly size: number
  readonly hasMarkers: boolean
  readonly hasLabels: boolean
  readonly nowMs: number
}): ReactElement {
  const { figure, size } = props
  const { config, value } = figure
  const { min, max } = extentOf(config)
  const turnOf = (at: number): number => FROM + (TO - FROM) * Math.min(1, Math.max(0, (at - min) / (max - min)))
  const shown = showValue(value, config, props.nowMs)
  const outer = size / 2 - 4
  const thresholds = readThresholds(config)
  const own =
    typeof value === 'number' && thresholds !== undefined ? thresholdOf(value, thresholds, { min, max }) : undefined
  const steps = (thresholds?.steps ?? []).map(({ from, color }) => ({
    from: thresholds?.mode === 'percentage' ? min + ((max - min) * from) / 100 : from,
    color,
  }))
  const thick = Math.max(8, size * 0.1)
  return (
    <svg
      viewBox={`${-size / 2} ${-size / 2} ${size} ${size * 0.82}`}
      width={size}
      height={size * 0.82}
      role="img"
      aria-label={`${figure.name}: ${writeShown(shown)}`}
    >
      {props.hasMarkers
        ? steps.map(({ from, color }, at) => (
            <path
              key={at}
              d={arcPath(turnOf(from), turnOf(steps[at + 1]?.from ?? max), outer, outer - 3)}
              fill={paintOf(color) ?? 'var(--n-6)'}
            />
          ))
        : null}
      <path d={arcPath(FROM, TO, outer - 5, outer - 5 - thick)} fill="var(--surface-hover)" />
      {typeof value === 'number' ? (
        <path
          d={arcPath(turnOf(Math.min(Math.max(min, 0), max)), turnOf(value), outer - 5, outer - 5 - thick)}
          fill={paintOf(own?.color) ?? 'var(--series-1)'}
        />
      ) : null}
      <text textAnchor="middle" y={size * 0.06} className="gauge-value" fontSize={fontFor(writeShown(shown), size)}>
        {shown.digits}
        <tspan className="unit" dx="2">
          {shown.unit}
        </tspan>
      </text>
      {props.hasLabels
        ? steps.slice(1).map(({ from }) => {
            const angle = turnOf(from) * 2 * Math.PI
            const r = outer - 12 - thick
            return (
              <text
                key={from}
                className="gauge-label"
                textAnchor="middle"
                x={Math.sin(angle) * r}
                y={-Math.cos(angle) * r + 3}
              >
                {toText(writeValue(from, unitOf(config)))}
              </text>
            )
          })
        : null}
    </svg>
  )
}

/** What is long becomes small rather than cut. */
function fontFor(text: string, size: number): number {
  return Math.max(10, Math.min(22, size / 6, (size * 1.05) / Math.max(1, text.length)))
}
