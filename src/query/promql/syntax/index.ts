import type { Expr, VectorSelector } from '../ast.ts'
import { NO_FEATURES } from '../features.ts'
import { parseExpr } from './expressions.ts'
import { parseSelectorOnly } from './selector.ts'
import { promqlError } from './syntax-error.ts'
import { type Language, TokenStream } from './token-stream.ts'

export { isOutOfRange } from './literals.ts'
export { isValidText, scanString, unquote, unquoteBytes } from './scan-string.ts'
export { promqlError } from './syntax-error.ts'

/** Reads a query without checking its types. Throws ParseError. */
export function readQuery(query: string, language: Language): Expr {
  const tokens = new TokenStream(query, language)
  if (tokens.is('end')) throw promqlError(query, { start: 0, end: 0 }, 'no expression found in input')
  const expr = parseExpr(tokens)
  if (!tokens.is('end')) throw tokens.unexpected()
  return expr
}

/** Reads a selector without modifiers. Throws ParseError. */
export function readSelector(query: string): VectorSelector {
  const tokens = new TokenStream(query, { features: NO_FEATURES, findFunction: () => undefined })
  const selector = parseSelectorOnly(tokens)
  if (!tokens.is('end')) throw tokens.unexpected()
  return selector
}
