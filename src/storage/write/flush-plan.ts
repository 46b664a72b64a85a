/** Sequences of one log, both ends inclusive. Some of them may have no record. */
export interface FlushRange {
  readonly epoch: string
  readonly first: number
  readonly last: number
}

/**
 * A flush and how far it has come. The engine stores a token once, so a flush that is done again must use the same
 * tokens for the same rows: the range must be the same, and so must the pieces into which it was split.
 */
export interface FlushPlan {
  readonly range: FlushRange
  /** Pieces that the engine has refused, as `table:first-last`: they are split at once when the flush is repeated. */
  readonly refused: readonly string[]
  /** Persists a longer `refused`; what the piece is split into is tried when it resolves. */
  onRefused(refused: readonly string[]): Promise<void>
}
