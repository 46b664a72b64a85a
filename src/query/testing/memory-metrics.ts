export { createMemoryMetrics, seriesOf } from '../memory-metrics.ts'
