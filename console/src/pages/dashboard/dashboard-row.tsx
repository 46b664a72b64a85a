import { type ReactElement, type ReactNode, useState } from 'react'
import { changeRow, removeRow } from '../../grafana/edit/panels.ts'
import { textAt } from '../../grafana/json.ts'
import type { PlacedRow } from '../../grafana/layout.ts'
import { interpolate, textDialect } from '../../grafana/variables/interpolate.ts'
import type { Draft } from './editing/use-draft.ts'

/** A heading that folds, and the grid of panels below it. While it is edited, the heading is a field. */
export function DashboardRow(props: {
  readonly row: PlacedRow
  /** Its place among the rows of the dashboard. */
  readonly at: number
  readonly isAlone: boolean
  readonly draft: Draft | undefined
  readonly children: ReactNode
}): ReactElement {
  const { row, at, draft } = props
  const [folded, setFolded] = useState<boolean>()
  const isFolded = draft === undefined && (folded ?? row.collapsed)
  const hasHead = draft === undefined ? row.title !== '' : draft.dashboard.rows[at]?.json !== undefined
  const title = interpolate(row.title, row.variables, textDialect)
  return (
    <section aria-label={title === '' ? 'Panels' : title}>
      {!hasHead || props.isAlone ? null : draft === undefined ? (
        <h2 className="dashboard-row">
          <button type="button" aria-expanded={!isFolded} onClick={() => setFolded(!isFolded)}>
            <svg className="chevron" width="12" height="12" viewBox="0 0 16 16" aria-hidden="true">
              <path
                d={isFolded ? 'M6.5 4.5 10 8l-3.5 3.5' : 'M4.5 6.5 8 10l3.5-3.5'}
                fill="none"
                stroke="currentColor"
                strokeWidth="1.4"
              />
            </svg>
            {title}
            {isFolded ? <span className="text-3">{row.panels.length} panels</span> : null}
          </button>
        </h2>
      ) : (
        <div className="dashboard-row row-edit">
          <input
            className="input"
            aria-label="Title of the row"
            value={textAt(draft.dashboard.rows[at]?.json ?? {}, 'title') ?? row.title}
            onChange={(event) => {
              const { value } = event.target
              draft.change(
                changeRow(draft.dashboard, at, (head) => ({ ...head, title: value })),
                `row ${at}`,
              )
            }}
          />
          <button
            type="button"
            className="button button-small button-ghost"
            onClick={() => draft.change(removeRow(draft.dashboard, at))}
          >
            Remove the row, keep its panels
          </button>
        </div>
      )}
      {isFolded ? null : (
        <div className={props.isAlone ? 'dashboard-grid grid-alone' : 'dashboard-grid'}>{props.children}</div>
      )}
    </section>
  )
}
