export { type PrometheusReceiverConfig, prometheusReceiverConfigSchema, type ScrapeJob } from './config.ts'
export { createPrometheusReceiver, type PrometheusReceiver, type PrometheusReceiverOptions } from './prometheus.ts'
export type { TargetState } from './scrape-loop.ts'
