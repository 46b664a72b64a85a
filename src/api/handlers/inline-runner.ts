import type { AppError, Clock } from '../../core/index.ts'
import { NO_FEATURES, type PromqlFeatures, type ResultsCache } from '../../query/index.ts'
import type { QueryRunner } from '../runner.ts'
import { handleRequest } from './handle-request.ts'
import type { Sources } from './handler.ts'

/** Runs requests on the calling thread: for tests and one-shot commands. */
export function createInlineRunner(options: {
  readonly sources: Sources
  readonly clock: Clock
  /** By default none. */
  readonly features?: PromqlFeatures
  readonly cache?: ResultsCache
  readonly onFault: (error: AppError) => void
}): QueryRunner {
  const { sources, clock, onFault, features = NO_FEATURES, cache } = options
  const kept = cache === undefined ? {} : { cache }
  return {
    run: (request, scope, signal) =>
      handleRequest(request, { scope, sources, features, ...kept, clock, signal }, onFault),
    close: () => Promise.resolve(),
  }
}
