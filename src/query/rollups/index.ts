export {
  BUCKET_FACTS,
  type BucketFact,
  type Buckets,
  concatBuckets,
  mergeBuckets,
  newBuckets,
  ROLLUP_SIZES_MS,
  type RollupSizeMs,
} from './buckets.ts'
export { bucketsOf, coarserBuckets, isChange, isHigher, isLower, sumOf } from './build-buckets.ts'
