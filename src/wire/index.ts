export { BYTES, FIXED32, FIXED64, ProtoReader, ProtoWriter, VARINT } from './proto/index.ts'
export { type CriLine, newCriLine, type ParsedTime, parseCriLine, parseRfc3339Nano } from './cri/index.ts'
export {
  type Attributes,
  type AttributeValue,
  beginGauge,
  beginLogRecord,
  beginResourceBlock,
  beginScopeBlock,
  beginSum,
  encodeResource,
  endMetric,
  type LogFields,
  type MetricHead,
  type NumberPoint,
  type OpenMetric,
  type SumKind,
  writeAttribute,
  writeAttributes,
  writeLogAttribute,
  writeNumberPoint,
  writeTextValue,
} from './otlp/write/index.ts'
export {
  type ExpositionEntry,
  ExpositionError,
  type ExpositionExemplar,
  type ExpositionFormat,
  type ExpositionOptions,
  ExpositionParser,
  expositionFormatOf,
  validateOpenMetrics,
} from './exposition/index.ts'
export { METRIC_TYPES, type MetricType } from './metric-type.ts'
