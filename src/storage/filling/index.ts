export type { FillKind } from './fill-kind.ts'
export { FillJob, type FillJobParts } from './fill-job.ts'
export { filledStretch } from './fill-state.ts'
export {
  type FillBacklog,
  Filler,
  type FillerOptions,
  type FillResult,
  type FillStretch,
  type FillWork,
  type TurnResult,
} from './filler.ts'
export { seriesByTenant, type StoredSeries, type TenantSeries } from './stored-series.ts'
