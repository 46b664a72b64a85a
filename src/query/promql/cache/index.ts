export { evaluateRangeCached } from './cached-range.ts'
export { type CacheCounts, ResultsCache } from './results-cache.ts'
