// What walks over OTLP bytes without an object for each record, for other readers of the log than the store writer.
export { Hash64 } from './hash64.ts'
export { KeyTable } from './key-table.ts'
export { UNKNOWN_SERVICE } from './log-labels.ts'
export { type AttributeSet, type OtlpVisitor, walkOtlp } from './otlp-walk.ts'
export { ByteRange, nsToMs, type RangeList } from './payload.ts'
export { SPAN_ID_BYTES, SpanRecord, TRACE_ID_BYTES } from './span-record.ts'
