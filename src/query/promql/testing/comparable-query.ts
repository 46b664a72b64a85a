import type { Vocabulary } from './vocabulary.ts'
import { createQueryGenerator } from './generate.ts'
import { PROMETHEUS_FUNCTIONS } from './prometheus-functions.ts'
import { type Expr, isComparison, withoutParens } from '../ast.ts'
import { parsePromql } from '../parse.ts'
import { partsOf } from '../parts.ts'
import { printExpr } from '../print.ts'
import type { PromqlFeatures } from '../features.ts'

/** What the server that ours is compared with understands as we do. */
interface Peer {
  /** Before 3.0: edges of ranges are inside, names are plain words, and much is missing. */
  readonly isOld: boolean
  readonly features: PromqlFeatures
}

const METRICS = [
  'http_requests_total',
  'up',
  'memory_bytes',
  'temperature',
  'odd_values',
  'build_info',
  'absent_metric',
]
const CLASSIC = ['duration_seconds_bucket', 'duration_seconds_sum', 'duration_seconds_count']

/** Not in 2.42, or with another meaning there. */
const NEW_FUNCTIONS: ReadonlySet<string> = new Set([
  'first_over_time',
  'histogram_avg',
  'histogram_fraction',
  'histogram_stddev',
  'histogram_stdvar',
])
/** Which of several series with the same value they name is up to the order in which the server finds them. */
const CHOOSING: ReadonlySet<string> = new Set(['topk', 'bottomk', 'limitk', 'limit_ratio'])
const DATES: ReadonlySet<string> = new Set([
  ...['minute', 'hour', 'day_of_week', 'day_of_month', 'day_of_year', 'days_in_month', 'month', 'year'],
])
const COUNTERS: ReadonlySet<string> = new Set(['http_requests_total', ...CLASSIC])
/** What copies, counts or compares, so that nothing is up to the order of additions or to a library of mathematics. */
const EXACT: ReadonlySet<string> = new Set([
  ...['min', 'max', 'count', 'group', 'abs', 'ceil', 'floor', 'sgn', 'sort', 'sort_desc', 'clamp_min', 'clamp_max'],
  ...['count_over_time', 'last_over_time', 'min_over_time', 'max_over_time', 'present_over_time', 'changes', 'resets'],
])
/** What makes of the last digit of its argument something that is seen. */
const SHARP: ReadonlySet<string> = new Set([
  'ceil',
  'cos',
  'cosh',
  'exp',
  'floor',
  'round',
  'sgn',
  'sin',
  'sinh',
  'tan',
])
const PLAIN_NAME = /^[a-zA-Z_]\w*$/

/** Random queries whose answers must agree, each in its printed form. `times` are those for `@`, in seconds. */
export function createComparableQueries(random: () => number, peer: Peer, times: readonly string[]): () => string {
  const functions = Object.entries(PROMETHEUS_FUNCTIONS).filter(([name]) => !peer.isOld || !NEW_FUNCTIONS.has(name))
  const generator = createQueryGenerator({
    random,
    vocabulary: vocabularyOf(peer, times),
    features: peer.features,
    functions: new Map(functions),
    depth: 3,
  })
  return () => {
    for (;;) {
      const expr = parsed(generator.query(), peer.features)
      if (expr !== undefined && isComparable(expr, peer)) return printExpr(expr)
    }
  }
}

function vocabularyOf({ isOld }: Peer, times: readonly string[]): Vocabulary {
  return {
    metrics: isOld ? [...METRICS, ...CLASSIC] : [...METRICS, ...CLASSIC, 'latency_seconds', 'latency_seconds'],
    labels: {
      job: ['api', 'db'],
      instance: ['a', 'b'],
      code: ['ok', 'failed'],
      method: ['get'],
      le: ['0.5', '+Inf'],
      cluster: ['conformance'],
    },
    regexps: ['.*', '.+', 'a|b', 'api|ok', '[a-c]', '', 'd.*'],
    durations: ['15s', '1m', '2m', '5m', '10m', '1h', '47s', '90s'],
    times,
  }
}

function parsed(query: string, features: PromqlFeatures): Expr | undefined {
  try {
    return parsePromql(query, features)
  } catch {
    return undefined
  }
}

function isComparable(expr: Expr, peer: Peer): boolean {
  const top = withoutParens(expr)
  // The values of a choice that is the whole answer are compared; of one inside, nobody knows what came of it.
  if (top.kind === 'aggregation' && CHOOSING.has(top.operator)) {
    // It takes the first that it finds, whatever their values are.
    if (top.operator === 'limitk') return false
    // The old one looks at the number of series even if there is nothing to choose from.
    if (peer.isOld && (top.parameter?.kind !== 'number' || !(Math.abs(top.parameter.value) < 2 ** 53))) return false
    return partsOf(top).every((part) => agrees(part, peer, 0))
  }
  return agrees(expr, peer, 0)
}

