import { type ReactElement, useState } from 'react'
import type { Panel } from '../../../grafana/dashboard.ts'
import { configOf, customOf } from '../../../grafana/fields/config.ts'
import { displayNameOf, type Frame, lengthOf } from '../../../grafana/frame.ts'
import { flagAt, objectAt } from '../../../grafana/json.ts'
import { toMoment, type Zone } from '../../../format/zone.ts'
import { showValue } from '../cell-value.ts'

/** What a table shows at once; the rest is counted. */
const MOST_ROWS = 500

/** One frame as a table. Several frames below each other are what a transformation is for, so only the first is shown. */
export function TableBody(props: {
  readonly panel: Panel
  readonly frames: readonly Frame[]
  readonly zone: Zone
  readonly nowMs: number
}): ReactElement {
  const [sort, setSort] = useState<{ readonly column: number; readonly isDescending: boolean }>()
  const frame: Frame = props.frames[0] ?? { refId: 'A', fields: [] }
  const fieldConfig = objectAt(props.panel.json, 'fieldConfig')
  const columns = frame.fields
    .map((field) => ({ field, config: configOf(fieldConfig, { field, refId: frame.refId }) }))
    .filter(({ config }) => flagAt(customOf(config), 'hidden') !== true)
  const rows = Array.from({ length: lengthOf(frame) }, (_, row) => row)
  const by = sort === undefined ? undefined : columns[sort.column]?.field.values
  if (by !== undefined) {
    const sign = sort?.isDescending === true ? -1 : 1
    rows.sort((a, b) => sign * compare(by[a] ?? null, by[b] ?? null))
  }
  return (
    <div className="table-scroll-both">
      <table className="table">
        <thead>
          <tr>
            {columns.map(({ field }, column) => (
              <th
                key={column}
                scope="col"
                className={field.type === 'number' ? 'number' : ''}
                aria-sort={sort?.column !== column ? undefined : sort.isDescending ? 'descending' : 'ascending'}
              >
                <button
                  type="button"
                  className="sort"
                  onClick={() =>
                    setSort({
                      column,
                      isDescending: sort?.column === column ? !sort.isDescending : field.type === 'number',
                    })
                  }
                >
                  {displayNameOf(field)}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MOST_ROWS).map((row) => (
            <tr key={row}>
              {columns.map(({ field, config }, column) => {
                const value = field.values[row] ?? null
                if (field.type === 'time') {
                  return (
                    <td key={column}>
                      {typeof value === 'number' ? toMoment(value, props.nowMs, props.zone, 'second') : ''}
                    </td>
                  )
                }
                // A cell without a value says nothing: the row is of another query.
                if (value === null) return <td key={column} />
                const { digits, unit, colour } = showValue(value, config, props.nowMs)
                return (
                  <td
                    key={column}
                    className={field.type === 'number' ? 'number' : 'cut'}
                    style={colour === undefined ? undefined : { color: colour }}
                  >
                    {digits}
                    {unit === '' ? null : <span className="unit">{unit}</span>}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > MOST_ROWS ? (
        <p className="note note-info">{rows.length - MOST_ROWS} more rows are not shown.</p>
      ) : null}
    </div>
  )
}

function compare(a: number | string | null, b: number | string | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a).localeCompare(String(b), 'en', { numeric: true })
}
