import { type ReactElement, useEffect, useMemo, useRef, useState } from 'react'
import type { FocusedSeries } from '../../charts/focused-series.ts'
import { strokeOf } from '../../charts/uplot-options.ts'
import { statsOf } from '../../charts/time-chart-model.ts'
import { useChartTokens } from '../../charts/tokens.ts'
import { useFleetClusters } from '../../data/fleet-client.ts'
import { isInScope, type Scope } from '../../data/view-state.ts'
import { STATUS_WORDS } from '../../format/status-words.ts'
import { toQuantity, type Unit } from '../../format/units.ts'
import { Amount } from '../../parts/amount.tsx'
import { Pennant } from '../../parts/pennant.tsx'
import { StatusGlyph } from '../../parts/status.tsx'
import type { NamedSeries } from './panels.ts'

export interface TableQuery {
  readonly letter: string
  readonly unit: Unit
  readonly series: readonly NamedSeries[]
}

/** Rows beyond these are counted, not drawn: nobody reads them. */
const ROWS = 500

/**
 * All series in one table: a row for each set of labels, columns for each query. Pressing a name shows that series alone,
 * with Ctrl it hides or shows one.
 */
export function SeriesTable(props: {
  readonly queries: readonly TableQuery[]
  readonly scope: Scope
  readonly hidden: ReadonlySet<string>
  readonly focus: FocusedSeries
  readonly onHidden: (hidden: ReadonlySet<string>) => void
}): ReactElement {
  const tokens = useChartTokens()
  const [sort, setSort] = useState<string>()
  const rows = useMemo(() => rowsOf(props.queries, sort), [props.queries, sort])
  const all = rows.map(({ id }) => id)
  const toggle = (id: string, isAdding: boolean): void => {
    if (isAdding) {
      props.onHidden(
        new Set(props.hidden.has(id) ? [...props.hidden].filter((one) => one !== id) : [...props.hidden, id]),
      )
      return
    }
    const isAlone = all.every((one) => (one === id) !== props.hidden.has(one))
    props.onHidden(new Set(isAlone ? [] : all.filter((one) => one !== id)))
  }
  const columns = columnsOf(props.queries)
  return (
    <div className="series-table">
      <FocusMark focus={props.focus} />
      <table className="table">
        <thead>
          <tr>
            <th scope="col" className="series-swatch">
              <span className="hidden">Colour</span>
            </th>
            <th scope="col">
              Series <span className="text-3">{rows.length}</span>
            </th>
            {columns.map(({ key, words }) => (
              <th key={key} scope="col" className="number" aria-sort={sort === key ? 'descending' : undefined}>
                <button type="button" className="sort" onClick={() => setSort(sort === key ? undefined : key)}>
                  {words} {sort === key ? '↓' : ''}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, ROWS).map((row) => (
            <tr key={row.id} data-series={row.id} className={props.hidden.has(row.id) ? 'series-hidden' : ''}>
              <td>
                <i className="swatch-line" style={{ backgroundColor: strokeOf({ ...row, values: [] }, tokens) }} />
              </td>
              <td className="series-name">
                <button
                  type="button"
                  aria-pressed={!props.hidden.has(row.id)}
                  title={row.id === '' ? row.name : row.id}
                  onClick={(event) => toggle(row.id, event.ctrlKey || event.metaKey)}
                >
                  <SeriesName row={row} />
                </button>
              </td>
              {columns.map(({ key, unit }) => (
                <td key={key} className="number">
                  {row.stats.has(key) ? (
                    <Amount value={toQuantity(row.stats.get(key), unit)} />
                  ) : (
                    <span className="text-3">none</span>
                  )}
                </td>
              ))}
            </tr>
          ))}
          <MissingClusters queries={props.queries} scope={props.scope} columns={columns.length} />
        </tbody>
      </table>
    </div>
  )
}

/** Behind the row whose line the pointer is next to: a layer that is moved, where marking a row paints the whole table. */
function FocusMark({ focus }: { readonly focus: FocusedSeries }): ReactElement {
  const mark = useRef<HTMLDivElement>(null)
  useEffect(
    () =>
      focus.listen((id) => {
        if (mark.current === null) return
        const row =
          id === undefined ? null : mark.current.parentElement?.querySelector(`[data-series="${CSS.escape(id)}"]`)
        mark.current.hidden = !(row instanceof HTMLElement)
        if (!(row instanceof HTMLElement)) return
        mark.current.style.height = `${row.offsetHeight}px`
        mark.current.style.transform = `translateY(${row.offsetTop}px)`
      }),
    [focus],
  )
  return <div ref={mark} className="series-focus" hidden />
}

/** A cluster that the page looks at and that has no series is a row, too: hatched, with its reason. */
function MissingClusters(props: {
  readonly queries: readonly TableQuery[]
  readonly scope: Scope
  readonly columns: number
}): ReactElement | null {
  const clusters = useFleetClusters()
  const series = props.queries.flatMap((query) => query.series)
  const shown = new Set(series.map(({ labels }) => labels['cluster']))
  if (series.length === 0 || shown.has(undefined)) return null
  const missing = clusters.filter(
    (one) => isInScope(props.scope, one) && one.edges.length > 0 && !shown.has(one.cluster),
  )
  return (
    <>
      {missing.map((one) => (
        <tr key={one.cluster} className="text-3" data-missing={one.cluster}>
          <td>
            <i className="swatch-line hatch swatch-hatch" />
          </td>
          <td colSpan={props.columns + 1}>
            <span className="series-missing">
              <Pennant environment={one.environment} />
              {one.cluster}
              {one.status === 'healthy' ? null : (
                <span className={`status status-${one.status}`}>
                  <StatusGlyph status={one.status} />
                  {STATUS_WORDS[one.status].toLowerCase()}
                </span>
              )}
              <span>has no such series</span>
            </span>
          </td>
        </tr>
      ))}
    </>
  )
}

function SeriesName({ row }: { readonly row: Row }): ReactElement {
  const cluster = row.labels['cluster']
  const environment = row.labels['environment'] ?? cluster?.split('-')[0]
  if (cluster === undefined || environment === undefined || !row.name.startsWith(cluster))
    return <span className="cut">{row.name}</span>
  return (
    <>
      <Pennant environment={environment} />
      <span className="cut">{row.name}</span>
    </>
  )
}

interface Column {
  readonly key: string
  readonly words: string
  readonly unit: Unit
}

function columnsOf(queries: readonly TableQuery[]): readonly Column[] {
  return queries.flatMap(({ letter, unit }, index) => {
    const which =
      queries.length === 1 || index === 0 ? (['min', 'mean', 'max', 'last'] as const) : (['mean', 'last'] as const)
    return which.map((stat) => ({
      key: `${letter}.${stat}`,
      words: queries.length === 1 ? `${stat[0]?.toUpperCase() ?? ''}${stat.slice(1)}` : `${letter} ${stat}`,
      unit,
    }))
  })
}

interface Row extends NamedSeries {
  readonly stats: Map<string, number | null>
}

function rowsOf(queries: readonly TableQuery[], sort: string | undefined): readonly Row[] {
  const rows = new Map<string, Row>()
  for (const { letter, series } of queries) {
    for (const one of series) {
      const row = rows.get(one.id) ?? { ...one, stats: new Map<string, number | null>() }
      for (const [stat, value] of Object.entries(statsOf(one.values)))
        row.stats.set(`${letter}.${stat}`, value as number | null)
      rows.set(one.id, row)
    }
  }
  const list = [...rows.values()]
  if (sort === undefined) return list
  return list.sort(
    (a, b) => (b.stats.get(sort) ?? Number.NEGATIVE_INFINITY) - (a.stats.get(sort) ?? Number.NEGATIVE_INFINITY),
  )
}
