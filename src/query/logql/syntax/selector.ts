import { AppError } from '../../../core/index.ts'
import type { Matcher, MatchOperator } from '../../../model/index.ts'
import { compileMatcher } from '../../matchers.ts'
import type { TokenStream } from './token-stream.ts'

const OPERATORS: readonly MatchOperator[] = ['=', '=~', '!~', '!=']

/** Reads `{app="x", cluster=~"dev-.*"}`. */
export function parseMatchers(tokens: TokenStream): Matcher[] {
  tokens.expect('{')
  const matchers: Matcher[] = []
  if (tokens.accept('}') !== undefined) return matchers
  if (!tokens.is('IDENTIFIER')) throw tokens.unexpected('IDENTIFIER', '}')
  matchers.push(parseMatcher(tokens))
  for (;;) {
    if (tokens.accept('}') !== undefined) return matchers
    if (tokens.accept(',') === undefined) throw tokens.unexpected('}', ',')
    if (!tokens.is('IDENTIFIER')) throw tokens.unexpected('IDENTIFIER')
    matchers.push(parseMatcher(tokens))
  }
}

function parseMatcher(tokens: TokenStream): Matcher {
  const name = tokens.take()
  const operator = OPERATORS.find((kind) => tokens.is(kind))
  if (operator === undefined) throw tokens.unexpected('=', '=~', '!~', '!=')
  tokens.take()
  return matcherOf(tokens, name.text, operator)
}

/** Reads a matcher's value; its name and operator are known. */
export function matcherOf(tokens: TokenStream, name: string, operator: MatchOperator): Matcher {
  const { start, end } = tokens.token
  const matcher: Matcher = { name, operator, value: tokens.expectText() }
  try {
    compileMatcher(matcher)
  } catch (reason) {
    throw tokens.error({ start, end }, AppError.from(reason).message)
  }
  return matcher
}
