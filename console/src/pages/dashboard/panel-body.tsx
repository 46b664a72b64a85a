import { useNavigate } from '@tanstack/react-router'
import { type ReactElement, useMemo } from 'react'
import type { ChartEvent } from '../../charts/time-chart-model.ts'
import { useView } from '../../data/view.tsx'
import { objectAt, textAt } from '../../grafana/json.ts'
import { type Frame, lengthOf } from '../../grafana/frame.ts'
import type { PlacedPanel } from '../../grafana/layout.ts'
import { isLibraryPanel, libraryNameOf } from '../../grafana/library.ts'
import { reasonFor } from '../../grafana/panel-types.ts'
import { interpolate, textDialect, type Variable } from '../../grafana/variables/interpolate.ts'
import { Empty } from '../../parts/states.tsx'
import { AlertsBody } from './bodies/alerts-body.tsx'
import { BarChartBody } from './bodies/bar-chart-body.tsx'
import { BarsBody } from './bodies/bars-body.tsx'
import { DashboardsBody } from './bodies/dashboards-body.tsx'
import { figuresOf } from './bodies/figures.ts'
import { GaugeBody } from './bodies/gauge-body.tsx'
import { HeatBody } from './bodies/heat-body.tsx'
import { HistogramBody } from './bodies/histogram-body.tsx'
import { LinesBody } from './bodies/lines-body.tsx'
import { NodesBody } from './bodies/nodes-body.tsx'
import { PieBody } from './bodies/pie-body.tsx'
import { SeriesBody } from './bodies/series-body.tsx'
import { StatBody } from './bodies/stat-body.tsx'
import { StatesBody } from './bodies/states-body.tsx'
import { TableBody } from './bodies/table-body.tsx'
import { TextBody } from './bodies/text-body.tsx'
import { TracesBody } from './bodies/traces-body.tsx'
import type { LinkContext } from './links.ts'
import type { PanelData } from './panel-data.ts'

/** Panels that ask no data source. */
export function StillBody(props: {
  readonly placed: PlacedPanel
  /** What texts may refer to: variables, and the range. */
  readonly said: ReadonlyMap<string, Variable>
  readonly unknown: readonly string[]
  readonly isReady: boolean
}): ReactElement {
  const { panel, variables } = props.placed
  if (panel.kind === 'text') {
    const options = objectAt(panel.json, 'options')
    const content = textAt(options, 'content') ?? textAt(panel.json, 'content') ?? ''
    const mode = textAt(options, 'mode') ?? textAt(panel.json, 'mode')
    return <TextBody content={interpolate(content, props.said, textDialect)} mode={mode} />
  }
  if (panel.kind === 'alertlist') return <AlertsBody placed={props.placed} isReady={props.isReady} />
  if (panel.kind === 'dashlist') return <DashboardsBody panel={panel} variables={variables} />
  if (isLibraryPanel(panel.json)) {
    return (
      <Empty title={`“${libraryNameOf(panel.json)}” is a panel of Grafana’s library`}>
        It is kept there, not in the dashboard. Unlink it in Grafana, or export the dashboard for sharing externally,
        and import it again.
      </Empty>
    )
  }
  if (panel.kind === undefined) {
    return (
      <Empty title={`Panels of the kind “${panel.type}” are not shown here`}>
        {reasonFor(panel.type)} The dashboard keeps it; Grafana shows it.
      </Empty>
    )
  }
  const [first] = props.unknown
  return first === undefined ? (
    <Empty title="This panel asks nothing" />
  ) : (
    <Empty title={`This console does not have the ${first}`}>
      It asks metrics, logs and traces of this hub. The dashboard keeps the query; Grafana shows it.
    </Empty>
  )
}

/** What the panel shows of what was answered. */
export function AskingBody(props: {
  readonly placed: PlacedPanel
  readonly data: PanelData
  readonly events: readonly ChartEvent[]
}): ReactElement {
  const { placed, data } = props
  const { panel, variables } = placed
  const view = useView()
  const navigate = useNavigate()
  const { fromMs, toMs } = view.interval
  const { from, to } = view.range
  const links = useMemo((): LinkContext => ({ variables, fromMs, toMs, from, to }), [variables, fromMs, toMs, from, to])
  const look = { zone: view.zone, nowMs: view.nowMs }
  const onTrace = (traceId: string): void =>
    void navigate({ to: '/explore/traces/$traceId', params: { traceId }, search: {} })
  const hasData =
    data.frames.some(({ fields }) => fields.some(({ values }) => values.length > 0)) ||
    data.logs.length > 0 ||
    data.traces.length > 0 ||
    data.services.length > 0
  if (!hasData) return <Empty title={noValueOf(placed)} />
  if (data.logs.length > 0 && data.frames.length === 0) return <LinesBody entries={data.logs} {...look} />
  if (data.traces.length > 0 && data.frames.length === 0) {
    return <TracesBody traces={data.traces} {...look} onOpen={onTrace} />
  }
  if (data.services.length > 0) return <NodesBody data={data} />
  // What stands in for another kind follows its data: over time it is lines.
  const kind = panel.standIn !== undefined && data.frames.every(isOverTime) ? 'timeseries' : panel.kind
  switch (kind) {
    case 'logs':
    case 'table':
    case 'traces':
      return <TableBody panel={panel} frames={data.frames} {...look} links={links} />
    case 'stat':
      return <StatBody panel={panel} figures={figuresOf(panel, data.frames)} nowMs={view.nowMs} links={links} />
    case 'gauge':
      return <GaugeBody panel={panel} figures={figuresOf(panel, data.frames)} nowMs={view.nowMs} />
    case 'bargauge':
      return <BarsBody figures={figuresOf(panel, data.frames)} nowMs={view.nowMs} />
    case 'piechart':
      return <PieBody panel={panel} figures={figuresOf(panel, data.frames)} nowMs={view.nowMs} />
    case 'barchart':
      return <BarChartBody panel={panel} frames={data.frames} {...look} />
    case 'histogram':
      return <HistogramBody panel={panel} data={data} />
    case 'state-timeline':
    case 'status-history':
      return <StatesBody panel={panel} data={data} {...look} />
    case 'heatmap':
      return <HeatBody panel={panel} data={data} />
    case 'timeseries':
      return <SeriesBody panel={panel} data={data} events={props.events} onTrace={onTrace} />
    case 'nodeGraph':
      return <NodesBody data={data} />
    case 'alertlist':
    case 'dashlist':
    case 'text':
    case undefined:
      return <Empty title={`Panels of the kind “${panel.type}” ask nothing`} />
  }
}

function isOverTime(frame: Frame): boolean {
  return (
    frame.fields[0]?.type === 'time' &&
    lengthOf(frame) > 1 &&
    frame.fields.slice(1).every(({ type }) => type === 'number')
  )
}

/** What the panel says of itself where it has no data; ours name the collector that gives it. */
function noValueOf({ panel }: PlacedPanel): string {
  return textAt(objectAt(objectAt(panel.json, 'fieldConfig'), 'defaults'), 'noValue') ?? 'No data in this range'
}
