import type {
  Field,
  FieldExpr,
  Hint,
  MetricsAggregation,
  MetricsExpr,
  ScalarExpr,
  SecondStage,
  SpansetExpr,
  Stage,
  TraceqlQuery,
} from './ast.ts'
import { formatValue, type TraceqlValue } from './value.ts'

/** The query in TraceQL's own form: every operand that is no leaf in brackets. Parsing it gives the same query. */
export function printTraceql(query: TraceqlQuery): string {
  const text = query.kind === 'spans' ? printStages(query.pipeline.stages) : printMetrics(query.metrics)
  return text + printHints(query.hints)
}

function printHints(hints: readonly Hint[]): string {
  if (hints.length === 0) return ''
  return ` with(${hints.map(({ name, value }) => `${name}=${printValue(value)}`).join(', ')})`
}

function printStages(stages: readonly Stage[]): string {
  return stages.map(printStage).join(' | ')
}

export function printStage(stage: Stage): string {
  switch (stage.kind) {
    case 'filter':
    case 'spanset':
      return printSpanset(stage)
    case 'pipeline':
      return `(${printStages(stage.stages)})`
    case 'scalar-filter':
      return `${wrapScalar(stage.left)} ${stage.operator} ${wrapScalar(stage.right)}`
    case 'by':
      return `by(${printFieldExpr(stage.expr)})`
    case 'coalesce':
      return 'coalesce()'
    case 'select':
      return `select(${stage.fields.map(printField).join(', ')})`
    case 'aggregate':
      return printScalar(stage)
  }
}

function printSpanset(expr: SpansetExpr): string {
  switch (expr.kind) {
    case 'filter':
      return `{ ${printFieldExpr(expr.expr)} }`
    case 'spanset':
      return `${wrapSpanset(expr.left)} ${expr.operator} ${wrapSpanset(expr.right)}`
    case 'pipeline':
      return printStages(expr.stages)
  }
}

function wrapSpanset(expr: SpansetExpr): string {
  return `(${printSpanset(expr)})`
}

export function printScalar(expr: ScalarExpr): string {
  switch (expr.kind) {
    case 'static':
      return printValue(expr.value)
    case 'aggregate':
      return `${expr.operator}(${expr.expr === undefined ? '' : printFieldExpr(expr.expr)})`
    case 'scalar':
      return `${wrapScalar(expr.left)} ${expr.operator} ${wrapScalar(expr.right)}`
    case 'pipeline':
      return printStages(expr.stages)
  }
}

function wrapScalar(expr: ScalarExpr): string {
  return expr.kind === 'static' || expr.kind === 'aggregate' ? printScalar(expr) : `(${printScalar(expr)})`
}

export function printFieldExpr(expr: FieldExpr): string {
  switch (expr.kind) {
    case 'static':
      return printValue(expr.value)
    case 'intrinsic':
    case 'attribute':
      return printField(expr)
    case 'binary':
      return `${wrap(expr.left)} ${expr.operator} ${wrap(expr.right)}`
    case 'unary':
      return `${expr.operator}${wrap(expr.expr)}`
    case 'cidr':
      return `cidr(${[printFieldExpr(expr.expr), ...expr.prefixes.map((value) => printValue({ type: 'string', value }))].join(', ')})`
    case 'exists':
      return `${wrap(expr.expr)} != nil`
    case 'missing':
      return `${wrap(expr.expr)} = nil`
  }
}

function wrap(expr: FieldExpr): string {
  const text = printFieldExpr(expr)
  return expr.kind === 'static' || expr.kind === 'intrinsic' || expr.kind === 'attribute' ? text : `(${text})`
}

/** A field as series, results and queries name it. */
export function printField(field: Field): string {
  if (field.kind === 'intrinsic') return field.name
  const scope = field.scope === 'any' ? '' : `${field.scope}.`
  const prefix = field.parent ? `parent.${scope}` : scope === '' ? '.' : scope
  return prefix + (isPlainName(field.name, prefix) ? field.name : quoteName(field.name))
}

const PLAIN_NAME = /^[^\s{}()=~!<>&|^,"\\]+$/

function isPlainName(name: string, prefix: string): boolean {
  if (!PLAIN_NAME.test(name)) return false
  if (prefix === '.') return !/^\d/.test(name)
  return prefix !== 'parent.' || !/^(?:span|resource)\./.test(name)
}

function quoteName(name: string): string {
  return `"${name.replace(/["\\]/g, '\\$&')}"`
}

const LEAST_INT = -(2n ** 63n)

/** The value as a literal. */
export function printValue(value: TraceqlValue): string {
  if (value.type === 'string') return quote(value.value)
  if (value.type === 'int' && value.value === LEAST_INT) return 'minInt'
  const text = formatValue(value)
  return value.type === 'float' && /^-?\d+$/.test(text) ? `${text}.0` : text
}

function quote(text: string): string {
  if (!/[`\r]/.test(text)) return `\`${text}\``
  return `"${text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}"`
}

function printMetrics(expr: MetricsExpr): string {
  const stages = expr.stages.map(printSecondStage).join('')
  if (expr.kind === 'aggregation')
    return `${printStages(expr.pipeline.stages)} | ${printAggregation(expr.aggregation)}${stages}`
  return `(${printMetrics(expr.left)}) ${expr.operator} (${printMetrics(expr.right)})${stages}`
}

function printSecondStage(stage: SecondStage): string {
  if (stage.kind === 'compare') return ` ${stage.operator} ${String(stage.value)}`
  return ` | ${stage.kind}(${String(stage.limit)})`
}

function printAggregation(aggregation: MetricsAggregation): string {
  switch (aggregation.operator) {
    case 'rate':
    case 'count_over_time':
      return `${aggregation.operator}()${printBy(aggregation.by)}`
    case 'min_over_time':
    case 'max_over_time':
    case 'avg_over_time':
    case 'sum_over_time':
    case 'histogram_over_time':
      return `${aggregation.operator}(${printField(aggregation.field)})${printBy(aggregation.by)}`
    case 'quantile_over_time': {
      const quantiles = aggregation.quantiles.map(String).join(', ')
      return `quantile_over_time(${printField(aggregation.field)}, ${quantiles})${printBy(aggregation.by)}`
    }
    case 'compare': {
      const { filter, top, startNs, endNs } = aggregation
      const bounds = startNs === 0n && endNs === 0n ? '' : `, ${String(startNs)}, ${String(endNs)}`
      return `compare(${printSpanset(filter)}, ${String(top)}${bounds})`
    }
  }
}

function printBy(by: readonly Field[]): string {
  return by.length === 0 ? '' : ` by(${by.map(printField).join(', ')})`
}
