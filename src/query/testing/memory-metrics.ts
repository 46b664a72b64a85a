export { createMemoryMetrics, scopeAllows, seriesOf } from '../memory-metrics.ts'
