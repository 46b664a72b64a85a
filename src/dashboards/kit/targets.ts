import { DataqueryBuilder as LokiQuery } from '@grafana/grafana-foundation-sdk/loki'
import { DataqueryBuilder as PromQuery, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { TempoQueryBuilder as TempoQuery } from '@grafana/grafana-foundation-sdk/tempo'
import { LOGS, METRICS, TRACES } from './data-sources.ts'

/** PromQL over the dashboard's time range. The legend is in Grafana's notation: `{{cluster}}`. */
export function overTime(expr: string, legend = '', options: { readonly exemplars?: boolean } = {}): PromQuery {
  const query = new PromQuery().datasource(METRICS).expr(expr).legendFormat(legend).range()
  return options.exemplars === true ? query.exemplar(true) : query
}

/** Buckets of a histogram over time, for heatmaps. */
export function buckets(expr: string): PromQuery {
  return overTime(expr, '{{le}}').format(PromQueryFormat.Heatmap)
}

/** PromQL at the end of the time range: one value a series. */
export function atEnd(expr: string, legend = ''): PromQuery {
  return new PromQuery().datasource(METRICS).expr(expr).legendFormat(legend).instant()
}

/** Log lines, the newest first. */
export function lines(expr: string, limit = 500): LokiQuery {
  return new LokiQuery().datasource(LOGS).expr(expr).queryType('range').maxLines(limit)
}

/** A metric query over logs. */
export function counted(expr: string, legend = ''): LokiQuery {
  return new LokiQuery().datasource(LOGS).expr(expr).queryType('range').legendFormat(legend)
}

/** The same at the end of the time range. */
export function countedAtEnd(expr: string, legend = ''): LokiQuery {
  return new LokiQuery().datasource(LOGS).expr(expr).queryType('instant').legendFormat(legend)
}

/** Traces that a TraceQL query finds. */
export function traces(query: string, limit = 50): TempoQuery {
  return new TempoQuery().datasource(TRACES).queryType('traceql').query(query).limit(limit)
}

/** The service graph as nodes and edges; the data source reads it from the metrics that it is set up with. */
export function serviceMap(): TempoQuery {
  return new TempoQuery().datasource(TRACES).queryType('serviceMap')
}
