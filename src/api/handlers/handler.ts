import type { Clock } from '../../core/index.ts'
import type { Scope } from '../../model/index.ts'
import type {
  CardinalitySource,
  ExemplarSource,
  LogSource,
  LogVolumeSource,
  MetricSource,
  PromqlFeatures,
  ResultsCache,
  ServiceSource,
  TraceSource,
} from '../../query/index.ts'
import type { ApiRequest, ApiResponse } from '../messages.ts'

export interface Sources {
  readonly metrics: MetricSource
  readonly exemplars: ExemplarSource
  readonly cardinality: CardinalitySource
  readonly logs: LogSource
  readonly logVolumes: LogVolumeSource
  readonly traces: TraceSource
  readonly services: ServiceSource
}

/** Everything a handler may use besides its request. */
export interface HandlerContext {
  readonly scope: Scope
  readonly sources: Sources
  /** Experimental parts of PromQL that are switched on. */
  readonly features: PromqlFeatures
  /** Answers of range queries; absent where none are kept. */
  readonly cache?: ResultsCache
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Answers one request. Errors are thrown as AppErrors and rendered in the API's shape by `handleRequest`. */
export type ApiHandler = (request: ApiRequest, context: HandlerContext) => ApiResponse | Promise<ApiResponse>
