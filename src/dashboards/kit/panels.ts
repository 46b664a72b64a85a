import { PanelBuilder as BarGauge } from '@grafana/grafana-foundation-sdk/bargauge'
import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  LegendDisplayMode,
  LegendPlacement,
  LogsSortOrder,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import { FieldColorBuilder, FieldColorModeId, type Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import {
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  PanelBuilder as Heatmap,
} from '@grafana/grafana-foundation-sdk/heatmap'
import { PanelBuilder as Logs } from '@grafana/grafana-foundation-sdk/logs'
import { PanelBuilder as NodeGraph } from '@grafana/grafana-foundation-sdk/nodegraph'
import { PanelBuilder as StateTimeline } from '@grafana/grafana-foundation-sdk/statetimeline'
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as StatusHistory } from '@grafana/grafana-foundation-sdk/statushistory'
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries'
import { levelColours } from './level-colours.ts'
import { dress, type PanelFacts } from './panel-facts.ts'

export interface SeriesFacts extends PanelFacts {
  readonly stacked?: boolean
  /** Series are named by a log level, and have its colour. */
  readonly byLevel?: boolean
  /** What the legend says of each series beside its name. */
  readonly calcs?: readonly ('mean' | 'max' | 'lastNotNull' | 'sum')[]
}

/** Lines over time. Gaps stay gaps. */
export function timeSeries(facts: SeriesFacts): Builder<Panel> {
  const legend = new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.Table)
    .placement(LegendPlacement.Bottom)
    .showLegend(true)
    .calcs([...(facts.calcs ?? ['lastNotNull', 'max'])])
  const tooltip = new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending)
  const panel = dress(new TimeSeries(), facts, 8)
    .legend(legend)
    .tooltip(tooltip)
    .lineWidth(1)
    .showPoints(VisibilityMode.Never)
    .fillOpacity(facts.stacked === true ? 60 : 10)
    // By name, so that a cluster has the same colour on every panel.
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassicByName))
  if (facts.byLevel === true) {
    for (const { regexp, properties } of levelColours()) panel.overrideByRegexp(regexp, properties)
  }
  return facts.stacked === true ? panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal)) : panel
}

/** One figure a series; coloured only past a threshold. */
export function stat(facts: PanelFacts): Builder<Panel> {
  const last = new ReduceDataOptionsBuilder().calcs(['lastNotNull'])
  return dress(new Stat(), facts, 4)
    .reduceOptions(last)
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.None)
}

/** Traces that a TraceQL query found. */
export function tracesTable(facts: PanelFacts): Builder<Panel> {
  return dress(new Table(), facts, 10)
}

/** Bars of the last values, the largest first if the query sorts. */
export function bars(facts: PanelFacts): Builder<Panel> {
  return dress(new BarGauge(), facts, 8)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
}

export function heatmap(facts: PanelFacts): Builder<Panel> {
  return dress(new Heatmap(), facts, 8).color(
    new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Scheme).scheme('Blues').steps(9),
  )
}

/** Which state each series was in, over time. */
export function states(facts: PanelFacts): Builder<Panel> {
  return dress(new StateTimeline(), facts, 8)
    .showValue(VisibilityMode.Never)
    .mergeValues(true)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
}

/** A cell a time and series: where each stood when. */
export function statusHistory(facts: PanelFacts): Builder<Panel> {
  return dress(new StatusHistory(), facts, 8)
    .showValue(VisibilityMode.Never)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
}

export function logLines(facts: PanelFacts): Builder<Panel> {
  return dress(new Logs(), facts, 12)
    .showTime(true)
    .enableLogDetails(true)
    .wrapLogMessage(false)
    .sortOrder(LogsSortOrder.Descending)
}

/** Nodes and edges, as Tempo's data source gives them for the service graph. */
export function nodeGraph(facts: PanelFacts): Builder<Panel> {
  return dress(new NodeGraph(), facts, 12)
}
