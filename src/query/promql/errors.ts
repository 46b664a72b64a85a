import { AppError } from '../../core/index.ts'

/** A query that parses but cannot be answered with this data: what Prometheus calls an execution error. */
export function evaluationError(message: string): AppError {
  return new AppError('invalid', message)
}

/** More samples than one query may hold. The text is Prometheus'. */
export function tooManySamples(): AppError {
  return new AppError('exhausted', 'query processing would load too many samples into memory in query execution', {
    retryable: false,
  })
}
