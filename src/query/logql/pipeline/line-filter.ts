import { AppError } from '../../../core/index.ts'
import { compileRegexp } from '../../regexp.ts'
import type { LineFilter, LineFilterOperator, LineFilterTerm } from '../ast.ts'
import { compileAddresses } from './ip.ts'
import { literalsOf } from './literals.ts'
import { matchesPattern, parseFilterPattern } from './pattern-expression.ts'
import type { StageFunction } from './stage.ts'

/** `|= "a" or "b"` and its like. */
export function createLineFilter({ operator, terms }: LineFilter): StageFunction {
  const tests = terms.map((term) => compileTerm(operator, term))
  const [first = (): boolean => true] = tests
  if (operator.startsWith('!')) return ({ line }) => !tests.some((test) => test(line))
  if (tests.length === 1) return ({ line }) => first(line)
  return ({ line }) => tests.some((test) => test(line))
}

function compileTerm(operator: LineFilterOperator, { value, ip }: LineFilterTerm): (line: string) => boolean {
  if (ip) {
    if (operator !== '|=' && operator !== '!=') throw new AppError('invalid', 'ip: invalid operation')
    return compileAddresses(value)
  }
  switch (operator) {
    case '|=':
    case '!=':
      return (line) => line.includes(value)
    case '|~':
    case '!~':
      return compileSearch(value)
    case '|>':
    case '!>': {
      const nodes = parseFilterPattern(value)
      return (line) => matchesPattern(nodes, line)
    }
  }
}

/** A search for an RE2 expression; for one that is only texts, a search for these. */
function compileSearch(expression: string): (line: string) => boolean {
  const regexp = compileRegexp(expression, { dotMatchesNewline: false })
  const literals = literalsOf(expression)
  if (literals === undefined) return (line) => regexp.matchesPart(line)
  const { texts, ignoreCase } = literals
  if (!ignoreCase) return (line) => texts.some((text) => line.includes(text))
  return (line) => {
    const lower = line.toLowerCase()
    return texts.some((text) => lower.includes(text))
  }
}
