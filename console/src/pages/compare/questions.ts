/** A question that tells clusters apart. */
export interface Question {
  readonly words: string
  readonly query: string
  readonly isLogs?: boolean
  readonly ignore?: string
}

const SERVED = 'span_kind=~"SPAN_KIND_SERVER|SPAN_KIND_CONSUMER"'

export const QUESTIONS: readonly Question[] = [
  {
    words: 'Latency of services, p95',
    query: `histogram_quantile(0.95, sum by (le, service) (rate(traces_spanmetrics_latency_bucket{${SERVED}}[5m])))`,
  },
  { words: 'Requests of services', query: `sum by (service) (rate(traces_spanmetrics_calls_total{${SERVED}}[5m]))` },
  {
    words: 'Share of requests that fail, by service',
    query: `sum by (service) (rate(traces_spanmetrics_calls_total{${SERVED}, status_code="STATUS_CODE_ERROR"}[5m])) / sum by (service) (rate(traces_spanmetrics_calls_total{${SERVED}}[5m]))`,
  },
  { words: 'Targets that are up, by job', query: 'sum by (job) (up)' },
  { words: 'Series of each metric: what exists only here', query: 'count by (__name__) ({__name__=~".+"})' },
  { words: 'Versions', query: 'count by (job, version) ({__name__=~".+_build_info"})' },
  {
    words: 'Log lines of services per second',
    query: 'sum by (service_name) (rate({service_name=~".+"}[5m]))',
    isLogs: true,
  },
  {
    words: 'Error lines of services per second',
    query: 'sum by (service_name) (rate({service_name=~".+"} | detected_level="error" [5m]))',
    isLogs: true,
  },
]