function agrees(expr: Expr, peer: Peer, subqueries: number): boolean {
  return (
    isShared(expr, peer, subqueries) &&
    partsOf(expr).every((part) => agrees(part, peer, subqueriesIn(expr, subqueries)))
  )
}

function isShared(expr: Expr, { isOld }: Peer, subqueries: number): boolean {
  switch (expr.kind) {
    case 'number':
      return !isOld || !expr.duration
    case 'string':
      return !isOld || PLAIN_NAME.test(expr.value)
    case 'vector-selector':
      return expr.name !== ''
    case 'matrix-selector':
      return expr.selector.name !== ''
    case 'subquery':
      // Steps of one lie on the left edge of the other; without a step in the range, the old one may go beyond it.
      // Nor is one that is fixed by `@` the argument of what looks at the step.
      return !isOld || (expr.at === undefined && subqueries === 0 && (expr.stepMs ?? 60_000) < expr.rangeMs)
    case 'binary':
      // The old atan2 keeps the name.
      // The old one does not mind two partners if the comparison leaves one.
      if (isOld && isComparison(expr.operator) && expr.matching.labels.length > 0) return false
      if (expr.operator === '%' || expr.operator === '^') return isExact(expr.left) && isExact(expr.right)
      return !isOld || !['</', '>/', 'atan2'].includes(expr.operator)
    case 'aggregation':
      // The old one loses labels where the new one does not come last of all in the order of names.
      if (isOld && expr.operator === 'count_values' && !expr.without && expr.grouping.length > 0) return false
      // There the values are labels, of which the last digit counts.
      if (expr.operator === 'count_values') return isExact(expr.expr)
      // The old one takes the deviation of a single NaN or infinity for 0.
      if (isOld && /^std/.test(expr.operator)) return isExact(expr.expr) && isFinite(expr.expr)
      return !CHOOSING.has(expr.operator)
    case 'call':
      // The old one goes farther to where a counter would be zero; those of the data are far from it.
      if (isOld && /^(rate|increase)$/.test(expr.name)) return expr.args.every(isCounter)
      // Prometheus fetches what the offset says, and then looks at the time of `@` itself.
      if (expr.name === 'timestamp') return expr.args.map(withoutParens).every(isWithoutAt)
      if (isOld && expr.name === 'predict_linear') return expr.args.map(withoutParens).every(isWithoutAt)
      if (isOld && /^std.*_over_time$/.test(expr.name)) return expr.args.every(isExact)
      if (SHARP.has(expr.name)) return expr.args.every(isExact)
      return !DATES.has(expr.name) || expr.args.every((arg) => arg.kind === 'vector-selector' && isFinite(arg))
    case 'paren':
    case 'unary':
      return true
  }
}

/** For dates: that of infinity is that of whatever integer the machine makes of it. */
function isFinite(expr: Expr): boolean {
  if (expr.kind === 'vector-selector') return expr.name !== 'odd_values'
  if (expr.kind === 'matrix-selector') return expr.selector.name !== 'odd_values'
  return expr.kind !== 'number' && partsOf(expr).every(isFinite)
}

function isWithoutAt(expr: Expr): boolean {
  if (expr.kind === 'matrix-selector') return expr.selector.at === undefined
  return expr.kind !== 'vector-selector' || expr.at === undefined || expr.offsetMs === 0
}

function isExact(expr: Expr): boolean {
  const name = expr.kind === 'call' ? expr.name : expr.kind === 'aggregation' ? expr.operator : undefined
  const isOperation = expr.kind === 'binary' || expr.kind === 'unary' || expr.kind === 'subquery'
  return !isOperation && (name === undefined || EXACT.has(name)) && partsOf(expr).every(isExact)
}

function isCounter(expr: Expr): boolean {
  if (expr.kind === 'vector-selector') return COUNTERS.has(expr.name)
  if (expr.kind === 'matrix-selector') return COUNTERS.has(expr.selector.name)
  return (expr.kind === 'subquery' || expr.kind === 'paren') && partsOf(expr).every(isCounter)
}

function subqueriesIn(expr: Expr, subqueries: number): number {
  return expr.kind === 'subquery' ? subqueries + 1 : subqueries
}

/** How the answers of two servers to the query are compared. */
export function comparisonOf(
  query: string,
  features: PromqlFeatures,
): { readonly ordered: boolean; readonly valuesOnly: boolean } {
  const top = withoutParens(parsePromql(query, features))
  const chooses = top.kind === 'aggregation' && /^(topk|bottomk|limitk|limit_ratio)$/.test(top.operator)
  const sorts = top.kind === 'call' && (top.name === 'sort' || top.name === 'sort_desc')
  return { ordered: sorts, valuesOnly: chooses }
}
