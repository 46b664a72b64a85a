export { type BucketSpan, type NativeHistogram, RESET_HINTS, type ResetHint } from './native-histogram.ts'
export { type ReadSample, type ReadSeries, type ReadSeriesExemplar, readRemoteWrite2 } from './read.ts'
export { RemoteWriteWriter } from './writer.ts'
