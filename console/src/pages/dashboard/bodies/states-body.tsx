import type { ReactElement } from 'react'
import { gridTimes } from '../../../data/prometheus/matrix.ts'
import { toTimeOfDay, type Zone } from '../../../format/zone.ts'
import type { Panel } from '../../../grafana/dashboard.ts'
import { configOf, type FieldConfig } from '../../../grafana/fields/config.ts'
import { shownNameOf } from '../../../grafana/fields/display-name.ts'
import { readMappings } from '../../../grafana/fields/mappings.ts'
import { readThresholds } from '../../../grafana/fields/thresholds.ts'
import { flagAt, objectAt, textAt } from '../../../grafana/json.ts'
import { type Shown, showValue, writeShown } from '../cell-value.ts'
import { paintOf } from '../colours.ts'
import type { PanelData } from '../panel-data.ts'

type Value = number | string | null

/** A stretch of time in which a series said the same. */
interface Stretch {
  readonly from: number
  readonly to: number
  readonly value: Value
}

const MOST_ROWS = 200
/** Beyond so many cells a history would be drawn thinner than a pixel. */
const MOST_CELLS = 240

/** Which state each series was in: stretches of a timeline, or a cell a time of a history. What is not known is hatched. */
export function StatesBody(props: {
  readonly panel: Panel
  readonly data: PanelData
  readonly zone: Zone
  readonly nowMs: number
}): ReactElement {
  const { panel, data } = props
  const times = gridTimes(data.grid)
  const options = objectAt(panel.json, 'options')
  const fieldConfig = objectAt(panel.json, 'fieldConfig')
  const isHistory = panel.kind === 'status-history'
  const merges = !isHistory && flagAt(options, 'mergeValues') !== false
  const showsWords = !isHistory && textAt(options, 'showValue') !== 'never'
  const rows = data.frames.flatMap((frame) => {
    const time = frame.fields.find(({ type }) => type === 'time')
    return frame.fields.flatMap((field) => {
      if (field.type === 'time') return []
      const config = configOf(fieldConfig, { field, refId: frame.refId })
      const values = onGrid(field.values, time?.values, times)
      return [{ name: shownNameOf(field, config), config, stretches: stretchesOf(values, merges, isHistory) }]
    })
  })
  return (
    <div className="states-body">
      <table>
        <tbody>
          {rows.slice(0, MOST_ROWS).map(({ name, config, stretches }, at) => (
            <tr key={at}>
              <th scope="row" className="cut" title={name}>
                {name}
              </th>
              <td>
                <div className={isHistory ? 'states-track states-history' : 'states-track'}>
                  {stretches.map((stretch) => (
                    <State
                      key={stretch.from}
                      name={name}
                      stretch={stretch}
                      config={config}
                      times={times}
                      showsWords={showsWords}
                      zone={props.zone}
                      nowMs={props.nowMs}
                    />
                  ))}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="states-axis">
        <span />
        <span>
          <time>{toTimeOfDay((times[0] ?? 0) * 1_000, props.zone)}</time>
          <time>{toTimeOfDay((times[Math.floor(times.length / 2)] ?? 0) * 1_000, props.zone)}</time>
          <time>{toTimeOfDay((times.at(-1) ?? 0) * 1_000, props.zone)}</time>
        </span>
      </div>
      {rows.length > MOST_ROWS ? (
        <p className="note note-info">{rows.length - MOST_ROWS} more series are not shown.</p>
      ) : null}
    </div>
  )
}

function State(props: {
  readonly name: string
  readonly stretch: Stretch
  readonly config: FieldConfig
  readonly times: readonly number[]
  readonly showsWords: boolean
  readonly zone: Zone
  readonly nowMs: number
}): ReactElement {
  const { from, to, value } = props.stretch
  const isKnown = value !== null
  const shown = showValue(value, props.config, props.nowMs)
  const words = isKnown ? writeShown(shown) : 'not known'
  const since = toTimeOfDay((props.times[from] ?? 0) * 1_000, props.zone)
  return (
    <i
      className={isKnown ? '' : 'hatch'}
      style={{ flexGrow: to - from, ...(isKnown ? { backgroundColor: fillOf(shown, value, props.config) } : {}) }}
      title={`${props.name}: ${words} from ${since}`}
      role="img"
      aria-label={`${words} from ${since}`}
    >
      {isKnown && props.showsWords ? <span>{words}</span> : null}
    </i>
  )
}

/** States that no threshold and no mapping colours are told apart by shades. */
function fillOf(shown: Shown, value: Value, config: FieldConfig): string {
  if (shown.colour !== undefined) return shown.colour
  const named = readMappings(config).length > 0 || readThresholds(config) !== undefined
  if (named) return 'var(--n-6)'
  const fixed = paintOf(textAt(objectAt(config, 'color'), 'fixedColor'))
  if (fixed !== undefined) return fixed
  return typeof value === 'string' ? `var(--series-${(hash(value) % 9) + 1})` : 'var(--n-6)'
}

function hash(text: string): number {
  let sum = 7
  for (const letter of text) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 99_991
  return sum
}

function onGrid(
  values: readonly Value[],
  at: readonly Value[] | undefined,
  times: readonly number[],
): readonly Value[] {
  if (at === undefined || values.length === times.length) return values
  const byTime = new Map(at.map((time, row) => [time, values[row] ?? null]))
  return times.map((time) => byTime.get(time * 1_000) ?? null)
}

function stretchesOf(values: readonly Value[], merges: boolean, isHistory: boolean): readonly Stretch[] {
  const every = isHistory ? Math.max(1, Math.ceil(values.length / MOST_CELLS)) : 1
  const stretches: { from: number; to: number; value: Value }[] = []
  for (let at = 0; at < values.length; at += every) {
    const value = values.slice(at, at + every).find((one) => one !== null) ?? null
    const last = stretches.at(-1)
    const to = Math.min(values.length, at + every)
    const isSame = last !== undefined && last.value === value
    if (isSame && (merges || (value === null && !isHistory))) last.to = to
    else stretches.push({ from: at, to, value })
  }
  return stretches
}
