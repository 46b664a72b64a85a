import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactElement, useEffect, useMemo, useRef, useState } from 'react'
import { useElementSize } from '../../data/element-size.ts'
import { isTyping } from '../../data/typing.ts'
import type { Dashboard } from '../../grafana/dashboard.ts'
import {
  addPanel,
  addRow,
  duplicatePanel,
  movePanel,
  moveToSection,
  removePanel,
  updatePanel,
} from '../../grafana/edit/panels.ts'
import type { Json } from '../../grafana/json.ts'
import { foreignZoneOf } from '../../grafana/own-time.ts'
import { layOut, type PlacedRow } from '../../grafana/layout.ts'
import { Notes } from '../../parts/states.tsx'
import { CopyLink } from '../explore/explore-actions.tsx'
import { useAnnotations } from './annotations.ts'
import { DashboardLinks } from './dashboard-links.tsx'
import { DashboardRow } from './dashboard-row.tsx'
import { DashboardForm } from './editing/dashboard-form.tsx'
import { PanelForm } from './editing/panel-form.tsx'
import { EditTools, type Rights, SaveDrawer } from './editing/save.tsx'
import { useDraft } from './editing/use-draft.ts'
import { InspectPanel } from './inspect-panel.tsx'
import { type InspectSubject, PanelCell } from './panel-cell.tsx'
import { askedValues, keyOf } from './search.ts'
import { useVariables } from './use-variables.ts'
import { VariableBar } from './variable-bar.tsx'
import { downloadText } from '../../data/download.ts'

type Side =
  | { readonly kind: 'inspect'; readonly subject: InspectSubject }
  | { readonly kind: 'panel'; readonly id: number }
  | { readonly kind: 'settings' }
  | { readonly kind: 'save' }

/** The dashboard's tools, rows and panels; beside them what is looked into or edited. */
export function Sheet(props: {
  readonly uid: string
  readonly saved: Dashboard
  readonly rights: Rights
}): ReactElement {
  const search: Readonly<Record<string, unknown>> = useSearch({ strict: false })
  const navigate = useNavigate()
  const draft = useDraft(props.saved)
  const { dashboard } = draft
  const [isEditing, setEditing] = useState(false)
  const [side, setSide] = useState<Side>()
  const asked = useMemo(() => askedValues(search), [search])
  const { variables } = useVariables(dashboard.variables, asked)
  const { events, warnings } = useAnnotations(dashboard, variables?.byName)
  const { ref, width } = useElementSize<HTMLDivElement>()
  const full = useRef<HTMLDivElement>(null)
  const rows = useMemo(
    () => layOut(isEditing ? withoutRepeats(dashboard) : dashboard, variables?.byName ?? new Map()),
    [dashboard, variables, isEditing],
  )
  const alone = typeof search['viewPanel'] === 'string' ? search['viewPanel'] : undefined
  const setSearch = (changes: Readonly<Record<string, unknown>>): void => {
    void navigate({ to: '.', search: (before: Readonly<Record<string, unknown>>) => ({ ...before, ...changes }) })
  }
  const choose = (name: string, values: readonly string[]): void =>
    setSearch({ [keyOf(name)]: values.length === 1 ? values[0] : [...values] })
  const view = (key: string | undefined): void => setSearch({ viewPanel: key })
  useSheetKeys({
    isEditing,
    onEdit: () => setEditing(!isEditing),
    onUndo: draft.undo,
    onBack: alone === undefined ? undefined : () => view(undefined),
  })
  const editing = {
    onEdit: (id: number) => setSide({ kind: 'panel', id }),
    onDuplicate: (id: number) => draft.change(duplicatePanel(dashboard, id)),
    onRemove: (id: number) => {
      draft.change(removePanel(dashboard, id))
      setSide(undefined)
    },
    onMoveToSection: (id: number, by: -1 | 1) => draft.change(moveToSection(dashboard, id, by)),
    selected: side?.kind === 'panel' ? side.id : undefined,
  }
  const actions = {
    onInspect: (subject: InspectSubject) => setSide({ kind: 'inspect', subject }),
    onView: (key: string) => view(alone === undefined ? key : undefined),
    isAlone: alone !== undefined,
    ...(isEditing ? { editing } : {}),
  }
  const shown = alone === undefined ? rows : onlyPanel(rows, alone)
  const add = (): void => {
    const { json, id } = addPanel(dashboard)
    draft.change(json)
    setSide({ kind: 'panel', id })
  }
  return (
    <>
      <div className="toolbar dashboard-tools">
        <VariableBar states={variables?.states ?? []} onChange={choose} />
        <span className="grow" />
        <DashboardLinks dashboard={dashboard} variables={variables?.byName ?? new Map()} />
        {isEditing ? (
          <EditTools
            draft={draft}
            onAddPanel={add}
            onAddRow={() => draft.change(addRow(dashboard))}
            onSettings={() => setSide({ kind: 'settings' })}
            onSave={() => setSide({ kind: 'save' })}
            onEnd={() => {
              draft.discard()
              setEditing(false)
              setSide(undefined)
            }}
          />
        ) : (
          <>
            <button
              type="button"
              className="button button-ghost"
              onClick={() => void full.current?.requestFullscreen()}
            >
              Full screen
            </button>
            <button
              type="button"
              className="button button-ghost"
              onClick={() =>
                downloadText(`${dashboard.title}.json`, 'application/json', [JSON.stringify(dashboard.json, null, 2)])
              }
            >
              Export JSON
            </button>
            <CopyLink />
            <button type="button" className="button" onClick={() => setEditing(true)}>
              Edit
            </button>
          </>
        )}
      </div>
      <Notes warnings={[...warnings, ...zoneWords(dashboard)]} />
      <div className="side">
        <div className="side-main dashboard" ref={full}>
          <div ref={ref} />
          {shown.map((row, at) => (
            <DashboardRow
              key={row.key}
              row={row}
              at={at}
              isAlone={alone !== undefined}
              draft={isEditing ? draft : undefined}
            >
              {row.panels.map((placed) => (
                <PanelCell
                  key={placed.key}
                  placed={placed}
                  definitions={dashboard.variables}
                  dashboard={dashboard}
                  sheetWidth={width}
                  isReady={variables !== undefined && width > 0}
                  events={events}
                  actions={actions}
                  {...(isEditing
                    ? {
                        handles: {
                          columnPx: width / 24,
                          onPlace: (place) => draft.change(movePanel(dashboard, placed.panel.id, place)),
                          onChoose: () => setSide({ kind: 'panel', id: placed.panel.id }),
                        },
                      }
                    : {})}
                />
              ))}
            </DashboardRow>
          ))}
          {rows.length === 0 ? (
            <p className="text-2 dashboard-empty">This dashboard has no panels. Edit adds some.</p>
          ) : null}
        </div>
        <SideDrawer
          side={side}
          rows={rows}
          onClose={() => setSide(undefined)}
          draft={draft}
          uid={props.uid}
          rights={props.rights}
        />
      </div>
    </>
  )
}

