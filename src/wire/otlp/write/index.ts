export { type Attributes, type AttributeValue, writeAttribute, writeAttributes, writeTextValue } from './attributes.ts'
export { beginLogRecord, type LogFields, writeLogAttribute } from './logs.ts'
export {
  beginGauge,
  beginSum,
  endMetric,
  type MetricHead,
  type NumberPoint,
  type OpenMetric,
  type SumKind,
  writeNumberPoint,
} from './metrics.ts'
export { beginResourceBlock, beginScopeBlock, encodeResource } from './resource.ts'
