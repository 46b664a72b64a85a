export { type BucketSpan, type NativeHistogram, RESET_HINTS, type ResetHint } from './native-histogram.ts'
export { RemoteWriteWriter } from './writer.ts'
