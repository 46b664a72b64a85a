import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { heatOf } from '../../charts/heat.ts'
import { Heatmap, HeatLegend } from '../../charts/heatmap.tsx'
import { gridTimes } from '../../data/prometheus/matrix.ts'
import { useView } from '../../data/view.tsx'
import { flagAt, objectAt, textAt } from '../../grafana/json.ts'
import { unitOf } from '../../grafana/fields/config.ts'
import { chartUnitOf } from '../../grafana/fields/units.ts'
import type { PlacedPanel } from '../../grafana/layout.ts'
import type { VariableDefinition } from '../../grafana/variables/definition.ts'
import { interpolate, textDialect } from '../../grafana/variables/interpolate.ts'
import { ChartSkeleton, Empty, Failure, Notes } from '../../parts/states.tsx'
import { BarsBody } from './bodies/bars-body.tsx'
import { figuresOf } from './bodies/figures.ts'
import { LinesBody } from './bodies/lines-body.tsx'
import { SeriesBody } from './bodies/series-body.tsx'
import { StatBody } from './bodies/stat-body.tsx'
import { StatesBody } from './bodies/states-body.tsx'
import { TableBody } from './bodies/table-body.tsx'
import { TextBody } from './bodies/text-body.tsx'
import { TracesBody } from './bodies/traces-body.tsx'
import { fetchPanel, type PanelData, questionOf } from './panel-data.ts'
import { useInSight } from './use-in-sight.ts'

export interface PanelCellProps {
  readonly placed: PlacedPanel
  readonly definitions: readonly VariableDefinition[]
  readonly dashboard: string
  /** Of the sheet, in pixels. */
  readonly sheetWidth: number
  /** Whether all variables are known: nothing is asked before. */
  readonly isReady: boolean
}

/** One panel: its head, and what it shows, or why it does not. */
export function PanelCell({ placed, definitions, dashboard, sheetWidth, isReady }: PanelCellProps): ReactElement {
  const { panel, place, variables } = placed
  const view = useView()
  const { ref, wasInSight } = useInSight<HTMLElement>()
  const question = questionOf(panel, {
    variables,
    definitions,
    interval: view.interval,
    title: dashboard,
    width: (sheetWidth * place.w) / 24,
  })
  const isAsking = panel.kind !== undefined && panel.kind !== 'text' && question.questions.length > 0
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['panel', question, view.tenant],
    queryFn: ({ signal }) => fetchPanel(question, { signal, tenant: view.tenant }),
    enabled: isAsking && isReady && wasInSight,
    placeholderData: keepPreviousData,
  })
  const title = interpolate(panel.title, variables, textDialect)
  const description = textAt(panel.json, 'description')
  const isTransparent = flagAt(panel.json, 'transparent') === true
  return (
    <section
      ref={ref}
      className={`dashboard-panel${isTransparent ? ' transparent' : ''}`}
      aria-label={title === '' ? `Panel ${panel.id}` : title}
      aria-busy={isFetching}
      style={{
        gridColumn: `${place.x + 1} / span ${place.w}`,
        gridRow: `${place.y + 1} / span ${place.h}`,
      }}
    >
      <header className="panel-head">
        <h3 className="cut" title={description ?? title}>
          {title}
        </h3>
        <span className="grow" />
        {panel.kind === 'heatmap' && data !== undefined ? <HeatKey data={data} /> : null}
      </header>
      <Notes warnings={[...(data?.warnings ?? []), ...unknownWords([...question.unknown, ...(data?.unknown ?? [])])]} />
      <div className="panel-body">
        {error !== null ? (
          <Failure reason={error} onRetry={() => void refetch()} />
        ) : !isAsking ? (
          <Still placed={placed} unknown={question.unknown} />
        ) : data === undefined ? (
          <ChartSkeleton />
        ) : (
          <Body placed={placed} data={data} />
        )}
      </div>
    </section>
  )
}

