import { AppError } from '../core/index.ts'

/** A query that does not parse or does not type-check. `start` and `end` count UTF-16 units in `query`. */
export class ParseError extends AppError {
  readonly query: string
  readonly start: number
  readonly end: number

  constructor(message: string, place: { readonly query: string; readonly start: number; readonly end: number }) {
    super('invalid', message)
    this.name = 'ParseError'
    this.query = place.query
    this.start = place.start
    this.end = place.end
  }
}

/** Line and column of a place in a query, both from 1; the column counts bytes of UTF-8, as Go programs print it. */
export function lineAndColumn(query: string, offset: number): { readonly line: number; readonly column: number } {
  const before = query.slice(0, offset)
  const lineStart = before.lastIndexOf('\n') + 1
  return {
    line: before.split('\n').length,
    column: Buffer.byteLength(before.slice(lineStart), 'utf8') + 1,
  }
}
