export { createStoreClient, type StoreClient, type StoreConnection, type StoreQueryOptions } from './client.ts'
export { createEngineSupervisor, type EngineSupervisor } from './engine/supervisor.ts'
export { applyRetention, migrate, type Retention, type RetentionPlan } from './schema/index.ts'
export { type DeadLetter, type DeadLetters, type DeadLetterOptions, openDeadLetters } from './write/dead-letters.ts'
export type { FlushPlan, FlushRange } from './write/flush-plan.ts'
export {
  type LoggedRecord,
  type PreparedFlush,
  type StoredBatch,
  StoreWriter,
  type StoreWriterOptions,
} from './write/store-writer.ts'
export type { TranscoderOptions } from './write/transcoder.ts'
export { type LedgerEntry, readLedger } from './read/ledger.ts'
export { DEFAULT_QUERY_LIMITS, type QueryLimits } from './read/limits.ts'
export { createLogSource } from './read/log-source.ts'
export { createMetricSource } from './read/metric-source.ts'
export { createTraceSource } from './read/trace-source.ts'
