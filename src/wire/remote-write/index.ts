export { type BucketSpan, type NativeHistogram, RESET_HINTS, type ResetHint } from './native-histogram.ts'
export { type ReadSample, type ReadSeries, type ReadSeriesExemplar, readSeries } from './read.ts'
export { RemoteWriteWriter } from './writer.ts'
export { mergeRemoteWrite2 } from './merge.ts'
export { type RemoteWritePart, splitRemoteWrite2 } from './split.ts'
export { readRemoteWrite2 } from './read-request2.ts'
export { remoteWrite1ToRequest2 } from './request1.ts'
export { remoteWrite2ToRequest1 } from './to-request1.ts'
export {
  DEFAULT_REMOTE_WRITE_LIMITS,
  type RemoteWriteLimits,
  type RemoteWriteProblem,
  type RemoteWriteVerdict,
} from './verdict.ts'
