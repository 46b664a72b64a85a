export { type CheckpointSource, readNewestCheckpoints } from './checkpoint.ts'
export type { Consumer } from './consumer.ts'
export { createDropCounter, type DropCounter } from './drop-counter.ts'
export { DurableWindows, type DurableWindowsOptions, openSourceWindows } from './durable-windows.ts'
export type { SequenceRange } from './intervals.ts'
export { createLogSink, type LogSinkOptions, PartlyStoredError } from './log-sink.ts'
export { decodeRecord, encodeRecord } from './record.ts'
export {
  DEFAULT_WINDOW_LIMITS,
  type ForgottenCounts,
  type SavedWindows,
  type SourceWindowLimits,
  SourceWindows,
} from './source-windows.ts'
