export { createMemoryTraces, type OwnedSpan, spanOf } from '../traceql-script/memory-traces.ts'
