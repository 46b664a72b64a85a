export { checkOtlp, countItems } from './count.ts'
export { jsonToOtlp } from './json.ts'
export { DEFAULT_OTLP_LIMITS, type OtlpLimits } from './limits.ts'
export { mergeOtlp } from './merge.ts'
export {
  encodePartialSuccess,
  OTLP_SUCCESS,
  OTLP_SUCCESS_JSON,
  type PartialSuccess,
  readPartialSuccess,
  renderPartialSuccessJson,
} from './response.ts'
export { type Stamped, stampOtlp } from './stamp.ts'
export { decodeRpcStatus, encodeRpcStatus, renderRpcStatusJson, type RpcStatus } from './status.ts'
export { type SplitPart, splitOtlp } from './split.ts'
export { keepWithinWindow, type TimeWindow, type WithinWindow } from './time-window.ts'
