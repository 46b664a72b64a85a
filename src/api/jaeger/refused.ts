import type { ApiHandler } from '../handlers/handler.ts'
import { errorEnvelope } from './envelope.ts'

const NOT_IMPLEMENTED = 501

/** `/api/archive/<id>`: there is one store; how long it keeps traces is in the fleet file. */
export const archive: ApiHandler = () =>
  errorEnvelope(NOT_IMPLEMENTED, 'archive span storage was not configured: retention is set in the fleet file')

/** `/api/transform`. */
export const transform: ApiHandler = () =>
  errorEnvelope(NOT_IMPLEMENTED, 'traces are not transformed here: send them to /otlp/v1/traces')

/** `/api/metrics/…`: what Jaeger would compute here, PromQL does. */
export const metrics: ApiHandler = () =>
  errorEnvelope(NOT_IMPLEMENTED, 'metrics querying is currently disabled: ask /prometheus for traces_spanmetrics_*')
