export { type StoreExporterConfig, storeExporterConfigSchema } from './config.ts'
export { STORE_CONSUMER, toDeadLetters } from './dead-letters.ts'
export { type StoredCount, type StoreProgress } from './progress.ts'
export { createStoreExporter, type StoreExporterOptions } from './store.ts'
