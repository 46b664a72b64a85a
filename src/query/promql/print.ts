import { type Matcher, METRIC_NAME } from '../../model/index.ts'
import { formatPromDuration } from '../duration.ts'
import { formatFloatFixed, formatFloatShort } from '../go-float.ts'
import { printLabelName, quoteText } from '../labels.ts'
import type {
  Aggregation,
  AtModifier,
  Binary,
  DurationExpr,
  DurationOperation,
  Expr,
  MatrixSelector,
  NumberLiteral,
  Subquery,
  VectorSelector,
} from './ast.ts'

/** The expression as Prometheus prints it; parsing that gives the same expression again. */
export function printExpr(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
      return printNumber(expr)
    case 'string':
      return quoteText(expr.value)
    case 'vector-selector':
      return printSelector(expr)
    case 'matrix-selector':
      return printRangeSelector(expr)
    case 'subquery':
      return printExpr(expr.expr) + printSubquerySuffix(expr)
    case 'paren':
      return `(${printExpr(expr.expr)})`
    case 'unary':
      return expr.operator + printExpr(expr.expr)
    case 'binary':
      return `${printExpr(expr.left)} ${printOperator(expr)} ${printExpr(expr.right)}`
    case 'aggregation': {
      const args = expr.parameter === undefined ? [expr.expr] : [expr.parameter, expr.expr]
      return `${printAggregator(expr)}(${args.map(printExpr).join(', ')})`
    }
    case 'call':
      return `${expr.name}(${expr.args.map(printExpr).join(', ')})`
  }
}

/** A binary operator with `bool`, matching and fill. */
export function printOperator({ operator, bool, matching, left, right }: Binary): string {
  const parts: string[] = [bool ? `${operator} bool` : operator]
  if (left.type !== 'vector' || right.type !== 'vector') return parts.join(' ')
  const { on, labels, include, cardinality, fill } = matching
  const grouped = cardinality === 'many-to-one' || cardinality === 'one-to-many'
  if (on || labels.length > 0 || grouped) parts.push(`${on ? 'on' : 'ignoring'} ${printLabels(labels)}`)
  if (grouped) parts.push(`group_${cardinality === 'many-to-one' ? 'left' : 'right'} ${printLabels(include)}`)
  if (fill !== undefined) parts.push(...printFill(fill))
  return parts.join(' ')
}

/** An aggregator with its grouping, up to the parenthesis. */
export function printAggregator({ operator, grouping, without }: Aggregation): string {
  if (without) return `${operator} without ${printLabels(grouping)} `
  return grouping.length > 0 ? `${operator} by ${printLabels(grouping)} ` : operator
}

/** `[<range>:<step>] @ <time> offset <duration>`. */
export function printSubquerySuffix(node: Subquery): string {
  const range = printDuration(node.rangeMs, node.rangeExpr)
  const hasStep = node.stepMs !== undefined || node.stepExpr !== undefined
  const step = hasStep ? printDuration(node.stepMs ?? 0, node.stepExpr) : ''
  return `[${range}:${step}]${printAt(node.at)}${printOffset(node)}`
}

function printNumber({ value, duration }: NumberLiteral): string {
  if (!duration) return formatFloatFixed(value)
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  return sign + formatPromDuration(Math.round(Math.abs(value) * 1000))
}

function printSelector(node: VectorSelector): string {
  const extension = node.extension === undefined ? '' : ` ${node.extension}`
  return printMatchers(node) + printAt(node.at) + extension + printOffset(node)
}

function printRangeSelector({ selector, rangeMs, rangeExpr }: MatrixSelector): string {
  const extension = selector.extension === undefined ? '' : ` ${selector.extension}`
  const range = `[${printDuration(rangeMs, rangeExpr)}]`
  return printMatchers(selector) + range + extension + printAt(selector.at) + printOffset(selector)
}

/** The name, then the matchers in the order of their text. */
function printMatchers({ name, matchers }: VectorSelector): string {
  const texts = matchers
    .filter((matcher) => name === '' || !isNameMatcher(matcher, name))
    .map((matcher) => printLabelName(matcher.name) + matcher.operator + quoteText(matcher.value))
  if (texts.length === 0 && name !== '') return name
  return `${name}{${texts.sort(compareBytes).join(',')}}`
}

function isNameMatcher(matcher: Matcher, name: string): boolean {
  return matcher.name === METRIC_NAME && matcher.operator === '=' && matcher.value === name
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

function printAt(at: AtModifier | undefined): string {
  if (at === undefined) return ''
  return at.t === 'time' ? ` @ ${(at.ms / 1000).toFixed(3)}` : ` @ ${at.t}()`
}

function printOffset({ offsetMs, offsetExpr }: Pick<VectorSelector, 'offsetMs' | 'offsetExpr'>): string {
  if (offsetExpr !== undefined) return ` offset ${printDurationExpr(offsetExpr)}`
  if (offsetMs === 0) return ''
  return ` offset ${offsetMs < 0 ? '-' : ''}${formatPromDuration(Math.abs(offsetMs))}`
}

function printDuration(ms: number, expr: DurationOperation | undefined): string {
  return expr === undefined ? formatPromDuration(ms) : printDurationExpr(expr)
}

function printDurationExpr(expr: DurationExpr): string {
  if (expr.kind === 'number') return printNumber(expr)
  const text = printDurationOperation(expr)
  return expr.wrapped ? `(${text})` : text
}

function printDurationOperation({ operator, left, right }: DurationOperation): string {
  if (right === undefined) return `${operator}()`
  // A plus says nothing: it stands for the parentheses around a literal.
  if (left === undefined) return (operator === '-' ? '-' : '') + printDurationExpr(right)
  const [first, second] = [printDurationExpr(left), printDurationExpr(right)]
  const isCall = operator === 'min_of' || operator === 'max_of'
  return isCall ? `${operator}(${first}, ${second})` : `${first} ${operator} ${second}`
}

function printLabels(labels: readonly string[]): string {
  return `(${labels.map(printLabelName).join(', ')})`
}

function printFill({ left, right }: NonNullable<Binary['matching']['fill']>): string[] {
  if (left !== undefined && left === right) return [`fill (${formatFloatShort(left)})`]
  const parts: string[] = []
  if (left !== undefined) parts.push(`fill_left (${formatFloatShort(left)})`)
  if (right !== undefined) parts.push(`fill_right (${formatFloatShort(right)})`)
  return parts
}
