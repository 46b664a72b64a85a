export { BucketReader, DEFAULT_ROLLUP_USE, type RollupUse } from './bucket-pieces.ts'
export { type RollupBacklog, RollupFiller, type TurnResult } from './rollup-filler.ts'
export { RollupJob, type RollupJobParts } from './rollup-job.ts'
