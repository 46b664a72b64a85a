import { type CSSProperties, type ReactElement, useMemo, useState } from 'react'
import type { Panel } from '../../../grafana/dashboard.ts'
import { configOf, customOf, type FieldConfig } from '../../../grafana/fields/config.ts'
import { shownNameOf } from '../../../grafana/fields/display-name.ts'
import { reduce, toReducer } from '../../../grafana/fields/reduce.ts'
import { type Field, type Frame, lengthOf } from '../../../grafana/frame.ts'
import { flagAt, type Json, numberAt, objectAt, objectsAt, textAt, textsAt } from '../../../grafana/json.ts'
import { toMoment, type Zone } from '../../../format/zone.ts'
import { Select } from '../../../parts/controls.tsx'
import { showValue } from '../cell-value.ts'
import { linkOf, type LinkContext } from '../links.ts'

/** What a table shows at once; the rest is counted. */
const MOST_ROWS = 500

interface Column {
  readonly field: Field
  readonly config: FieldConfig
  readonly name: string
}

/** One frame as a table; of several, the one that is chosen below it. */
export function TableBody(props: {
  readonly panel: Panel
  readonly frames: readonly Frame[]
  readonly zone: Zone
  readonly nowMs: number
  readonly links: LinkContext
}): ReactElement {
  const { frames, panel } = props
  const options = objectAt(panel.json, 'options')
  const [chosen, setChosen] = useState(() => numberAt(options, 'frameIndex') ?? 0)
  const frame: Frame = frames[Math.min(chosen, frames.length - 1)] ?? { refId: 'A', fields: [] }
  const columns = useMemo(() => columnsOf(panel, frame), [panel, frame])
  const [asked, setSort] = useState<{ readonly column: number; readonly isDescending: boolean }>()
  const sort = asked ?? initialSort(options, columns)
  const rows = useMemo(() => sortedRows(frame, columns, sort), [frame, columns, sort])
  const footer = objectAt(options, 'footer')
  return (
    <div className="table-body">
      <div className="table-scroll-both">
        <table className="table">
          <thead>
            <tr>
              {columns.map(({ field, config, name }, column) => (
                <th
                  key={column}
                  scope="col"
                  className={field.type === 'number' ? 'number' : ''}
                  style={widthOf(config)}
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
                    {name}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, MOST_ROWS).map((row) => (
              <tr key={row}>
                {columns.map((column, at) => (
                  <Cell
                    key={at}
                    column={column}
                    columns={columns}
                    row={row}
                    zone={props.zone}
                    nowMs={props.nowMs}
                    links={props.links}
                  />
                ))}
              </tr>
            ))}
          </tbody>
          {flagAt(footer, 'show') === true ? <Footer columns={columns} footer={footer} nowMs={props.nowMs} /> : null}
        </table>
        {rows.length > MOST_ROWS ? (
          <p className="note note-info">{rows.length - MOST_ROWS} more rows are not shown.</p>
        ) : null}
      </div>
      {frames.length > 1 ? (
        <Select
          label="Which table"
          word="Table"
          value={String(Math.min(chosen, frames.length - 1))}
          options={frames.map((one, at) => ({ value: String(at), words: one.name ?? one.refId }))}
          onChange={(value) => setChosen(Number(value))}
        />
      ) : null}
    </div>
  )
}

function columnsOf(panel: Panel, frame: Frame): readonly Column[] {
  const fieldConfig = objectAt(panel.json, 'fieldConfig')
  return frame.fields
    .map((field) => ({ field, config: configOf(fieldConfig, { field, refId: frame.refId }) }))
    .filter(({ config }) => {
      const custom = customOf(config)
      return flagAt(custom, 'hidden') !== true && objectAt(custom, 'hideFrom')['viz'] !== true
    })
    .map(({ field, config }) => ({ field, config, name: shownNameOf(field, config) }))
}

function initialSort(
  options: Json,
  columns: readonly Column[],
): { readonly column: number; readonly isDescending: boolean } | undefined {
  const [first] = objectsAt(options, 'sortBy')
  if (first === undefined) return undefined
  const name = textAt(first, 'displayName')
  const column = name === undefined ? (numberAt(first, 'column') ?? -1) : columns.findIndex((one) => one.name === name)
  return column < 0 || column >= columns.length ? undefined : { column, isDescending: flagAt(first, 'desc') ?? false }
}

function sortedRows(
  frame: Frame,
  columns: readonly Column[],
  sort: { readonly column: number; readonly isDescending: boolean } | undefined,
): readonly number[] {
  const rows = Array.from({ length: lengthOf(frame) }, (_, row) => row)
  const by = sort === undefined ? undefined : columns[sort.column]?.field.values
  if (by === undefined) return rows
  const sign = sort?.isDescending === true ? -1 : 1
  return rows.sort((a, b) => sign * compare(by[a] ?? null, by[b] ?? null))
}

function widthOf(config: FieldConfig): CSSProperties | undefined {
  const width = numberAt(customOf(config), 'width')
  return width === undefined ? undefined : { width }
}

/** What a cell is shown as: newer tables say `cellOptions.type`, older ones `displayMode`. */
function cellKindOf(config: FieldConfig): string {
  const custom = customOf(config)
  return textAt(objectAt(custom, 'cellOptions'), 'type') ?? textAt(custom, 'displayMode') ?? 'auto'
}

function Cell(props: {
  readonly column: Column
  readonly columns: readonly Column[]
  readonly row: number
  readonly zone: Zone
  readonly nowMs: number
  readonly links: LinkContext
}): ReactElement {
  const { field, config } = props.column
  const value = field.values[props.row] ?? null
  if (field.type === 'time') {
    return <td>{typeof value === 'number' ? toMoment(value, props.nowMs, props.zone, 'second') : ''}</td>
  }
  // A cell without a value says nothing: the row is of another query.
  if (value === null) return <td />
  const shown = showValue(value, config, props.nowMs)
  const { digits, unit } = shown
  const kind = cellKindOf(config)
  // Every panel has thresholds; cells have their colours only when the column says so.
  const colour = kind.startsWith('color') || isGauge(kind) ? shown.colour : undefined
  const isTinted = kind.startsWith('color-background') && colour !== undefined
  const href = linkOf(config, props.links, {
    name: props.column.name,
    labels: field.labels,
    value,
    row: Object.fromEntries(props.columns.map((one) => [one.name, String(one.field.values[props.row] ?? '')])),
  })
  const face = (
    <>
      {digits}
      {unit === '' ? null : <span className="unit">{unit}</span>}
    </>
  )
  return (
    <td
      className={`${field.type === 'number' ? 'number' : 'cut'}${isTinted ? ' cell-tinted' : ''}`}
      style={colour === undefined ? undefined : { color: colour }}
      title={field.type === 'string' ? digits : undefined}
    >
      {isGauge(kind) && typeof value === 'number' ? (
        <CellGauge value={value} column={props.column} colour={colour} />
      ) : null}
      {href === undefined ? face : <a href={href}>{face}</a>}
    </td>
  )
}

const isGauge = (kind: string): boolean => kind === 'gauge' || kind.endsWith('-gauge') || kind === 'basic'

/** A short bar before the figure, from the column's least to its greatest. */
function CellGauge(props: {
  readonly value: number
  readonly column: Column
  readonly colour: string | undefined
}): ReactElement {
  const { field, config } = props.column
  const numbers = field.values.filter((value): value is number => typeof value === 'number')
  const min = numberAt(config, 'min') ?? Math.min(0, ...numbers)
  const max = numberAt(config, 'max') ?? Math.max(...numbers)
  const share = max > min ? Math.max(0, Math.min(1, (props.value - min) / (max - min))) : 0
  return (
    <span className="cell-gauge" aria-hidden="true">
      <i style={{ width: `${(share * 100).toFixed(1)}%`, background: props.colour ?? 'var(--series-1)' }} />
    </span>
  )
}

function Footer(props: {
  readonly columns: readonly Column[]
  readonly footer: Json
  readonly nowMs: number
}): ReactElement {
  const [calc = 'sum'] = textsAt(props.footer, 'reducer')
  const fields = textsAt(props.footer, 'fields')
  return (
    <tfoot>
      <tr>
        {props.columns.map(({ field, config, name }, at) => {
          if (field.type !== 'number' || (fields.length > 0 && !fields.includes(name)))
            return <td key={at}>{at === 0 ? calc : ''}</td>
          const { digits, unit } = showValue(reduce(field.values, toReducer(calc) ?? 'sum'), config, props.nowMs)
          return (
            <td key={at} className="number">
              {digits}
              {unit === '' ? null : <span className="unit">{unit}</span>}
            </td>
          )
        })}
      </tr>
    </tfoot>
  )
}

function compare(a: number | string | null, b: number | string | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a).localeCompare(String(b), 'en', { numeric: true })
}
