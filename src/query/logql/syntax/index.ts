import type { LogqlExpr } from '../ast.ts'
import { parseExpr, type Reading } from './expressions.ts'
import { TokenStream } from './token-stream.ts'

export { logqlError, logqlMistake } from './syntax-error.ts'
export type { Mistakes } from './mistakes.ts'

/** Reads a query. Throws ParseError; what is wrong with parts that could be read is in `mistakes`. */
export function readQuery(query: string): { readonly expr: LogqlExpr; readonly mistakes: Reading['mistakes'] } {
  const reading: Reading = { tokens: new TokenStream(query), mistakes: new Map() }
  const expr = parseExpr(reading)
  if (!reading.tokens.is('$end')) throw reading.tokens.unexpected()
  return { expr, mistakes: reading.mistakes }
}