function unknownWords(unknown: readonly string[]): readonly string[] {
  return [...new Set(unknown)].map((name) => `This console does not have the ${name}: the panel shows the rest.`)
}

function HeatKey({ data }: { readonly data: PanelData }): ReactElement | null {
  const heat = heatOf(gridTimes(data.grid), data.series)
  return heat === undefined ? null : <HeatLegend heat={heat} />
}

/** Panels that ask nothing. */
function Still({
  placed,
  unknown,
}: {
  readonly placed: PlacedPanel
  readonly unknown: readonly string[]
}): ReactElement {
  const { panel, variables } = placed
  if (panel.kind === 'text') {
    const content = textAt(objectAt(panel.json, 'options'), 'content') ?? textAt(panel.json, 'content') ?? ''
    return <TextBody content={interpolate(content, variables, textDialect)} />
  }
  if (panel.kind === undefined) {
    return (
      <Empty title={`Panels of the kind ${panel.type} are not shown here`}>
        The dashboard keeps it; Grafana shows it.
      </Empty>
    )
  }
  const [first] = unknown
  return <Empty title={first === undefined ? 'This panel asks nothing' : `This console does not have the ${first}`} />
}

function Body({ placed, data }: { readonly placed: PlacedPanel; readonly data: PanelData }): ReactElement {
  const { panel } = placed
  const view = useView()
  const navigate = useNavigate()
  const hasData =
    data.frames.some(({ fields }) => fields.some(({ values }) => values.length > 0)) ||
    data.logs.length > 0 ||
    data.traces.length > 0
  if (!hasData) return <Empty title={noValueOf(placed)} />
  switch (panel.kind) {
    case 'logs':
      return <LinesBody entries={data.logs} zone={view.zone} nowMs={view.nowMs} />
    case 'table':
    case 'traces':
      return data.traces.length > 0 ? (
        <TracesBody
          traces={data.traces}
          zone={view.zone}
          nowMs={view.nowMs}
          onOpen={(traceId) => void navigate({ to: '/explore/traces/$traceId', params: { traceId }, search: {} })}
        />
      ) : (
        <TableBody panel={panel} frames={data.frames} zone={view.zone} nowMs={view.nowMs} />
      )
    case 'stat':
      return <StatBody figures={figuresOf(panel, data.frames)} nowMs={view.nowMs} />
    case 'gauge':
    case 'bargauge':
    case 'piechart':
    case 'barchart':
      return <BarsBody figures={figuresOf(panel, data.frames)} nowMs={view.nowMs} />
    case 'state-timeline':
    case 'status-history':
      return <StatesBody panel={panel} data={data} zone={view.zone} nowMs={view.nowMs} />
    case 'heatmap':
      return <HeatBody placed={placed} data={data} />
    case 'timeseries':
      return <SeriesBody panel={panel} data={data} />
    case 'alertlist':
    case 'histogram':
    case 'nodeGraph':
    case 'text':
    case undefined:
      return (
        <Empty title={`Panels of the kind ${panel.type} are not shown here yet`}>
          The dashboard keeps it; Grafana shows it.
        </Empty>
      )
  }
}

/** What the panel says of itself where it has no data; ours name the collector that gives it. */
function noValueOf({ panel }: PlacedPanel): string {
  return textAt(objectAt(objectAt(panel.json, 'fieldConfig'), 'defaults'), 'noValue') ?? 'No data in this range'
}

function HeatBody({
  placed: { panel },
  data,
}: {
  readonly placed: PlacedPanel
  readonly data: PanelData
}): ReactElement {
  const view = useView()
  const heat = heatOf(gridTimes(data.grid), data.series)
  const { unit } = chartUnitOf(unitOf(objectAt(objectAt(panel.json, 'fieldConfig'), 'defaults')))
  if (heat === undefined)
    return (
      <Empty title="These series are no histogram">A heat map needs buckets: the label le, or native histograms.</Empty>
    )
  return <Heatmap heat={heat} unit={unit} zone={view.zone} summary={`Heat map of ${panel.title}`} />
}
