export { migrate } from './migrate.ts'
export { applyRetention, type Retention, type RetentionPlan } from './retention.ts'
