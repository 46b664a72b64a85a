export { lokiJsonToOtlp } from './push-json.ts'
export { lokiPushToOtlp } from './push-proto.ts'
export { DEFAULT_LOKI_LIMITS, type LokiLimits, type LokiProblem, type LokiVerdict } from './verdict.ts'
export { STREAM_LABELS } from './stream-labels.ts'
