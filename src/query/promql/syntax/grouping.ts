import { quoteText } from '../../labels.ts'
import { type BinaryOperator, isSetOperator, type VectorMatching } from '../ast.ts'
import { isNumber, takeNumber } from './literals.ts'
import { unquote, unquoteBytes } from './scan-string.ts'
import type { TokenStream } from './token-stream.ts'
import { isGroupingLabel, startsExpr } from './tokens.ts'

/** `by (…)` and `without (…)`. */
export interface GroupingClause {
  readonly grouping: readonly string[]
  readonly without: boolean
}

/** Reads the clause if it comes. */
export function acceptGroupingClause(tokens: TokenStream): GroupingClause | undefined {
  if (tokens.acceptKeyword('by') !== undefined) return { grouping: parseLabels(tokens), without: false }
  if (tokens.acceptKeyword('without') !== undefined) return { grouping: parseLabels(tokens), without: true }
  return undefined
}

/** Reads what stands between a binary operator and `bool` on one side and the right operand on the other. */
export function parseMatching(tokens: TokenStream, operator: BinaryOperator): VectorMatching {
  const matching = parseLabelMatching(tokens, operator)
  const fill = parseFill(tokens)
  return fill === undefined ? matching : { ...matching, fill }
}

function parseLabelMatching(tokens: TokenStream, operator: BinaryOperator): VectorMatching {
  const cardinality = isSetOperator(operator) ? 'many-to-many' : 'one-to-one'
  const on = tokens.acceptKeyword('on') !== undefined
  if (!on && tokens.acceptKeyword('ignoring') === undefined) return { cardinality, on, labels: [], include: [] }
  const labels = parseLabels(tokens)
  const left = tokens.acceptKeyword('group_left') !== undefined
  if (!left && tokens.acceptKeyword('group_right') === undefined) return { cardinality, on, labels, include: [] }
  const include = parseIncludedLabels(tokens)
  return { cardinality: left ? 'many-to-one' : 'one-to-many', on, labels, include }
}

/** The labels behind `group_left` and `group_right`, which may be left out. */
function parseIncludedLabels(tokens: TokenStream): string[] {
  const { token } = tokens
  const isLeftOut = !tokens.isPunctuation('(') && (startsExpr(token) || /^fill/i.test(token.text))
  return isLeftOut ? [] : parseLabels(tokens)
}

function parseFill(tokens: TokenStream): VectorMatching['fill'] {
  if (tokens.acceptKeyword('fill') !== undefined) {
    const value = parseFillValue(tokens)
    return { left: value, right: value }
  }
  if (tokens.acceptKeyword('fill_left') !== undefined) {
    const left = parseFillValue(tokens)
    return tokens.acceptKeyword('fill_right') === undefined ? { left } : { left, right: parseFillValue(tokens) }
  }
  if (tokens.acceptKeyword('fill_right') === undefined) return undefined
  const right = parseFillValue(tokens)
  return tokens.acceptKeyword('fill_left') === undefined ? { right } : { left: parseFillValue(tokens), right }
}

function parseFillValue(tokens: TokenStream): number {
  tokens.expect('(')
  const negative = tokens.is('operator', '-')
  if (negative || tokens.is('operator', '+')) tokens.take()
  if (!isNumber(tokens.token)) throw tokens.unexpected()
  const { value } = takeNumber(tokens)
  tokens.expect(')')
  return negative ? -value : value
}

function parseLabels(tokens: TokenStream): string[] {
  tokens.expect('(', { context: 'grouping opts', expected: '"("' })
  const labels: string[] = []
  while (!tokens.isPunctuation(')')) {
    labels.push(parseLabel(tokens))
    if (tokens.accept('punctuation', ',') !== undefined) continue
    if (!tokens.isPunctuation(')')) throw tokens.unexpected({ context: 'grouping opts', expected: '"," or ")"' })
  }
  tokens.take()
  return labels
}

function parseLabel(tokens: TokenStream): string {
  if (!tokens.is('string')) {
    if (!isGroupingLabel(tokens.token)) throw tokens.unexpected({ context: 'grouping opts', expected: 'label' })
    return tokens.take().text
  }
  const token = tokens.take()
  const label = unquote(token.text)
  if (label !== undefined && label !== '') return label
  throw tokens.error(token, `invalid label name for grouping: ${quoteText(unquoteBytes(token.text))}`)
}
