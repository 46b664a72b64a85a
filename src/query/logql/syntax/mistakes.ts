import { AppError } from '../../../core/index.ts'
import type { ParseError } from '../../parse-error.ts'
import { compileRegexp } from '../../regexp.ts'
import type { LabelReplace, MetricExpr, RangeAggregation, RangeOperation, VectorAggregation } from '../ast.ts'
import type { TokenStream } from './token-stream.ts'

/** What is wrong with nodes that could be read; told when the whole query could. */
export type Mistakes = Map<MetricExpr, ParseError>

interface Reading {
  readonly tokens: TokenStream
  readonly mistakes: Mistakes
}

const WITH_UNWRAP: ReadonlySet<RangeOperation> = new Set([
  ...(['avg_over_time', 'sum_over_time', 'max_over_time', 'min_over_time', 'stddev_over_time'] as const),
  ...(['stdvar_over_time', 'quantile_over_time', 'rate', 'rate_counter', 'absent_over_time'] as const),
  ...(['first_over_time', 'last_over_time'] as const),
])
const WITHOUT_UNWRAP: ReadonlySet<RangeOperation> = new Set([
  ...(['bytes_over_time', 'bytes_rate', 'count_over_time', 'rate', 'absent_over_time'] as const),
])
const GROUPED: ReadonlySet<RangeOperation> = new Set([
  ...(['avg_over_time', 'stddev_over_time', 'stdvar_over_time', 'quantile_over_time'] as const),
  ...(['max_over_time', 'min_over_time', 'first_over_time', 'last_over_time'] as const),
])

/** `parameter` as it was written. */
export function checkRangeAggregation(
  node: RangeAggregation,
  parameter: string | undefined,
  { tokens, mistakes }: Reading,
): void {
  const problem = problemOfRange(node, parameter)
  if (problem !== undefined) mistakes.set(node, tokens.error(node, problem))
}

function problemOfRange(
  { operation, range, grouping, parameter }: RangeAggregation,
  text?: string,
): string | undefined {
  if (operation === 'quantile_over_time') {
    if (text === undefined) return `parameter required for operation ${operation}`
    if (Number.isNaN(parameter)) {
      const reason = `strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax`
      return `invalid parameter for operation ${operation}: ${reason}`
    }
  } else if (text !== undefined) {
    return `parameter ${text} not supported for operation ${operation}`
  }
  if (grouping !== undefined && !GROUPED.has(operation)) return `grouping not allowed for ${operation} aggregation`
  if (range.unwrap !== undefined && !WITH_UNWRAP.has(operation)) return `invalid aggregation ${operation} with unwrap`
  if (range.unwrap === undefined && !WITHOUT_UNWRAP.has(operation)) {
    return `invalid aggregation ${operation} without unwrap`
  }
  return undefined
}

export function checkVectorAggregation(
  node: VectorAggregation,
  parameter: string | undefined,
  { tokens, mistakes }: Reading,
): void {
  const problem = problemOfVector(node, parameter)
  if (problem !== undefined) mistakes.set(node, tokens.error(node, problem))
}

function problemOfVector({ operation, grouping }: VectorAggregation, text?: string): string | undefined {
  if (operation === 'topk' || operation === 'bottomk' || operation === 'approx_topk') {
    if (text === undefined) return `parameter required for operation ${operation}`
    if (!/^\d+$/.test(text)) return `invalid parameter ${operation}(${text},`
    if (Number(text) <= 0) return `invalid parameter (must be greater than 0) ${operation}(${text}`
  } else if (text !== undefined) {
    return `unsupported parameter for operation ${operation}(${text},`
  }
  if (grouping === undefined) return undefined
  if (operation === 'approx_topk') return 'grouping not allowed for approx_topk aggregation'
  if ((operation === 'sort' || operation === 'sort_desc') && grouping.labels.length > 0) {
    return "sort and sort_desc doesn't allow grouping by "
  }
  return undefined
}

export function checkLabelReplace(node: LabelReplace, { tokens, mistakes }: Reading): void {
  try {
    compileRegexp(`^(?:${node.expression})$`, { dotMatchesNewline: false })
  } catch (reason) {
    const message = `invalid regex in label_replace: ${AppError.from(reason).message}`
    mistakes.set(node, tokens.error(node, message))
  }
}
