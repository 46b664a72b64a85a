import { type Json, objectAt, objectsAt, textAt } from '../json.ts'
import { oldOptionsToFieldConfig, oldPieToPie, singleStatToStat } from './figures.ts'
import { graphToTimeSeries } from './graph.ts'
import { oldTableToTable } from './table-old.ts'

/**
 * Panels of kinds that Grafana gave up, in the form of those that it replaced them with: `graph` → `timeseries`, `singlestat`
 * → `stat`, old tables → `table`. Panels of today are as they were.
 */
export function migratePanel(json: Json): Json {
  switch (json['type']) {
    case 'graph':
      return graphToTimeSeries(json)
    case 'singlestat':
    case 'grafana-singlestat-panel':
      return singleStatToStat(json)
    case 'table-old':
      return oldTableToTable(json)
    case 'table':
      // Old ones are called the same; only they have styles.
      return 'styles' in json ? oldTableToTable(json) : json
    case 'grafana-piechart-panel':
      return oldPieToPie(json)
    case 'heatmap':
      return 'dataFormat' in json || 'yAxis' in json ? oldHeatmap(json) : json
    case 'logs':
    case 'text':
      return json
    case 'gauge':
    case 'bargauge':
    case 'stat':
      return oldOptionsToFieldConfig(json)
    default:
      return json
  }
}

/** Heat maps before Grafana 9. */
function oldHeatmap(json: Json): Json {
  const own = objectAt(json, 'fieldConfig')
  const unit = textAt(objectAt(json, 'yAxis'), 'format')
  return {
    ...json,
    fieldConfig: {
      defaults: { ...(unit === undefined ? {} : { unit }), ...objectAt(own, 'defaults') },
      overrides: objectsAt(own, 'overrides'),
    },
    options: { calculate: json['dataFormat'] === 'timeseries', ...objectAt(json, 'options') },
  }
}
