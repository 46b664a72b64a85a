import type { Labels, Matcher, Scope, TimeRange } from '../model/index.ts'

/** `|=`, `!=`, `|~`, `!~` on the line; the last two hold RE2 expressions, not anchored. */
export interface LineFilter {
  readonly operator: '|=' | '!=' | '|~' | '!~'
  readonly value: string
}

export interface LogLine {
  /** Nanoseconds since the epoch. */
  readonly timeNs: bigint
  readonly line: string
  /** Resource, scope and record attributes that are not index labels, names in Loki's spelling. */
  readonly structuredMetadata: Labels
}

export interface LogStream {
  /** The index labels. */
  readonly labels: Labels
  readonly lines: readonly LogLine[]
}

export interface LogSelectRequest {
  readonly matchers: readonly Matcher[]
  readonly filters: readonly LineFilter[]
  /** start ≤ t < end. */
  readonly startNs: bigint
  readonly endNs: bigint
  readonly limit: number
  readonly direction: 'forward' | 'backward'
}

/** Where LogQL reads from. */
export interface LogSource {
  select(scope: Scope, request: LogSelectRequest, signal: AbortSignal): Promise<readonly LogStream[]>
  labelNames(scope: Scope, range: TimeRange, signal: AbortSignal): Promise<readonly string[]>
  labelValues(
    scope: Scope,
    label: string,
    request: { readonly matchers: readonly Matcher[]; readonly range: TimeRange },
    signal: AbortSignal,
  ): Promise<readonly string[]>
  /** The index labels of all streams that match all matchers and have lines in the range, each set once. */
  streams(
    scope: Scope,
    request: { readonly matchers: readonly Matcher[]; readonly range: TimeRange },
    signal: AbortSignal,
  ): Promise<readonly Labels[]>
}
