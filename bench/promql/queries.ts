/** A query and how many series it reads of a data set. */
export interface BenchQuery {
  readonly what: string
  readonly text: string
}

/** One, a hundred, a tenth and all of the series; then what dashboards do with them. */
export function queriesFor(series: number): readonly BenchQuery[] {
  const tenth = `${(series / 10).toLocaleString('en')} series`
  const all = `${series.toLocaleString('en')} series`
  return [
    { what: '1 series, rate', text: 'rate(bench_requests_total{pod="pod-42"}[5m])' },
    { what: '100 series, sum by rate', text: 'sum by (code) (rate(bench_requests_total{instance="host-3"}[5m]))' },
    { what: '100 series, rate', text: 'rate(bench_requests_total{instance="host-3"}[5m])' },
    {
      what: '100 series, subquery',
      text: 'max_over_time(sum(rate(bench_requests_total{instance="host-3"}[5m]))[30m:1m])',
    },
    { what: `${tenth}, sum by rate`, text: 'sum by (code) (rate(bench_requests_total{zone="z3"}[5m]))' },
    { what: `${tenth}, topk of rate`, text: 'topk(5, rate(bench_requests_total{zone="z3"}[5m]))' },
    { what: `${tenth}, regex`, text: 'sum(rate(bench_requests_total{instance=~"host-[0-9]*7"}[5m]))' },
    {
      what: `${tenth}, histogram_quantile`,
      text: 'histogram_quantile(0.9, sum by (le) (rate(bench_seconds_bucket[5m])))',
    },
    { what: `${all}, sum by rate`, text: 'sum by (zone) (rate(bench_requests_total[5m]))' },
    { what: `${all}, sum`, text: 'sum(bench_requests_total)' },
  ]
}
