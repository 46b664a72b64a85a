export { elasticBulkToOtlp } from './bulk.ts'
export {
  type BulkItem,
  type BulkLimits,
  type BulkOptions,
  type BulkProblem,
  type BulkVerdict,
  DEFAULT_BULK_LIMITS,
} from './verdict.ts'
