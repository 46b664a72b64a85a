import { ParseError } from '../../parse-error.ts'
import type { Range } from '../ast.ts'

/**
 * The error as Loki words it: `parse error at line 1, col 5: …`; the column counts characters.
 * Behind tokens that Loki reads past its scanner it knows no line and says 0.
 */
export function logqlError(query: string, { start, end }: Range, message: string, lineless = false): ParseError {
  const before = query.slice(0, start)
  const line = lineless ? 0 : before.split('\n').length
  const column = Array.from(before.slice(before.lastIndexOf('\n') + 1)).length + 1
  const where = query === '' ? ' ' : ` at line ${String(line)}, col ${String(column)}`
  return new ParseError(`parse error${where}: ${message}`, { query, start, end })
}

/** What is wrong with a part that can be read: Loki tells no place then. */
export function logqlMistake(query: string, { start, end }: Range, message: string): ParseError {
  return new ParseError(`parse error : ${message}`, { query, start, end })
}
