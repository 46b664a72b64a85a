export { type Attributes } from './attributes.ts'
export { beginLogRecord, type LogFields, writeLogAttribute } from './logs.ts'
export { beginGauge, beginSum, endMetric, writeNumberPoint } from './metrics.ts'
export { beginResourceBlock, beginScopeBlock, encodeResource } from './resource.ts'
