import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useEffect, useMemo } from 'react'
import type { ChartEvent } from '../../charts/time-chart-model.ts'
import { isLive } from '../../data/time-range.ts'
import { useView } from '../../data/view.tsx'
import { flagAt, textAt } from '../../grafana/json.ts'
import type { GridPlace } from '../../grafana/dashboard.ts'
import { fillPanel } from '../../grafana/fill-panel.ts'
import type { PlacedPanel } from '../../grafana/layout.ts'
import type { VariableDefinition } from '../../grafana/variables/definition.ts'
import { builtIns } from '../../grafana/variables/built-in.ts'
import { interpolate, textDialect } from '../../grafana/variables/interpolate.ts'
import { ChartSkeleton, Failure } from '../../parts/states.tsx'
import { HeatKey } from './bodies/heat-body.tsx'
import { PanelHandles } from './editing/panel-handles.tsx'
import { AskingBody, StillBody } from './panel-body.tsx'
import { PanelBoundary } from './panel-boundary.tsx'
import { fetchPanel, type PanelData } from './panel-data.ts'
import { PanelMenu } from './panel-menu.tsx'
import { PanelNotes } from './panel-notes.tsx'
import { type PanelQuestion, questionOf } from './panel-question.ts'
import { panelTime } from './panel-time.ts'
import { useInSight } from './use-in-sight.ts'

/** What a panel's head offers beyond itself. */
export interface PanelActions {
  readonly onInspect: (subject: InspectSubject) => void
  /** Alone on the page, or back among the others. */
  readonly onView: (key: string) => void
  readonly isAlone: boolean
  /** Only while the dashboard is edited. */
  readonly editing?: {
    readonly onEdit: (id: number) => void
    readonly onDuplicate: (id: number) => void
    readonly onRemove: (id: number) => void
    readonly onMoveToSection: (id: number, by: -1 | 1) => void
    readonly selected: number | undefined
  }
}

export interface InspectSubject {
  readonly title: string
  readonly placed: PlacedPanel
  readonly question: PanelQuestion
  readonly data: PanelData | undefined
}

export interface PanelCellProps {
  readonly placed: PlacedPanel
  readonly definitions: readonly VariableDefinition[]
  /** Title and uid. */
  readonly dashboard: { readonly title: string; readonly uid: string }
  /** Of the sheet, in pixels. */
  readonly sheetWidth: number
  /** Whether all variables are known: nothing is asked before. */
  readonly isReady: boolean
  readonly events: readonly ChartEvent[]
  readonly actions: PanelActions
  /** How it is moved and sized, while the dashboard is edited. */
  readonly handles?: {
    readonly columnPx: number
    readonly onPlace: (place: GridPlace) => void
    readonly onChoose: () => void
  }
}

/** One panel: its head, and what it shows, or why it does not. */
export function PanelCell(props: PanelCellProps): ReactElement {
  const { definitions, dashboard, sheetWidth, isReady, actions } = props
  const placed = useMemo(
    () => ({ ...props.placed, panel: fillPanel(props.placed.panel, props.placed.variables) }),
    [props.placed],
  )
  const { panel, place, variables } = placed
  const view = useView()
  const { ref, isInSight } = useInSight<HTMLElement>()
  const context = useMemo(
    () => ({
      variables,
      definitions,
      interval: view.interval,
      isLive: isLive(view.range),
      title: dashboard.title,
      uid: dashboard.uid,
      width: (sheetWidth * place.w) / 24,
    }),
    [variables, definitions, view.interval, view.range, dashboard.title, dashboard.uid, sheetWidth, place.w],
  )
  const question = useMemo(() => questionOf(panel, context), [panel, context])
  const isAsking = panel.kind !== undefined && panel.kind !== 'text' && question.questions.length > 0
  const key = ['panel', question, view.tenant]
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => fetchPanel(question, { signal, tenant: view.tenant }),
    enabled: isAsking && isReady && isInSight,
    placeholderData: keepPreviousData,
  })
  useCancelOutOfSight(isInSight, isFetching, key)
  const said = useMemo(
    () =>
      new Map([
        ...builtIns({ range: view.interval, stepMs: 0, dashboard: dashboard.title, uid: dashboard.uid }),
        ...variables,
      ]),
    [view.interval, dashboard.title, dashboard.uid, variables],
  )
  const title = interpolate(panel.title, said, textDialect)
  const description = interpolate(textAt(panel.json, 'description') ?? '', said, textDialect)
  const isTransparent = flagAt(panel.json, 'transparent') === true
  const { words } = panelTime(panel, context)
  const isSelected = actions.editing !== undefined && actions.editing.selected === panel.id
  return (
    <section
      ref={ref}
      className={`dashboard-panel${isTransparent ? ' transparent' : ''}${isSelected ? ' panel-selected' : ''}`}
      aria-label={title === '' ? `Panel ${panel.id}` : title}
      aria-busy={isFetching}
      data-panel={panel.id}
      style={{
        gridColumn: `${place.x + 1} / span ${place.w}`,
        gridRow: `${place.y + 1} / span ${place.h}`,
      }}
    >
      <header className="panel-head">
        <h2 className="cut" title={description === '' ? title : `${title}\n${description}`}>
          {title}
        </h2>
        {words === '' ? null : <span className="text-3">{words}</span>}
        <span className="grow" />
        {panel.kind === 'heatmap' && data !== undefined ? <HeatKey panel={panel} data={data} /> : null}
        <PanelMenu placed={placed} title={title} question={question} data={data} actions={actions} />
      </header>
      <PanelNotes
        notes={[
          ...(panel.standIn === undefined ? [] : [panel.standIn]),
          ...(data?.warnings ?? []),
          ...unknownWords([...question.unknown, ...(data?.unknown ?? [])], isAsking),
        ]}
      />
      <div className="panel-body">
        <PanelBoundary subject={data ?? panel}>
          {error !== null ? (
            <Failure reason={error} onRetry={() => void refetch()} />
          ) : !isAsking ? (
            <StillBody placed={placed} said={said} unknown={question.unknown} isReady={isReady} />
          ) : data === undefined ? (
            <ChartSkeleton />
          ) : (
            <AskingBody placed={placed} data={data} events={props.events} />
          )}
        </PanelBoundary>
      </div>
      {props.handles === undefined ? null : (
        <PanelHandles title={title === '' ? `panel ${panel.id}` : title} place={place} {...props.handles} />
      )}
    </section>
  )
}

/** What nobody looks at any more is not waited for. It is asked again when it comes into sight. */
function useCancelOutOfSight(isInSight: boolean, isFetching: boolean, key: readonly unknown[]): void {
  const client = useQueryClient()
  useEffect(() => {
    if (!isInSight && isFetching) void client.cancelQueries({ queryKey: key, exact: true })
    // The key changes with every render; what matters is what is in sight.
  }, [isInSight, isFetching, client, key])
}

function unknownWords(unknown: readonly string[], isAsking: boolean): readonly string[] {
  if (!isAsking) return []
  return [...new Set(unknown)].map((name) => `This console does not have the ${name}: the panel shows the rest.`)
}
