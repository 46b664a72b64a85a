export { createStoreClient, type StoreClient, type StoreConnection, type StoreQueryOptions } from './client.ts'
export { createEngineSupervisor, type EngineSupervisor } from './engine/supervisor.ts'
export { applyRetention, migrate, type Retention, type RetentionPlan } from './schema/index.ts'
