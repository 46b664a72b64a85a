/** The kinds of panel that are shown. */
export const PANEL_KINDS = [
  'alertlist',
  'barchart',
  'bargauge',
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

/** Kinds that Grafana itself replaced, and what it replaced them with. */
const REPLACED: Readonly<Record<string, PanelKind>> = {
  graph: 'timeseries',
  singlestat: 'stat',
  'grafana-singlestat-panel': 'stat',
  'table-old': 'table',
  'grafana-piechart-panel': 'piechart',
  'heatmap-new': 'heatmap',
  'flant-statusmap-panel': 'status-history',
  'natel-discrete-panel': 'state-timeline',
}

export function toPanelKind(type: string): PanelKind | undefined {
  return (Object.hasOwn(REPLACED, type) ? REPLACED[type] : undefined) ?? PANEL_KINDS.find((kind) => kind === type)
}
