import { METRIC_NAME } from '../../model/index.ts'
import { quoteText } from '../labels.ts'
import { matchesEmpty } from '../matchers.ts'
import {
  type Aggregation,
  type Binary,
  type Call,
  type Expr,
  isComparison,
  isSetOperator,
  type Range,
  TYPE_WORDS,
  type ValueType,
  type VectorSelector,
} from './ast.ts'
import { findFunction } from './functions/index.ts'
import { promqlError } from './syntax/index.ts'

/** Checks types and what else the grammar cannot say. Throws ParseError with Prometheus' wording. */
export function checkExpr(expr: Expr, query: string): void {
  new Checker(query).check(expr)
}

class Checker {
  readonly #query: string
  readonly #mayBeEmpty = new Set<VectorSelector>()

  constructor(query: string) {
    this.#query = query
  }

  check(node: Expr): void {
    switch (node.kind) {
      case 'number':
      case 'string':
        return
      case 'paren':
        this.check(node.expr)
        return
      case 'matrix-selector':
        this.#selector(node.selector)
        return
      case 'vector-selector':
        this.#selector(node)
        return
      case 'subquery':
        this.check(node.expr)
        if (node.expr.type !== 'vector') {
          this.#fail(node, `subquery is only allowed on instant vector, got ${node.expr.type} instead`)
        }
        return
      case 'unary':
        this.check(node.expr)
        if (node.expr.type !== 'scalar' && node.expr.type !== 'vector') {
          const got = quoteText(TYPE_WORDS[node.expr.type])
          this.#fail(node, `unary expression only allowed on expressions of type scalar or instant vector, got ${got}`)
        }
        return
      case 'binary':
        this.#binary(node)
        return
      case 'aggregation':
        this.#aggregation(node)
        return
      case 'call':
        this.#call(node)
    }
  }

  #selector(node: VectorSelector): void {
    if (node.name === '') {
      if (this.#mayBeEmpty.has(node) || !node.matchers.every(matchesEmpty)) return
      this.#fail(node, 'vector selector must contain at least one non-empty matcher')
    }
    const second = node.matchers.slice(0, -1).find((matcher) => matcher.name === METRIC_NAME)
    if (second === undefined) return
    this.#fail(node, `metric name must not be set twice: ${quoteText(node.name)} or ${quoteText(second.value)}`)
  }

  #binary(node: Binary): void {
    const { left, right, operator } = node
    this.check(left)
    this.check(right)
    if (node.bool && !isComparison(operator)) {
      this.#fail(node.operatorRange, 'bool modifier can only be used on comparison operators')
    }
    if (isComparison(operator) && !node.bool && left.type === 'scalar' && right.type === 'scalar') {
      this.#fail(node.operatorRange, 'comparisons between scalars must use BOOL modifier')
    }
    this.#matching(node)
    for (const side of [left, right]) {
      if (side.type !== 'scalar' && side.type !== 'vector') {
        this.#fail(side, 'binary expression must contain only scalar and instant vector types')
      }
    }
    if (left.type === 'vector' && right.type === 'vector') this.#vectors(node)
    else this.#withScalar(node)
  }

  #vectors(node: Binary): void {
    const { operator, matching } = node
    if (!isSetOperator(operator)) return
    if (matching.cardinality !== 'many-to-many') {
      this.#fail(node, `no grouping allowed for ${quoteText(operator)} operation`)
    }
    if (matching.fill !== undefined) this.#fail(node, 'filling in missing series not allowed for set operators')
  }

  #withScalar(node: Binary): void {
    const { operator, matching } = node
    if (matching.labels.length > 0) this.#fail(node, 'vector matching only allowed between instant vectors')
    if (matching.fill !== undefined) {
      this.#fail(node, 'filling in missing series only allowed between instant vectors')
    }
    if (!isSetOperator(operator)) return
    this.#fail(node, `set operator ${quoteText(operator)} not allowed in binary scalar expression`)
  }

  #matching({ matching, operatorRange }: Binary): void {
    const twice = matching.on ? matching.labels.find((label) => matching.include.includes(label)) : undefined
    if (twice === undefined) return
    this.#fail(operatorRange, `label ${quoteText(twice)} must not occur in ON and GROUP clause at once`)
  }

  #aggregation(node: Aggregation): void {
    this.#expectType(node.expr, 'vector', 'aggregation expression')
    if (node.parameter === undefined) return
    this.#expectType(node.parameter, node.operator === 'count_values' ? 'string' : 'scalar', 'aggregation parameter')
  }

  #call(node: Call): void {
    const signature = findFunction(node.name)
    if (signature === undefined) return
    const { args: types, variadic } = signature
    const name = quoteText(node.name)
    const given = node.args.length
    const required = variadic === 0 ? types.length : types.length - 1
    if (variadic === 0 && given !== required) {
      this.#fail(node, `expected ${String(required)} argument(s) in call to ${name}, got ${String(given)}`)
    }
    if (given < required) {
      this.#fail(node, `expected at least ${String(required)} argument(s) in call to ${name}, got ${String(given)}`)
    }
    if (variadic > 0 && given > required + variadic) {
      const most = String(required + variadic)
      this.#fail(node, `expected at most ${most} argument(s) in call to ${name}, got ${String(given)}`)
    }
    if (node.name === 'info') this.#infoSelector(node)
    node.args.forEach((arg, i) => {
      const wanted = types[Math.min(i, types.length - 1)]
      if (wanted !== undefined) this.#expectType(arg, wanted, `call to function ${name}`)
    })
  }

  /** The second argument of `info` is a selector for labels, not for a metric; it may select everything. */
  #infoSelector(node: Call): void {
    const selector = node.args[1]
    if (selector === undefined) return
    if (selector.type !== 'vector') {
      const got = TYPE_WORDS[selector.type]
      this.#fail(node, `expected type ${TYPE_WORDS.vector} in call to function "info", got ${got}`)
    }
    if (selector.kind !== 'vector-selector') this.#fail(selector, 'expected label selectors only')
    if (selector.name !== '') {
      this.#fail(selector, 'expected label selectors only, got vector selector instead')
    }
    this.#mayBeEmpty.add(selector)
  }

  #expectType(node: Expr, wanted: ValueType, context: string): void {
    this.check(node)
    if (node.type === wanted) return
    this.#fail(node, `expected type ${TYPE_WORDS[wanted]} in ${context}, got ${TYPE_WORDS[node.type]}`)
  }

  #fail(range: Range, message: string): never {
    throw promqlError(this.#query, range, message)
  }
}
