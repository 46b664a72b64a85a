export { CHOSEN, CHOSEN_SOURCES } from './data-sources.ts'
export { type DashboardFacts, defineDashboard } from './dashboard.ts'
export {
  bars,
  heatmap,
  logLines,
  nodeGraph,
  stat,
  states,
  statusHistory,
  timeSeries,
  tracesTable,
} from './panels.ts'
export { atEnd, buckets, counted, countedAtEnd, lines, overTime, serviceMap, traces } from './targets.ts'
export { column, table } from './table.ts'
export { labelVariable, singleLabelVariable, textVariable } from './variables.ts'
