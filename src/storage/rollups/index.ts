export { BucketReader, DEFAULT_ROLLUP_USE, type RollupUse } from './bucket-pieces.ts'
export { createRollupFiller } from './roll-up.ts'
