import type { ReactElement } from 'react'
import { swatchOf } from '../../../charts/series-swatch.ts'
import type { ChartSeries } from '../../../charts/time-chart-model.ts'
import { toReducer } from '../../../grafana/fields/reduce.ts'
import { reduce } from '../../../grafana/fields/reduce.ts'
import { flagAt, type Json, objectAt, textAt, textsAt } from '../../../grafana/json.ts'
import { toText } from '../../../format/quantity.ts'

/** Rows of the legend at once; more are counted. */
const MOST = 200

export interface LegendLook {
  readonly kind: 'list' | 'table' | 'none'
  readonly place: 'bottom' | 'right'
  readonly calcs: readonly string[]
  readonly sortBy: string | undefined
  readonly isDescending: boolean
}

export function readLegend(options: Json): LegendLook {
  const legend = objectAt(options, 'legend')
  const mode = textAt(legend, 'displayMode')
  const isShown = flagAt(legend, 'showLegend') !== false && mode !== 'hidden'
  return {
    kind: !isShown ? 'none' : mode === 'table' ? 'table' : 'list',
    place: legend['placement'] === 'right' ? 'right' : 'bottom',
    calcs: textsAt(legend, 'calcs'),
    sortBy: textAt(legend, 'sortBy'),
    isDescending: flagAt(legend, 'sortDesc') ?? false,
  }
}

/** What is called what. A press shows one series alone, or all again; with Ctrl or Shift it takes one away. */
export function SeriesLegend(props: {
  readonly look: LegendLook
  readonly series: readonly ChartSeries[]
  readonly hidden: ReadonlySet<string>
  readonly onHide: (hidden: ReadonlySet<string>) => void
  /** Series that are not even drawn. */
  readonly more: number
}): ReactElement | null {
  const { look, series } = props
  if (look.kind === 'none') return null
  const choose = (id: string, isMany: boolean): void => {
    if (isMany) {
      props.onHide(
        props.hidden.has(id) ? new Set([...props.hidden].filter((one) => one !== id)) : new Set([...props.hidden, id]),
      )
      return
    }
    const others = series.map((one) => one.id).filter((one) => one !== id)
    const isAlone = others.every((one) => props.hidden.has(one)) && !props.hidden.has(id)
    props.onHide(isAlone ? new Set() : new Set(others))
  }
  const calcs = look.calcs.length > 0 ? look.calcs : look.kind === 'list' ? ['lastNotNull'] : []
  const rows = sorted(series, look)
  const face = (one: ChartSeries): ReactElement => (
    <button
      type="button"
      className="legend-name"
      aria-pressed={!props.hidden.has(one.id)}
      title={one.name}
      onClick={(event) => choose(one.id, event.ctrlKey || event.metaKey || event.shiftKey)}
    >
      <i className="swatch" style={{ background: swatchOf(one) }} />
      <span className="cut">{one.name}</span>
    </button>
  )
  const left = rows.length - MOST + props.more
  const more = left > 0 ? `${left} more` : ''
  if (look.kind === 'list') {
    return (
      <ul className={`panel-legend legend-${look.place}`}>
        {rows.slice(0, MOST).map((one) => (
          <li key={one.id}>
            {face(one)}
            {calcs.map((calc) => (
              <span key={calc} className="text-3" title={wordOf(calc)}>
                {look.calcs.length > 1 ? `${wordOf(calc)} ` : ''}
                {calculated(one, calc)}
              </span>
            ))}
          </li>
        ))}
        {more === '' ? null : <li className="text-3">{more}</li>}
      </ul>
    )
  }
  return (
    <div className={`panel-legend legend-table legend-${look.place}`}>
      <table>
        <thead>
          <tr>
            <th scope="col">Series</th>
            {calcs.map((calc) => (
              <th key={calc} scope="col" className="number">
                {wordOf(calc)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MOST).map((one) => (
            <tr key={one.id}>
              <th scope="row">{face(one)}</th>
              {calcs.map((calc) => (
                <td key={calc} className="number">
                  {calculated(one, calc)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {more === '' ? null : <span className="text-3">{more}</span>}
    </div>
  )
}

const WORDS: Readonly<Record<string, string>> = {
  lastNotNull: 'last',
  last: 'last',
  current: 'last',
  mean: 'mean',
  avg: 'mean',
  total: 'sum',
  sum: 'sum',
  firstNotNull: 'first',
  stdDev: 'deviation',
  diff: 'difference',
}

function wordOf(calc: string): string {
  return WORDS[calc] ?? calc
}

function valueOf({ values }: ChartSeries, calc: string): number | null {
  if (/^p\d{1,2}$/.test(calc)) return reduce(values, `p${Number(calc.slice(1))}`)
  const reducer = toReducer(calc)
  return reducer === undefined ? null : reduce(values, reducer)
}

function calculated(series: ChartSeries, calc: string): string {
  const value = valueOf(series, calc)
  const isCount = ['count', 'nonNullCount', 'distinctCount', 'changeCount'].includes(calc)
  return isCount || series.write === undefined ? String(value) : toText(series.write(value))
}

const byTitle: Readonly<Record<string, string>> = {
  Last: 'last',
  'Last *': 'lastNotNull',
  Mean: 'mean',
  Max: 'max',
  Min: 'min',
  Total: 'sum',
}

function sorted(series: readonly ChartSeries[], { sortBy, isDescending }: LegendLook): readonly ChartSeries[] {
  if (sortBy === undefined || sortBy === '') return series
  const sign = isDescending ? -1 : 1
  if (sortBy === 'Name') return [...series].sort((a, b) => sign * a.name.localeCompare(b.name, 'en', { numeric: true }))
  const calc = byTitle[sortBy] ?? sortBy
  const keyed = series.map((one) => ({ one, value: valueOf(one, calc) ?? Number.NEGATIVE_INFINITY }))
  return keyed.sort((a, b) => sign * (a.value - b.value)).map(({ one }) => one)
}
