/**
 * A kind is what Loki's messages call the token: `IDENTIFIER`, `STRING`, `NUMBER`, `DURATION`, `BYTES`, `RANGE`,
 * `FUNCTION_FLAG`, `$end`, the names of functions in capitals, and all else as it is written.
 */
export interface Token {
  readonly kind: string
  /** As it stands in the query, of words in any case. */
  readonly text: string
  readonly start: number
  readonly end: number
  /** The text of a string. */
  readonly value?: string
  /** Nanoseconds of a duration or a range, bytes of a size. */
  readonly size?: number
}

/** Words that are functions before a parenthesis, `by` or `without`, and names everywhere else. */
export const FUNCTION_KINDS: ReadonlyMap<string, string> = new Map([
  ...[
    ...['rate', 'rate_counter', 'count_over_time', 'bytes_rate', 'bytes_over_time', 'avg_over_time', 'sum_over_time'],
    ...['min_over_time', 'max_over_time', 'stdvar_over_time', 'stddev_over_time', 'quantile_over_time'],
    ...['first_over_time', 'last_over_time', 'absent_over_time', 'vector', 'sum', 'avg', 'max', 'min', 'count'],
    ...['stddev', 'stdvar', 'bottomk', 'topk', 'sort', 'sort_desc', 'approx_topk'],
  ].map((word): [string, string] => [word, word.toUpperCase()]),
  ['bytes', 'BYTES_CONV'],
  ['duration', 'DURATION_CONV'],
  ['duration_seconds', 'DURATION_SECONDS_CONV'],
  ['label_replace', 'label_replace'],
  ['ip', 'ip'],
])

export const SYMBOLS: ReadonlySet<string> = new Set([
  ...[',', '.', '{', '}', '=', '!=', '=~', '!~', '!>', '|=', '|~', '|>', '|', '(', ')', '[', ']'],
  ...['+', '-', '*', '/', '%', '^', '==', '>', '>=', '<', '<='],
])

export const WORDS: ReadonlySet<string> = new Set([
  ...['unwrap', 'by', 'without', 'bool', 'offset', 'on', 'ignoring', 'group_left', 'group_right', 'or', 'and'],
  ...['unless', 'json', 'regexp', 'logfmt', 'unpack', 'pattern', 'label_format', 'line_format', 'decolorize'],
  ...['drop', 'keep', 'variants', 'of'],
])

export const FLAGS: readonly string[] = ['--strict', '--keep-empty']
