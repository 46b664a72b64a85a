import type { ReactElement } from 'react'
import { numberAt } from '../../../grafana/json.ts'
import { showValue } from '../cell-value.ts'
import type { Figure } from './figures.ts'

/** Bars from zero, or from the field's own least value; the longest is the whole width unless the field has a greatest. */
export function BarsBody({
  figures,
  nowMs,
}: {
  readonly figures: readonly Figure[]
  readonly nowMs: number
}): ReactElement {
  const values = figures.map(({ value }) => (typeof value === 'number' ? value : 0))
  const most = Math.max(0, ...values)
  return (
    <table className="bars-body">
      <tbody>
        {figures.map(({ name, value, config }, at) => {
          const { digits, unit, colour } = showValue(value, config, nowMs)
          const min = numberAt(config, 'min') ?? 0
          const max = numberAt(config, 'max') ?? most
          const share = max > min ? Math.max(0, Math.min(1, ((values[at] ?? 0) - min) / (max - min))) : 0
          return (
            <tr key={at}>
              <th scope="row" className="cut" title={name}>
                {name}
              </th>
              <td className="bars-track">
                <i
                  style={{
                    width: `${(share * 100).toFixed(1)}%`,
                    ...(colour === undefined ? {} : { background: colour }),
                  }}
                />
              </td>
              <td className="number" style={colour === undefined ? undefined : { color: colour }}>
                {digits}
                {unit === '' ? null : <span className="unit">{unit}</span>}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
