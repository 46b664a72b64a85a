import { AppError } from '../../../core/index.ts'
import { type Matcher, type MatchOperator, METRIC_NAME } from '../../../model/index.ts'
import { compileMatcher } from '../../matchers.ts'
import type { VectorSelector } from '../ast.ts'
import { takeText } from './literals.ts'
import type { TokenStream } from './token-stream.ts'
import { isMetricName, type Token } from './tokens.ts'

/** Reads a selector without modifiers: a name, matchers in braces, or both. */
export function parseSelectorOnly(tokens: TokenStream): VectorSelector {
  if (tokens.isPunctuation('{')) return parseSelectorAfterName(tokens, undefined)
  if (!isMetricName(tokens.token)) throw tokens.unexpected()
  return parseSelectorAfterName(tokens, tokens.take())
}

/** Reads the matchers in braces behind a name that was taken. */
export function parseSelectorAfterName(tokens: TokenStream, name: Token | undefined): VectorSelector {
  const start = name?.start ?? tokens.token.start
  const matchers = tokens.isPunctuation('{') ? parseMatchers(tokens) : []
  if (name !== undefined) matchers.push({ name: METRIC_NAME, operator: '=', value: name.text })
  return {
    kind: 'vector-selector',
    type: 'vector',
    start,
    end: tokens.lastEnd,
    name: name?.text ?? '',
    matchers,
    offsetMs: 0,
  }
}

function parseMatchers(tokens: TokenStream): Matcher[] {
  tokens.take()
  const matchers: Matcher[] = []
  while (!tokens.isPunctuation('}')) {
    matchers.push(parseMatcher(tokens))
    if (tokens.accept('punctuation', ',') !== undefined) continue
    if (!tokens.isPunctuation('}')) throw tokens.unexpected({ context: 'label matching', expected: '"," or "}"' })
  }
  tokens.take()
  return matchers
}

function parseMatcher(tokens: TokenStream): Matcher {
  const label = tokens.token
  if (label.kind !== 'identifier' && label.kind !== 'string') {
    throw tokens.unexpected({ context: 'label matching', expected: 'identifier or "}"' })
  }
  const name = label.kind === 'string' ? takeText(tokens) : tokens.take().text
  const operator = matchOperatorOf(tokens.token)
  if (operator === undefined) {
    // A quoted text alone is the metric's name: {"http.requests"}.
    if (label.kind === 'string') return { name: METRIC_NAME, operator: '=', value: name }
    throw tokens.unexpected({ context: 'label matching', expected: 'label matching operator' })
  }
  tokens.take()
  if (!tokens.is('string')) throw tokens.unexpected({ context: 'label matching', expected: 'string' })
  const matcher: Matcher = { name, operator, value: takeText(tokens) }
  try {
    compileMatcher(matcher)
  } catch (reason) {
    throw tokens.error({ start: label.start, end: tokens.lastEnd }, AppError.from(reason).message)
  }
  return matcher
}

function matchOperatorOf({ kind, text }: Token): MatchOperator | undefined {
  if (kind !== 'operator' && kind !== 'punctuation') return undefined
  return text === '=' || text === '!=' || text === '=~' || text === '!~' ? text : undefined
}
