import { lineAndColumn, ParseError } from '../../parse-error.ts'
import type { Range } from '../ast.ts'

/** Builds the error with Prometheus' form of the message: `1:5: parse error: …`. */
export function promqlError(query: string, range: Range, message: string): ParseError {
  const { line, column } = lineAndColumn(query, range.start)
  const place = query === '' ? 'unknown position' : `${String(line)}:${String(column)}`
  return new ParseError(`${place}: parse error: ${message}`, { query, start: range.start, end: range.end })
}
