import type { ReactElement } from 'react'
import { gridTimes } from '../../../data/prometheus/matrix.ts'
import { toTimeOfDay, type Zone } from '../../../format/zone.ts'
import type { Panel } from '../../../grafana/dashboard.ts'
import { configOf } from '../../../grafana/fields/config.ts'
import { displayNameOf } from '../../../grafana/frame.ts'
import { objectAt } from '../../../grafana/json.ts'
import { showValue, writeShown } from '../cell-value.ts'
import type { PanelData } from '../panel-data.ts'

/** A stretch of time in which a series said the same. */
interface Stretch {
  readonly from: number
  readonly to: number
  readonly value: number | null
}

/** Which state each series was in. What is not known is hatched. */
export function StatesBody(props: {
  readonly panel: Panel
  readonly data: PanelData
  readonly zone: Zone
  readonly nowMs: number
}): ReactElement {
  const times = gridTimes(props.data.grid)
  const fieldConfig = objectAt(props.panel.json, 'fieldConfig')
  const rows = props.data.frames.flatMap((frame) =>
    frame.fields.flatMap((field) =>
      field.type === 'number'
        ? [
            {
              name: displayNameOf(field),
              config: configOf(fieldConfig, { field, refId: frame.refId }),
              stretches: stretchesOf(field.values),
            },
          ]
        : [],
    ),
  )
  return (
    <table className="states-body">
      <tbody>
        {rows.map(({ name, config, stretches }, at) => (
          <tr key={at}>
            <th scope="row" className="cut" title={name}>
              {name}
            </th>
            <td>
              <div className="states-track">
                {stretches.map(({ from, to, value }) => {
                  const shown = showValue(value, config, props.nowMs)
                  const words = value === null ? 'not known' : writeShown(shown)
                  const since = toTimeOfDay((times[from] ?? 0) * 1_000, props.zone)
                  return (
                    <i
                      key={from}
                      className={value === null ? 'hatch' : ''}
                      style={{
                        flexGrow: to - from,
                        ...(value === null ? {} : { backgroundColor: shown.colour ?? 'var(--n-6)' }),
                      }}
                      title={`${name}: ${words} from ${since}`}
                      role="img"
                      aria-label={`${words} from ${since}`}
                    />
                  )
                })}
              </div>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function stretchesOf(values: readonly (number | null)[]): readonly Stretch[] {
  const stretches: { from: number; to: number; value: number | null }[] = []
  values.forEach((value, at) => {
    const last = stretches.at(-1)
    if (last !== undefined && last.value === value) last.to = at + 1
    else stretches.push({ from: at, to: at + 1, value })
  })
  return stretches
}