function zoneWords(dashboard: Dashboard): readonly string[] {
  const zone = foreignZoneOf(dashboard)
  return zone === undefined
    ? []
    : [`The dashboard is made for the time of ${zone}. The console has that of this machine and UTC.`]
}

function SideDrawer(props: {
  readonly side: Side | undefined
  readonly rows: readonly PlacedRow[]
  readonly draft: ReturnType<typeof useDraft>
  readonly uid: string
  readonly rights: Rights
  readonly onClose: () => void
}): ReactElement | null {
  const { side, draft, onClose } = props
  switch (side?.kind) {
    case undefined:
      return null
    case 'inspect':
      return <InspectPanel subject={side.subject} onClose={onClose} />
    case 'settings':
      return <DashboardForm dashboard={draft.dashboard} onChange={draft.change} onClose={onClose} />
    case 'save':
      return <SaveDrawer uid={props.uid} draft={draft} rights={props.rights} onClose={onClose} />
    case 'panel': {
      const placed = props.rows.flatMap(({ panels }) => panels).find(({ panel }) => panel.id === side.id)
      if (placed === undefined) return null
      return (
        <PanelForm
          key={side.id}
          panel={withoutShared(placed.panel.json)}
          place={placed.place}
          onChange={(panel, topic) =>
            draft.change(
              updatePanel(draft.dashboard, side.id, () => panel),
              topic,
            )
          }
          onPlace={(place) => draft.change(movePanel(draft.dashboard, side.id, place), `place ${side.id}`)}
          onClose={onClose}
        />
      )
    }
  }
}

/** A panel that shows another's answers asks for itself once it is edited. */
function withoutShared(json: Json): Json {
  return 'sharedTargets' in json
    ? Object.fromEntries(
        Object.entries(json).filter(([key]) => key !== 'sharedTargets' && key !== 'sharedTransformations'),
      )
    : json
}

/** While it is edited every panel is there once, and every row is open. */
function withoutRepeats(dashboard: Dashboard): Dashboard {
  return {
    ...dashboard,
    rows: dashboard.rows.map((row) => ({
      ...row,
      collapsed: false,
      repeat: undefined,
      panels: row.panels.map((panel) => ({ ...panel, repeat: undefined })),
    })),
  }
}

/** One panel over the whole sheet. Grafana writes `panel-2` or `2`. */
function onlyPanel(rows: readonly PlacedRow[], key: string): readonly PlacedRow[] {
  const wanted = key.replace(/^panel-/, '')
  for (const row of rows) {
    const found = row.panels.find((placed) => placed.key === wanted || String(placed.panel.id) === wanted)
    if (found !== undefined)
      return [{ ...row, title: '', collapsed: false, panels: [{ ...found, place: { x: 0, y: 0, w: 24, h: 1 } }] }]
  }
  return []
}

/** Of the panel under the pointer, or the one that has the focus. */
const PANEL_MENU = '.dashboard-panel:hover .panel-menu, .dashboard-panel:focus-within .panel-menu'

/** E edits, O opens a panel's menu, Z takes the last change back, Escape leaves a panel that stands alone. */
function useSheetKeys(keys: {
  readonly isEditing: boolean
  readonly onEdit: () => void
  readonly onUndo: () => void
  readonly onBack: (() => void) | undefined
}): void {
  const latest = useRef(keys)
  useEffect(() => {
    latest.current = keys
  })
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.altKey || isTyping(event)) return
      const { isEditing, onEdit, onUndo, onBack } = latest.current
      const isUndo = event.key.toLowerCase() === 'z' && isEditing
      if (isUndo) onUndo()
      else if (event.ctrlKey || event.metaKey) return
      else if (event.key === 'e' && !isEditing) onEdit()
      else if (event.key === 'o') document.querySelector<HTMLElement>(PANEL_MENU)?.click()
      else if (event.key === 'Escape' && onBack !== undefined) onBack()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
}
