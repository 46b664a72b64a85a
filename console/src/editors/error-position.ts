/** Where a query is wrong, as offsets into it. */
export interface ErrorPlace {
  readonly from: number
  readonly to: number
}

/**
 * Where an error message of the three languages points to: `1:12: parse error: …` of Prometheus, `parse error at line 1,
 * col 12: …` of Loki and Tempo. Columns count from one. Undefined when it names no place.
 */
export function placeOfError(message: string, query: string): ErrorPlace | undefined {
  const match = /(?:line )?(\d+)(?::|, col )(\d+)/.exec(message)
  if (match === null || !/parse error|syntax/i.test(message)) return undefined
  const [line = 0, column = 0] = match.slice(1).map(Number)
  const lines = query.split('\n')
  const before = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0)
  const from = Math.min(before + Math.max(0, column - 1), Math.max(0, query.length - 1))
  const word = /^[\w.:-]+/.exec(query.slice(from))?.[0].length ?? 1
  return { from, to: Math.min(query.length, from + word) }
}
