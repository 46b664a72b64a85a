import { AppError } from '../../core/index.ts'

/** Runs the work with a signal that also aborts after the time; then the error is `timeout`, whatever the work threw. */
export async function withTimeout<T>(
  signal: AbortSignal,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timer = AbortSignal.timeout(timeoutMs)
  try {
    return await work(AbortSignal.any([signal, timer]))
  } catch (reason) {
    if (!timer.aborted || signal.aborted) throw reason
    throw new AppError('timeout', 'query timed out in expression evaluation', { cause: reason })
  }
}
