import { evaluationError } from './errors.ts'
import {
  type DurationExpr,
  type DurationOperation,
  type Expr,
  type Subquery,
  type VectorSelector,
  withoutParens,
} from './ast.ts'
import { isOutOfRange } from './syntax/index.ts'

/** What `step()` and `range()` are: the step of the query and its end minus its start; both 0 for one time. */
export interface QuerySpan {
  readonly stepMs: number
  readonly rangeMs: number
}

/**
 * The expression with every duration expression calculated: no `rangeExpr`, `stepExpr` and `offsetExpr` are left. Nor
 * are parentheses around arguments, which notes then do not point at, as in Prometheus. Must be done before evaluation. Throws AppError `invalid` with Prometheus' text, places counted in characters.
 */
export function resolveDurations(expr: Expr, span: QuerySpan): Expr {
  return new Resolver(span).expr(expr)
}

class Resolver {
  readonly #span: QuerySpan

  constructor(span: QuerySpan) {
    this.#span = span
  }

  expr(node: Expr): Expr {
    switch (node.kind) {
      case 'number':
      case 'string':
        return node
      case 'vector-selector':
        return this.#selector(node)
      case 'matrix-selector': {
        const { rangeExpr, ...rest } = node
        const selector = this.#selector(node.selector)
        return rangeExpr === undefined
          ? { ...node, selector }
          : { ...rest, selector, rangeMs: this.#positiveMs(rangeExpr) }
      }
      case 'subquery':
        return this.#subquery(node)
      case 'paren':
      case 'unary':
        return { ...node, expr: this.expr(node.expr) }
      case 'binary':
        return { ...node, left: this.expr(node.left), right: this.expr(node.right) }
      case 'aggregation': {
        const expr = withoutParens(this.expr(node.expr))
        return node.parameter === undefined
          ? { ...node, expr }
          : { ...node, expr, parameter: withoutParens(this.expr(node.parameter)) }
      }
      case 'call':
        return { ...node, args: node.args.map((arg) => withoutParens(this.expr(arg))) }
    }
  }

  #selector(node: VectorSelector): VectorSelector {
    const { offsetExpr, ...rest } = node
    return offsetExpr === undefined ? node : { ...rest, offsetMs: this.#ms(offsetExpr) }
  }

  #subquery({ offsetExpr, rangeExpr, stepExpr, ...node }: Subquery): Subquery {
    return {
      ...node,
      expr: this.expr(node.expr),
      ...(offsetExpr === undefined ? {} : { offsetMs: this.#ms(offsetExpr) }),
      ...(stepExpr === undefined ? {} : { stepMs: this.#positiveMs(stepExpr) }),
      ...(rangeExpr === undefined ? {} : { rangeMs: this.#positiveMs(rangeExpr) }),
    }
  }

  #positiveMs(expr: DurationOperation): number {
    const ms = this.#ms(expr)
    const seconds = this.#seconds(expr)
    if (seconds <= 0) throw durationError(expr, 'duration must be greater than 0')
    return ms
  }

  #ms(expr: DurationOperation): number {
    const seconds = this.#seconds(expr)
    if (!Number.isFinite(seconds)) throw durationError(expr, 'duration is NaN or infinite')
    if (isOutOfRange(seconds)) throw durationError(expr, 'duration is out of range')
    return Math.trunc(seconds * 1000)
  }

  #seconds(expr: DurationExpr): number {
    if (expr.kind === 'number') return expr.value
    const { operator } = expr
    if (operator === 'step') return this.#span.stepMs / 1000
    if (operator === 'range') return this.#span.rangeMs / 1000
    const left = expr.left === undefined ? 0 : this.#seconds(expr.left)
    const right = expr.right === undefined ? 0 : this.#seconds(expr.right)
    switch (operator) {
      case '+':
        return left + right
      case '-':
        return left - right
      case '*':
        return left * right
      case '/':
        if (right === 0) throw durationError(expr, 'division by zero')
        return left / right
      case '%':
        if (right === 0) throw durationError(expr, 'modulo by zero')
        return left % right
      case '^':
        return left ** right
      case 'min_of':
        return Math.min(left, right)
      case 'max_of':
        return Math.max(left, right)
    }
  }
}

function durationError({ start, end }: DurationOperation, message: string): Error {
  return evaluationError(`${String(start)}:${String(end)}: ${message}`)
}
