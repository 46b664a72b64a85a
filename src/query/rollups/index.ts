export {
  BUCKET_FACTS,
  bucketEnd,
  type BucketFact,
  type Buckets,
  concatBuckets,
  mergeBuckets,
  newBuckets,
  ROLLUP_SIZES_MS,
  type RollupSizeMs,
  samplesIn,
} from './buckets.ts'
export { bucketsOf, coarserBuckets, isChange, isHigher, isLower, sumOf } from './build-buckets.ts'
