import type { Batch } from '../model/index.ts'

/**
 * Takes a batch over. Resolving means that it is safe: on disk and synced, or refused a second time because it is
 * there already. Rejecting means that the caller still owns it; the AppError's code says whether to try again
 * (`exhausted`, `unavailable`) or not (`invalid`, `too_large`).
 */
export type Consumer = (batch: Batch) => Promise<void>
