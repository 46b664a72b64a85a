import { formatPromDuration } from '../duration.ts'
import { formatFloatShort } from '../go-float.ts'
import { quoteText } from '../labels.ts'
import { formatGoDuration } from '../quantities.ts'
import type { Binary, Grouping, LogqlExpr, LogRange, MetricExpr } from './ast.ts'
import { printMatchers, printStage, printUnwrap } from './print-pipeline.ts'

/** The expression on one line, every operation in parentheses. Reading it again gives the same expression. */
export function printExpr(expr: LogqlExpr): string {
  switch (expr.kind) {
    case 'logs':
      return [printMatchers(expr.matchers), ...expr.stages.map(printStage)].join(' ')
    case 'variants':
      return `variants(${expr.variants.map(printExpr).join(', ')}) of (${printLogRange(expr.of)})`
    case 'number':
      return formatFloatShort(expr.value)
    case 'vector':
      return `vector(${printVectorValue(expr.value)})`
    case 'binary': {
      const right = printExpr(expr.right)
      return `(${printExpr(expr.left)} ${printOperator(expr, ',')}${labelsBefore(expr, right)} ${right})`
    }
    case 'range-aggregation': {
      const parameter = expr.parameter === undefined ? '' : `${formatFloatShort(expr.parameter)},`
      const grouping = printGrouping(expr.grouping, ',', true)
      const inner = `${expr.operation}(${parameter}${printLogRange(expr.range)})`
      return grouping === '' ? inner : `${inner} ${grouping}`
    }
    case 'vector-aggregation': {
      const parameter = expr.parameter === undefined ? '' : `${String(expr.parameter)},`
      return `${printVectorOperation(expr, ',')}(${parameter}${printExpr(expr.expr)})`
    }
    case 'label-replace': {
      const texts = [expr.target, expr.replacement, expr.source, expr.expression].map(quoteText)
      return `label_replace(${printExpr(expr.expr)},${texts.join(',')})`
    }
  }
}

function printLogRange({ selector, unwrap, rangeNs, offsetNs }: LogRange): string {
  const unwrapped = unwrap === undefined ? [] : printUnwrap(unwrap)
  const offset = offsetNs === 0 ? '' : ` offset ${formatGoDuration(offsetNs)}`
  return `${[printExpr(selector), ...unwrapped].join(' ')}[${formatPromDuration(rangeNs / 1e6)}]${offset}`
}

/** As C prints `%f`, unless that would say another number. */
function printVectorValue(value: number): string {
  const fixed = value.toFixed(6)
  return Number(fixed) === value ? fixed : formatFloatShort(value)
}

export function printVectorOperation(
  { operation, grouping }: Extract<MetricExpr, { kind: 'vector-aggregation' }>,
  separator: string,
): string {
  const clause = printGrouping(grouping, separator, false)
  return clause === '' ? operation : `${operation} ${clause}`
}

/** Behind vector operations `by ()` says nothing. */
export function printGrouping(grouping: Grouping | undefined, separator: string, byNothing: boolean): string {
  if (grouping === undefined || (grouping.labels.length === 0 && !grouping.without && !byNothing)) return ''
  return `${grouping.without ? 'without' : 'by'} (${grouping.labels.join(separator)})`
}

/** Behind `group_left` a parenthesis would open its labels: before one of an operand there must be empty ones. */
export function labelsBefore({ matching: { cardinality, include } }: Binary, right: string): string {
  return cardinality !== 'one-to-one' && include.length === 0 && right.trimStart().startsWith('(') ? ' ()' : ''
}

/** The operator with its modifiers; Loki leaves room for a grouping behind `on (…)`. */
export function printOperator({ operator, bool, matching }: Binary, separator: string): string {
  const { cardinality, on, labels, include } = matching
  const parts: string[] = [operator]
  if (bool) parts.push('bool')
  const grouped = cardinality !== 'one-to-one'
  if (on || labels.length > 0 || grouped) parts.push(`${on ? 'on' : 'ignoring'} (${labels.join(separator)})`)
  else return parts.join(' ')
  parts.push(cardinality === 'many-to-one' ? 'group_left' : cardinality === 'one-to-many' ? 'group_right' : '')
  if (include.length > 0) parts.push(`(${include.join(separator)})`)
  return parts.join(' ')
}
