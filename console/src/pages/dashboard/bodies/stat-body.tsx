import type { ReactElement } from 'react'
import { showValue } from '../cell-value.ts'
import type { Figure } from './figures.ts'

/** One figure a series; coloured only past a threshold. */
export function StatBody({
  figures,
  nowMs,
}: {
  readonly figures: readonly Figure[]
  readonly nowMs: number
}): ReactElement {
  return (
    <ul className="stat-body">
      {figures.map((figure, at) => {
        const { digits, unit, colour } = showValue(figure.value, figure.config, nowMs)
        return (
          <li key={at} className="stat-figure">
            {figures.length > 1 ? <span className="label cut">{figure.name}</span> : null}
            <b style={colour === undefined ? undefined : { color: colour }}>
              {digits}
              {unit === '' ? null : <span className="unit">{unit}</span>}
            </b>
          </li>
        )
      })}
    </ul>
  )
}
