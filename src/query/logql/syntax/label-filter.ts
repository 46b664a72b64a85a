import type { FilterComparison, LabelFilter } from '../ast.ts'
import { acceptLiteral } from './literals.ts'
import { matcherOf } from './selector.ts'
import type { TokenStream } from './token-stream.ts'

/**
 * Reads predicates between which stand `and`, `or`, a comma or nothing. `and` binds tighter than `or`; what stands behind
 * a comma or nothing is taken together first, as Loki does it: `a or b, c` is `a or (b, c)`.
 */
export function parseLabelFilter(tokens: TokenStream): LabelFilter {
  return parseBehind(tokens, 'nothing')
}

function parseBehind(tokens: TokenStream, before: 'nothing' | 'or' | 'and'): LabelFilter {
  return tokens.nested(() => {
    let left = parsePredicate(tokens)
    for (;;) {
      if (tokens.is('or')) {
        if (before !== 'nothing') return left
        tokens.take()
        tokens.countOperator()
        left = { t: 'or', left, right: parseBehind(tokens, 'or') }
      } else if (tokens.is('and')) {
        if (before === 'and') return left
        tokens.take()
        tokens.countOperator()
        left = { t: 'and', left, right: parseBehind(tokens, 'and') }
      } else if (tokens.accept(',') !== undefined || tokens.is('IDENTIFIER', '(')) {
        left = { t: 'and', left, right: parseBehind(tokens, 'nothing') }
      } else {
        return left
      }
    }
  })
}

function parsePredicate(tokens: TokenStream): LabelFilter {
  if (tokens.accept('(') !== undefined) {
    const inner = parseBehind(tokens, 'nothing')
    tokens.expect(')', ...BEHIND_PREDICATE)
    return inner
  }
  const { text: name } = tokens.expect('IDENTIFIER', '(')
  return parseComparison(tokens, name)
}

/** Loki counts what may follow inside parentheses; it is too much to be named. */
const BEHIND_PREDICATE = ['IDENTIFIER', '(', ',', 'or', 'and']

const COMPARISONS: Readonly<Record<string, FilterComparison>> = {
  '=': '==',
  '==': '==',
  '!=': '!=',
  '>': '>',
  '>=': '>=',
  '<': '<',
  '<=': '<=',
}

/** Reads what a label is compared with; its name is read already. */
export function parseComparison(tokens: TokenStream, name: string): LabelFilter {
  const { kind } = tokens.token
  if (kind === '=~' || kind === '!~') {
    tokens.take()
    return { t: 'matcher', matcher: matcherOf(tokens, name, kind) }
  }
  const operator = Object.hasOwn(COMPARISONS, kind) ? COMPARISONS[kind] : undefined
  if (operator === undefined) throw tokens.unexpected(...Object.keys(COMPARISONS), '=~', '!~')
  tokens.take()
  const isEquality = kind === '=' || kind === '!='
  if (isEquality && tokens.is('STRING')) return { t: 'matcher', matcher: matcherOf(tokens, name, kind) }
  if (isEquality && tokens.accept('ip') !== undefined) {
    return { t: 'ip', name, negated: kind === '!=', addresses: parseAddresses(tokens) }
  }
  if (tokens.is('DURATION')) return { t: 'duration', name, operator, value: tokens.take().size ?? 0 }
  if (tokens.is('BYTES')) return { t: 'bytes', name, operator, value: tokens.take().size ?? 0 }
  const value = acceptLiteral(tokens)
  if (value === undefined) throw tokens.unexpected()
  // Loki compares with 0 where the number is none, such as 0x10.
  return { t: 'number', name, operator, value: Number.isNaN(value) ? 0 : value }
}

/** Reads `("10.0.0.0/8")`; `ip` is read already. */
export function parseAddresses(tokens: TokenStream): string {
  tokens.expect('(')
  const addresses = tokens.expectText()
  tokens.expect(')')
  return addresses
}
