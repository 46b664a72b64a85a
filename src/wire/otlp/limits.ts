/** What a request may hold at most. A request over a limit is refused whole, so they stand far above honest use. */
export interface OtlpLimits {
  /** How deep values may nest: arrays and key-value lists in each other. */
  readonly nesting: number
  /** Attributes of one resource, scope, item, event, link or exemplar. SDKs stop at 128 of their own accord. */
  readonly attributes: number
  readonly keyBytes: number
}

export const DEFAULT_OTLP_LIMITS: OtlpLimits = { nesting: 32, attributes: 1_024, keyBytes: 1_024 }
