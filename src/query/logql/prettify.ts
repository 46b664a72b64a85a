import { formatPromDuration } from '../duration.ts'
import { formatFloatShort } from '../go-float.ts'
import { quoteText } from '../labels.ts'
import type { Binary, LogqlExpr, LogRange, LogSelector, MetricExpr } from './ast.ts'
import { labelsBefore, printExpr, printGrouping, printOperator, printVectorOperation } from './print.ts'
import { printLineFilter, printMatchers, printStage, printUnwrap } from './print-pipeline.ts'
import { PRECEDENCE } from './syntax/precedence.ts'

/** What is longer, in bytes, goes over several lines. */
const MAX_LINE_BYTES = 100

/**
 * The expression over several lines where it is long, as Loki's formatter lays it out. Parentheses stay where they are
 * needed, which Loki's forgets: reading the result again gives the same expression.
 */
export function prettifyExpr(expr: LogqlExpr, level = 0): string {
  const indent = indentOf(level)
  const line = printExpr(expr)
  if (Buffer.byteLength(line) <= MAX_LINE_BYTES) return indent + line
  const inner = (child: LogqlExpr): string => prettifyExpr(child, level + 1)
  switch (expr.kind) {
    case 'logs':
      return prettifyLogs(expr, level)
    case 'variants': {
      const variants = expr.variants.map(inner).join(',\n')
      return `${indent}variants(\n${variants}\n${indent}) of (\n${prettifyRange(expr.of, level + 1)}\n${indent})`
    }
    case 'range-aggregation': {
      const parameter =
        expr.parameter === undefined ? '' : `${indentOf(level + 1)}${formatFloatShort(expr.parameter)},\n`
      const grouping = printGrouping(expr.grouping, ', ', true)
      const range = prettifyRange(expr.range, level + 1)
      const whole = `${indent}${expr.operation}(\n${parameter}${range}\n${indent})`
      return grouping === '' ? whole : `${whole} ${grouping}`
    }
    case 'vector-aggregation': {
      const parameter = expr.parameter === undefined ? '' : `${indentOf(level + 1)}${String(expr.parameter)},\n`
      return `${indent}${printVectorOperation(expr, ', ')}(\n${parameter}${inner(expr.expr)}\n${indent})`
    }
    case 'label-replace': {
      const texts = [expr.target, expr.replacement, expr.source, expr.expression]
      const lines = [inner(expr.expr), ...texts.map((text) => indentOf(level + 1) + quoteText(text))]
      return `${indent}label_replace(\n${lines.join(',\n')}\n${indent})`
    }
    case 'binary':
      return prettifyBinary(expr, level)
    case 'number':
    case 'vector':
      return indent + line
  }
}

function indentOf(level: number): string {
  return '  '.repeat(level)
}

function prettifyLogs(logs: LogSelector, level: number): string {
  const indent = indentOf(level)
  const line = printExpr(logs)
  if (Buffer.byteLength(line) <= MAX_LINE_BYTES) return indent + line
  let text = indent + printMatchers(logs.matchers)
  let filters: string[] = []
  const finishFilters = (): void => {
    if (filters.length > 0) text += `\n${prettifyFilters(filters, `${indent}  `)}`
    filters = []
  }
  for (const stage of logs.stages) {
    if (stage.kind === 'line-filter') {
      filters.push(...printLineFilter(stage))
      continue
    }
    finishFilters()
    // This one Loki does not indent.
    text += stage.kind === 'decolorize' ? `\n${printStage(stage)}` : `\n${indent}  ${printStage(stage)}`
  }
  finishFilters()
  return text
}

/** Filters that follow each other stand on one line as far as they fit. */
function prettifyFilters(filters: readonly string[], indent: string): string {
  let fitting = filters.length
  while (fitting > 1 && Buffer.byteLength(filters.slice(0, fitting).join(' ')) > MAX_LINE_BYTES) fitting -= 1
  return [filters.slice(0, fitting).join(' '), ...filters.slice(fitting)].map((line) => indent + line).join('\n')
}

function prettifyRange({ selector, unwrap, rangeNs, offsetNs }: LogRange, level: number): string {
  const indent = indentOf(level)
  const unwrapped = unwrap === undefined ? [] : printUnwrap(unwrap).map((part) => `\n${indent}  ${part}`)
  const offset = offsetNs === 0 ? '' : ` offset ${printOffset(offsetNs)}`
  return `${prettifyLogs(selector, level)}${unwrapped.join('')} [${formatPromDuration(rangeNs / 1e6)}]${offset}`
}

function printOffset(ns: number): string {
  return ns < 0 ? `-${formatPromDuration(-ns / 1e6)}` : formatPromDuration(ns / 1e6)
}

function prettifyBinary(expr: Binary, level: number): string {
  const left = prettifyOperand(expr.left, PRECEDENCE[expr.operator] + (expr.operator === '^' ? 1 : 0), level + 1)
  const right = prettifyOperand(expr.right, PRECEDENCE[expr.operator] + (expr.operator === '^' ? 0 : 1), level + 1)
  return `${left}\n${indentOf(level)}${printOperator(expr, ', ')}${labelsBefore(expr, right)}\n${right}`
}

/** In parentheses where the operand would be read otherwise: one of one line has its own. */
function prettifyOperand(expr: MetricExpr, floor: number, level: number): string {
  const text = prettifyExpr(expr, level)
  if (expr.kind !== 'binary' || PRECEDENCE[expr.operator] >= floor || !text.includes('\n')) return text
  const indent = indentOf(level)
  return `${indent}(\n${prettifyExpr(expr, level + 1)}\n${indent})`
}
