export { createPrometheusProtocol } from './prometheus.ts'
