import type { Labels, Matcher, MatchOperator, Scope, TimeRange } from '../model/index.ts'

/**
 * What a line must meet before any stage of a pipeline has changed it. `line-…` look at its text; RE2 expressions match
 * any part of it and their dots match no line break unless they say so. `label` looks at a label of the line's stream or,
 * where the stream has none of this name, at its structured metadata; expressions are anchored there, and what is absent
 * is the empty text.
 */
export type LineCondition =
  | { readonly t: 'all'; readonly of: readonly LineCondition[] }
  | { readonly t: 'any'; readonly of: readonly LineCondition[] }
  | { readonly t: 'line-contains' | 'line-lacks'; readonly text: string }
  | { readonly t: 'line-matches' | 'line-fails'; readonly expression: string }
  | { readonly t: 'label'; readonly name: string; readonly operator: MatchOperator; readonly value: string }

/** The parsers whose fields a source may find by itself: those that take all fields there are. */
export type LineParser = 'json' | 'logfmt'

/** What a field's text must be as a number: compared so, or no number at all. Lines without the field do not meet it. */
export interface NumberCondition {
  readonly t: 'number'
  readonly name: string
  readonly operator: '==' | '!=' | '>' | '>=' | '<' | '<='
  readonly value: number
}

/** What a line must meet whose fields have been found. */
export type FieldCondition = LineCondition | NumberCondition

/** Met by every line. */
export const ANY_LINE: LineCondition = { t: 'all', of: [] }

/** Times in nanoseconds since the epoch; which of the ends belongs to it is said each time. */
export interface NsRange {
  readonly startNs: bigint
  readonly endNs: bigint
  /** `[start, end)` is how logs are listed, `(start, end]` how ranges of metric queries are read. */
  readonly ends: '[start, end)' | '(start, end]'
}

/** What is read of each line beside its time and its stream. */
export interface LineColumns {
  /** `bytes`: only how long it is, in UTF-8. */
  readonly line: 'text' | 'bytes' | 'none'
  /** The structured metadata of these names, or all. */
  readonly metadata: 'all' | readonly string[]
  /** Whether `all` has the time at which the hub received the line; by its name it is always there. */
  readonly received?: boolean
}

export interface LogSelectRequest {
  /** Of the streams. */
  readonly matchers: readonly Matcher[]
  readonly range: NsRange
  /** Lines that do not meet this are not wanted. It is no more than that: the source may give some all the same. */
  readonly condition: LineCondition
  readonly columns: LineColumns
  readonly direction: 'forward' | 'backward'
  /** Only lines that the hub received then or later. */
  readonly receivedSinceMs?: number
  /**
   * About how many lines that meet the condition will be taken before the reader stops, if it is known. A source may
   * read in portions of that size, but it gives more as long as it is asked.
   */
  readonly expected?: number
}

/** A stream of a selection; in all blocks of one selection the same object. */
export interface SelectedStream {
  readonly labels: Labels
}

/** Some lines in columns; the source may use the memory again once the next block is asked for. */
export interface LogBlock {
  readonly rows: number
  /** True where every line of the block is sure to meet the condition that was asked for. */
  readonly exact?: boolean
  /** Nanoseconds since the epoch. */
  readonly timesNs: BigInt64Array | BigUint64Array
  stream(row: number): SelectedStream
  /** '' if the text was not asked for. */
  line(row: number): string
  /** The line's length in UTF-8; 0 if neither this nor the text was asked for. */
  bytes(row: number): number
  /**
   * Name, value, name, value, … of the structured metadata that was asked for, without empty values, no name twice.
   * Names are in Loki's spelling.
   */
  metadata(row: number): readonly string[]
}

/**
 * Counting, in windows that end every `stepNs` and hold end - rangeNs < t ≤ end, all of which a source that can do it
 * exactly may do by itself.
 */
export interface LogCountRequest {
  readonly matchers: readonly Matcher[]
  /** Exactly these lines count. */
  readonly condition: LineCondition
  readonly measure: 'lines' | 'bytes'
  /**
   * The fields that a parser finds in a line are labels, too, where neither the stream nor the metadata has the name: for
   * `by`, and for these conditions, all of which must be met. A source does not count where a line is broken.
   */
  readonly fields?: { readonly parser: LineParser; readonly conditions: readonly FieldCondition[] }
  /**
   * The labels that tell series apart: of the stream or, where it has none of that name, of the structured metadata.
   * `all` are all of both; a name of the metadata that the stream has, too, gets `_extracted` behind it then.
   */
  readonly by: 'all' | readonly string[]
  readonly firstEndNs: bigint
  readonly stepNs: bigint
  readonly count: number
  readonly rangeNs: bigint
}

/** One series of counts. */
export interface LogCounts {
  /** Without empty values. */
  readonly labels: Labels
  /** One a window; NaN where the window holds no line. */
  readonly values: Float64Array
}

export interface LogCountAnswer {
  readonly series: readonly LogCounts[]
  /** How many lines were counted, in windows or between them. */
  readonly lines: number
  /** The bytes of their texts, where these were looked at. */
  readonly bytes: number
}

/** Where LogQL reads from. */
export interface LogSource {
  /**
   * The lines in the order of their times over all streams, in blocks. Memory is bounded by the source, whatever the
   * range holds; it reads on only when the next block is asked for, and frees what it holds when the iteration ends.
   */
  select(scope: Scope, request: LogSelectRequest, signal: AbortSignal): AsyncIterable<LogBlock>
  /** Undefined when the source would rather have the lines read. */
  readonly count?: (scope: Scope, request: LogCountRequest, signal: AbortSignal) => Promise<LogCountAnswer | undefined>
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
