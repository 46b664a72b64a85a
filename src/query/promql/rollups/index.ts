export { findRollupFunction, instantRollup, timestampRollup } from './rollup-functions.ts'
export { rollupRows, type RollupUse } from './rollup-rows.ts'
