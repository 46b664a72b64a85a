export { BYTES, FIXED32, FIXED64, ProtoReader, ProtoWriter, VARINT } from './proto/index.ts'
export {
  checkOtlp,
  countItems,
  decodeRpcStatus,
  encodeRpcStatus,
  jsonToOtlp,
  mergeOtlp,
  OTLP_SUCCESS,
  OTLP_SUCCESS_JSON,
  type OtlpLimits,
  type PartialSuccess,
  readPartialSuccess,
  renderRpcStatusJson,
  type RpcStatus,
  type Stamped,
  stampOtlp,
} from './otlp/index.ts'
export { countRemoteWrite2, stampRemoteWrite2 } from './remote-write/stamp.ts'
export { type CriLine, newCriLine, type ParsedTime, parseCriLine, parseRfc3339Nano } from './cri/index.ts'
export {
  type Attributes,
  beginGauge,
  beginLogRecord,
  beginResourceBlock,
  beginScopeBlock,
  beginSum,
  encodeResource,
  endMetric,
  type LogFields,
  writeLogAttribute,
  writeNumberPoint,
} from './otlp/write/index.ts'
export {
  type ExpositionEntry,
  ExpositionError,
  type ExpositionExemplar,
  type ExpositionFormat,
  type ExpositionOptions,
  ExpositionParser,
  expositionFormatOf,
  roleInFamily,
  validateOpenMetrics,
} from './exposition/index.ts'
export { METRIC_TYPES, type MetricType } from './metric-type.ts'
export {
  type BucketSpan,
  type NativeHistogram,
  RemoteWriteWriter,
  type ResetHint,
} from './remote-write/index.ts'
export { snappyCompress, snappyUncompress } from './snappy/index.ts'
