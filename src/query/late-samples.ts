/** Samples that were stored long after their own time. */
export interface LateArrival {
  readonly tenant: string
  /** None of them is older. */
  readonly firstMs: number
}

/**
 * Tells of samples that came late, so that what was calculated without them is calculated again. Whatever was not
 * readable when a call began and is older than `LATE_AFTER_MS` at that moment is told by a later call.
 */
export interface LateSamples {
  /** Those that no call has told of; the first call tells none. Calls must not overlap. */
  next(signal: AbortSignal): Promise<readonly LateArrival[]>
}

/** Samples younger than this when they can be read are not told of. */
export const LATE_AFTER_MS = 300_000
