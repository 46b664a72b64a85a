/** Which family an address belongs to: it decides the shape of errors. */
export type ApiName = 'prometheus' | 'loki' | 'tempo' | 'jaeger' | 'jaeger-v3' | 'fleet'

export interface QueryRoute {
  readonly api: ApiName
  readonly methods: readonly ('GET' | 'POST')[]
  /** In fastify's notation; parameters arrive decoded. */
  readonly path: string
}

const PROMETHEUS = '/prometheus/api/v1'
const LOKI = '/loki/api/v1'
const TEMPO = '/tempo/api'
const JAEGER = '/jaeger/api'

const prometheus = (path: string): QueryRoute => ({ api: 'prometheus', methods: ['GET'], path: PROMETHEUS + path })
const prometheusForm = (path: string): QueryRoute => ({ ...prometheus(path), methods: ['GET', 'POST'] })
const loki = (path: string): QueryRoute => ({ api: 'loki', methods: ['GET', 'POST'], path: LOKI + path })
const tempo = (path: string): QueryRoute => ({ api: 'tempo', methods: ['GET'], path: TEMPO + path })
const tempoForm = (path: string): QueryRoute => ({ ...tempo(path), methods: ['GET', 'POST'] })
const jaeger = (path: string): QueryRoute => ({ api: 'jaeger', methods: ['GET'], path: JAEGER + path })
const jaegerV3 = (path: string): QueryRoute => ({ api: 'jaeger-v3', methods: ['GET'], path: `${JAEGER}/v3${path}` })

/**
 * The addresses that a query worker answers, by the name under which requests travel to it. This table holds no code,
 * so that the thread that accepts connections need not load the query languages.
 */
export const QUERY_ROUTES = {
  'prometheus.query': prometheusForm('/query'),
  'prometheus.query-range': prometheusForm('/query_range'),
  'prometheus.format-query': prometheusForm('/format_query'),
  'prometheus.parse-query': prometheusForm('/parse_query'),
  'prometheus.series': prometheusForm('/series'),
  'prometheus.labels': prometheusForm('/labels'),
  'prometheus.label-values': prometheus('/label/:name/values'),
  'prometheus.metadata': prometheus('/metadata'),
  'prometheus.exemplars': prometheusForm('/query_exemplars'),
  'prometheus.rules': prometheus('/rules'),
  'prometheus.alerts': prometheus('/alerts'),
  'prometheus.targets': prometheus('/targets'),
  'prometheus.target-metadata': prometheus('/targets/metadata'),
  'prometheus.scrape-pools': prometheus('/scrape_pools'),
  'prometheus.federate': { api: 'prometheus', methods: ['GET'], path: '/prometheus/federate' },
  'prometheus.read': { ...prometheus('/read'), methods: ['POST'] },
  'prometheus.alertmanagers': prometheus('/alertmanagers'),
  'prometheus.features': prometheus('/features'),
  'prometheus.config': prometheus('/status/config'),
  'prometheus.flags': prometheus('/status/flags'),
  'prometheus.runtime-info': prometheus('/status/runtimeinfo'),
  'prometheus.tsdb': prometheus('/status/tsdb'),
  'prometheus.blocks': prometheus('/status/tsdb/blocks'),
  'prometheus.notifications': prometheus('/notifications'),
  'prometheus.wal-replay': prometheus('/status/walreplay'),
  'prometheus.build-info': prometheus('/status/buildinfo'),
  'loki.query': loki('/query'),
  'loki.query-range': loki('/query_range'),
  'loki.labels': loki('/labels'),
  'loki.label': loki('/label'),
  'loki.label-values': loki('/label/:name/values'),
  'loki.series': loki('/series'),
  'loki.index-stats': loki('/index/stats'),
  'loki.volume': loki('/index/volume'),
  'loki.volume-range': loki('/index/volume_range'),
  'loki.detected-labels': loki('/detected_labels'),
  'loki.detected-fields': loki('/detected_fields'),
  'loki.detected-field-values': loki('/detected_field/:name/values'),
  'loki.patterns': loki('/patterns'),
  'loki.format-query': loki('/format_query'),
  'loki.tail': loki('/tail'),
  'loki.export-page': loki('/export/page'),
  'loki.rules': { api: 'loki', methods: ['GET'], path: `${LOKI}/rules` },
  'loki.drilldown-limits': { api: 'loki', methods: ['GET'], path: `${LOKI}/drilldown-limits` },
  'loki.build-info': loki('/status/buildinfo'),
  'tempo.echo': tempo('/echo'),
  'tempo.trace': tempo('/traces/:id'),
  'tempo.trace-v2': tempo('/v2/traces/:id'),
  'tempo.search': tempoForm('/search'),
  'tempo.tags': tempo('/search/tags'),
  'tempo.tags-v2': tempo('/v2/search/tags'),
  'tempo.tag-values': tempo('/search/tag/:name/values'),
  'tempo.tag-values-v2': tempo('/v2/search/tag/:name/values'),
  'tempo.metrics-range': tempoForm('/metrics/query_range'),
  'tempo.metrics-instant': tempoForm('/metrics/query'),
  'tempo.metrics-summary': tempo('/metrics/summary'),
  'tempo.build-info': tempo('/status/buildinfo'),
  'tempo.ready': { api: 'tempo', methods: ['GET'], path: '/tempo/ready' },
  'jaeger.services': jaeger('/services'),
  'jaeger.operation-names': jaeger('/services/:service/operations'),
  'jaeger.operations': jaeger('/operations'),
  'jaeger.traces': jaeger('/traces'),
  'jaeger.trace': jaeger('/traces/:id'),
  'jaeger.dependencies': jaeger('/dependencies'),
  'jaeger.archive': { ...jaeger('/archive/:id'), methods: ['POST'] },
  'jaeger.transform': { ...jaeger('/transform'), methods: ['POST'] },
  'jaeger.metrics': jaeger('/metrics/:metric'),
  'jaeger-v3.services': jaegerV3('/services'),
  'jaeger-v3.operations': jaegerV3('/operations'),
  'jaeger-v3.traces': jaegerV3('/traces'),
  'jaeger-v3.trace': jaegerV3('/traces/:id'),
  'jaeger-v3.trace-summaries': jaegerV3('/trace-summaries'),
  'jaeger-v3.dependencies': jaegerV3('/dependencies'),
  'jaeger-v3.capabilities': jaegerV3('/capabilities'),
} as const satisfies Readonly<Record<string, QueryRoute>>

export type QueryRouteName = keyof typeof QUERY_ROUTES

export const QUERY_ROUTE_NAMES = Object.keys(QUERY_ROUTES) as readonly QueryRouteName[]

/** The family of any address of the hub, known or not; undefined for the console's. */
export function apiOf(path: string): ApiName | undefined {
  if (path.startsWith('/prometheus/')) return 'prometheus'
  if (path.startsWith('/loki/')) return 'loki'
  if (path.startsWith('/tempo/')) return 'tempo'
  if (path.startsWith('/jaeger/api/v3/')) return 'jaeger-v3'
  if (path.startsWith('/jaeger/')) return 'jaeger'
  return path.startsWith('/api/') ? 'fleet' : undefined
}
