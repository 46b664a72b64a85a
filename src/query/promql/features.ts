import { PROMQL_FEATURES, type PromqlFeature } from '../../model/index.ts'

/** The experimental parts of the language that are switched on. */
export type PromqlFeatures = ReadonlySet<PromqlFeature>

/** As Prometheus is without flags. */
export const NO_FEATURES: PromqlFeatures = new Set()

export const ALL_FEATURES: PromqlFeatures = new Set(PROMQL_FEATURES)
