/** The kinds of panel that are shown. */
export const PANEL_KINDS = [
  'alertlist',
  'barchart',
  'bargauge',
  'dashlist',
  'gauge',
  'heatmap',
  'histogram',
  'logs',
  'nodeGraph',
  'piechart',
  'stat',
  'state-timeline',
  'status-history',
  'table',
  'text',
  'timeseries',
  'traces',
] as const
export type PanelKind = (typeof PANEL_KINDS)[number]

/** Kinds that Grafana itself replaced and plugins that show the same, with what they are here. */
const REPLACED: Readonly<Record<string, PanelKind>> = {
  graph: 'timeseries',
  singlestat: 'stat',
  'grafana-singlestat-panel': 'stat',
  'table-old': 'table',
  'grafana-piechart-panel': 'piechart',
  'heatmap-new': 'heatmap',
  'flant-statusmap-panel': 'status-history',
  'natel-discrete-panel': 'state-timeline',
  'text-old': 'text',
  'blackmirror1-singlestat-math-panel': 'stat',
  'briangann-datatable-panel': 'table',
  'briangann-gauge-panel': 'gauge',
  'grafana-polystat-panel': 'stat',
  'michaeldmoore-multistat-panel': 'bargauge',
  'mtanda-histogram-panel': 'histogram',
  'savantly-heatmap-panel': 'heatmap',
  'vonage-status-panel': 'stat',
  'yesoreyeram-boomtable-panel': 'table',
}

export function toPanelKind(type: string): PanelKind | undefined {
  return (Object.hasOwn(REPLACED, type) ? REPLACED[type] : undefined) ?? PANEL_KINDS.find((kind) => kind === type)
}

/** Why kinds of Grafana's own are not shown as they are there. */
const REASONS: Readonly<Record<string, string>> = {
  alertGroups: 'Its groups are those of an Alertmanager of Grafana’s.',
  annolist: 'The annotations that it lists are kept in Grafana itself.',
  candlestick: 'Its candles are not drawn here.',
  canvas: 'Its pictures and their places are not drawn here.',
  datagrid: 'Its cells are typed in and kept in Grafana itself.',
  flamegraph: 'Profiles are not kept here.',
  geomap: 'Its map comes from the internet, which this console does not ask.',
  gettingstarted: 'It is a welcome to Grafana.',
  'grafana-worldmap-panel': 'Its map comes from the internet, which this console does not ask.',
  live: 'It shows a channel of Grafana’s own.',
  news: 'Its feed comes from the internet, which this console does not ask.',
  trend: 'Axes of other things than time are not drawn here.',
  welcome: 'It is a welcome to Grafana.',
  xychart: 'Axes of other things than time are not drawn here.',
}

/** What a panel of a kind that is not shown says of itself, whether or not its data can stand in for it. */
export function reasonFor(type: string): string {
  const own = Object.hasOwn(REASONS, type) ? REASONS[type] : undefined
  return own ?? 'It is that of a plugin.'
}
