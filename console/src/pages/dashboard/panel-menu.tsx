import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { downloadText } from '../../data/download.ts'
import { useView } from '../../data/view.tsx'
import { toCsv } from '../../grafana/csv.ts'
import { linksIn } from '../../grafana/links.ts'
import type { PlacedPanel } from '../../grafana/layout.ts'
import { Popover } from '../../parts/popover.tsx'
import type { PanelActions } from './panel-cell.tsx'
import type { PanelData } from './panel-data.ts'
import type { PanelQuestion, Question } from './panel-question.ts'

/** What can be done with one panel. */
export function PanelMenu(props: {
  readonly placed: PlacedPanel
  readonly title: string
  readonly question: PanelQuestion
  readonly data: PanelData | undefined
  readonly actions: PanelActions
}): ReactElement {
  const { placed, title, question, data, actions } = props
  const { panel, variables } = placed
  const { interval, range } = useView()
  const { editing } = actions
  const links = linksIn(panel.json, { variables, ...interval, ...range })
  const hasFrames = data !== undefined && data.frames.length > 0
  return (
    <Popover
      label={`Menu of ${title === '' ? `panel ${panel.id}` : title}`}
      className="button button-icon button-ghost panel-menu"
      align="right"
      face={
        <svg width="12" height="12" viewBox="0 0 16 16" aria-hidden="true">
          <path d="M3 8h.01M8 8h.01M13 8h.01" stroke="currentColor" strokeWidth="2.4" strokeLinecap="round" />
        </svg>
      }
    >
      {(close) => {
        const run = (act: () => void) => (): void => {
          close()
          act()
        }
        return (
          <div className="menu" role="menu">
            <button type="button" role="menuitem" onClick={run(() => actions.onView(placed.key))}>
              {actions.isAlone ? 'Back to the dashboard' : 'View alone'}
            </button>
            <ExploreLink questions={question.questions} />
            <button
              type="button"
              role="menuitem"
              onClick={run(() => actions.onInspect({ title, placed, question, data }))}
            >
              Inspect
            </button>
            {hasFrames ? (
              <button
                type="button"
                role="menuitem"
                onClick={run(() =>
                  downloadText(`${title === '' ? 'panel' : title}.csv`, 'text/csv', [toCsv(data.frames)]),
                )}
              >
                Download CSV
              </button>
            ) : null}
            {links.map(({ title: words, url }, at) => (
              <a
                key={at}
                role="menuitem"
                href={url}
                {...(url.startsWith('http') ? { target: '_blank', rel: 'noreferrer noopener' } : {})}
              >
                {words}
              </a>
            ))}
            {editing === undefined ? null : (
              <>
                <button type="button" role="menuitem" onClick={run(() => editing.onEdit(panel.id))}>
                  Edit
                </button>
                <button type="button" role="menuitem" onClick={run(() => editing.onDuplicate(panel.id))}>
                  Duplicate
                </button>
                <button type="button" role="menuitem" onClick={run(() => editing.onMoveToSection(panel.id, -1))}>
                  Move to the row above
                </button>
                <button type="button" role="menuitem" onClick={run(() => editing.onMoveToSection(panel.id, 1))}>
                  Move to the row below
                </button>
                <button
                  type="button"
                  role="menuitem"
                  className="danger"
                  onClick={run(() => editing.onRemove(panel.id))}
                >
                  Remove the panel
                </button>
              </>
            )}
          </div>
        )
      }}
    </Popover>
  )
}

/** The panel's queries, filled in, where they can be worked on. */
function ExploreLink({ questions }: { readonly questions: readonly Question[] }): ReactElement | null {
  const { range, defaults } = useView()
  // The range that is the dashboard's own is not in the address.
  const ends = defaults === undefined ? {} : range
  const [first] = questions
  if (first === undefined || first.query === '') return null
  const words = 'View in Explore'
  switch (first.source) {
    case 'metrics':
      return (
        <Link
          role="menuitem"
          to="/explore/metrics"
          search={{ q: questions.filter(({ source }) => source === 'metrics').map(({ query }) => query), ...ends }}
        >
          {words}
        </Link>
      )
    case 'logs':
      return (
        <Link role="menuitem" to="/explore/logs" search={{ q: first.query, ...ends }}>
          {words}
        </Link>
      )
    case 'traces':
      return (
        <Link role="menuitem" to="/explore/traces" search={{ q: first.query, ...ends }}>
          {words}
        </Link>
      )
    case 'expression':
      return null
  }
}
