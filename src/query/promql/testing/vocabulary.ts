/** The words that generated queries are made of. */
export interface Vocabulary {
  readonly metrics: readonly string[]
  readonly labels: Readonly<Record<string, readonly string[]>>
  readonly regexps: readonly string[]
  /** In Prometheus' form. */
  readonly durations: readonly string[]
  /** Seconds for `@`. */
  readonly times: readonly string[]
}

/** Names and values that are hard to read: words of the language, quotes, other scripts. */
export const AWKWARD_VOCABULARY: Vocabulary = {
  metrics: [
    ...['up', 'http_requests_total', 'job:rate:5m', ':a', 'sum', 'by', 'offset', 'start', 'step', 'fill', 'anchored'],
    ...['and', 'unless', 'min_of', 'limitk', 'Inf_', 'nano', '_', 'e5', 'x1d'],
  ],
  labels: {
    job: ['api', 'a"b', "it's", '`raw`', 'back\\slash'],
    le: ['0.5', '+Inf'],
    by: ['', '\n\t', 'é😀', 'http.method'],
    'http.method': ['GET', '{}', '[5m]'],
    'with "quotes"': ['x', '#'],
    é: ['1'],
  },
  regexps: ['', '.*', '.+', 'a|b', '(?i)x', '[a-c]+', '\\\\d{2}', '^x$', '(?P<n>a)'],
  durations: ['1s', '5m', '1h', '1d', '1w', '1y', '1h30m', '15s500ms', '1ms', '90', '1e3', '0x1F', '.5'],
  times: ['0', '1.5', '-3', '1700000000', '1h', '+2', '1e9'],
}
