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

/**
 * The expression as Prometheus prints it; parsing that gives the same expression again. `beforeArithmetic` says that an
 * operator follows which durations have, too.
 */
export function printExpr(expr: Expr, beforeArithmetic = false): string {
  switch (expr.kind) {
    case 'number':
      return printNumber(expr)
    case 'string':
      return quoteText(expr.value)
    case 'vector-selector':
      return printSelector(expr, beforeArithmetic)
    case 'matrix-selector':
      return printRangeSelector(expr)
    case 'subquery':
      return printExpr(expr.expr) + printSubquerySuffix(expr)
    case 'paren':
      return `(${printExpr(expr.expr)})`
    case 'unary':
      return expr.operator + printExpr(expr.expr, beforeArithmetic)
    case 'binary':
      return printBinary(expr, beforeArithmetic)
    case 'aggregation': {
      const args = expr.parameter === undefined ? [expr.expr] : [expr.parameter, expr.expr]
      return `${printAggregator(expr)}(${printList(args)})`
    }
    case 'call':
      return `${expr.name}(${printList(expr.args)})`
  }
}

function printList(exprs: readonly Expr[]): string {
  return exprs.map((expr) => printExpr(expr)).join(', ')
}

function printBinary(expr: Binary, beforeArithmetic: boolean): string {
  const printed = printExpr(expr.left, /^[-+*/%^]$/.test(expr.operator))
  // Prometheus leaves the plus, which would then be a sign of the whole power.
  const left = expr.operator === '^' && expr.left.kind === 'number' ? printed.replace(/^\+/, '') : printed
  return `${left} ${printOperator(expr)} ${printExpr(expr.right, beforeArithmetic)}`
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

function printSelector(node: VectorSelector, beforeArithmetic: boolean): string {
  const extension = node.extension === undefined ? '' : ` ${node.extension}`
  const [name, at, offset] = [printMatchers(node), printAt(node.at), printOffset(node)]
  const { offsetExpr } = node
  if (!beforeArithmetic || offsetExpr === undefined || !isOpen(offsetExpr)) return name + at + extension + offset
  // Prometheus prints it so in all cases, although arithmetic behind that is read as the duration's.
  if (offsetExpr.wrapped) return `${name}${at}${extension} offset +${printDurationExpr(offsetExpr)}`
  return name + offset + at + extension
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
  if (offsetExpr !== undefined) return ` offset ${openingSigns(offsetExpr)}${printDurationExpr(offsetExpr)}`
  if (offsetMs === 0) return ''
  return ` offset ${offsetMs < 0 ? '-' : ''}${formatPromDuration(Math.abs(offsetMs))}`
}

/** Whether arithmetic behind the offset would go on with it. */
function isOpen(expr: DurationOperation): boolean {
  if (expr.wrapped || isArithmetic(expr)) return true
  return expr.operator === '-' && expr.right?.kind === 'duration' && expr.right.operator === '-' && !expr.right.wrapped
}

function isArithmetic({ operator, left }: DurationOperation): boolean {
  return left !== undefined && operator !== 'min_of' && operator !== 'max_of'
}

/** Calculations that stand open behind `offset` are read on from two signs or a parenthesis only. */
function openingSigns(expr: DurationOperation): string {
  if (expr.wrapped || !isArithmetic(expr)) return ''
  const text = printDurationExpr(expr)
  if (text.startsWith('(') || text.startsWith('--')) return ''
  return text.startsWith('-') ? '+' : '++'
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
  if (left !== undefined && left === right && Object.is(left, right)) return [`fill (${formatFloatShort(left)})`]
  const parts: string[] = []
  if (left !== undefined) parts.push(`fill_left (${formatFloatShort(left)})`)
  if (right !== undefined) parts.push(`fill_right (${formatFloatShort(right)})`)
  return parts
}
