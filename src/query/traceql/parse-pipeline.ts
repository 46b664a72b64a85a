import type {
  Aggregate,
  ComparisonOperator,
  MetricsExpr,
  Pipeline,
  ScalarExpr,
  ScalarFilter,
  SpansetExpr,
  SpansetFilter,
  SpansetOperator,
  Stage,
} from './ast.ts'
import type { Cursor } from './cursor.ts'
import { ARITHMETIC, operatorOf, parseField, parseFieldExpr, parseStatic } from './parse-field.ts'
import { isAggregation, parseAggregation, parseSecondStages } from './parse-metrics.ts'
import { TRUE } from './value.ts'

/*
 * What a bracket holds is known only when it has been read: a spanset, a number, or either made by a pipeline of its
 * own. So the parts of an expression say what they are, and operators look at that:
 *
 *     spanset    `{…}`, and spanset operators between them; the only thing that goes on with `|` without brackets
 *     wrapped    a whole pipeline in brackets, and spanset operators between them
 *     scalar     aggregates and numbers, and arithmetic between them
 *     computed   a pipeline in brackets that ends with an aggregate, and arithmetic between them
 *     metrics    a pipeline in brackets that ends with a metrics function, and arithmetic between them
 *
 * A spanset in brackets counts as wrapped where a wrapped one must stand, but an expression that began with spansets
 * takes nothing else.
 */
type Part =
  | { readonly is: 'spanset'; readonly node: SpansetExpr }
  | { readonly is: 'wrapped'; readonly node: SpansetExpr }
  | { readonly is: 'scalar'; readonly node: ScalarExpr }
  | { readonly is: 'computed'; readonly node: ScalarExpr }
  | { readonly is: 'metrics'; readonly node: MetricsExpr }
  /** A stage that only a pipeline can begin with. */
  | { readonly is: 'stage'; readonly node: Stage }
  /** Two computed numbers compared, which is a whole query and nothing else. */
  | { readonly is: 'comparison'; readonly node: ScalarFilter }

/** How tightly spanset operators bind. */
const SPANSET_OPERATORS: Readonly<Record<SpansetOperator, number>> = {
  '&&': 1,
  '||': 1,
  '>': 2,
  '>>': 2,
  '<': 2,
  '<<': 2,
  '~': 2,
  '!>': 2,
  '!>>': 2,
  '!<': 2,
  '!<<': 2,
  '!~': 2,
  '&>': 2,
  '&>>': 2,
  '&<': 2,
  '&<<': 2,
  '&~': 2,
}

const COMPARISONS: Readonly<Record<ComparisonOperator, unknown>> = {
  '=': 0,
  '!=': 0,
  '<': 0,
  '<=': 0,
  '>': 0,
  '>=': 0,
}

const METRICS_ARITHMETIC = { '+': 3, '-': 3, '*': 5, '/': 5 } as const

/** What stands between brackets, or in a whole query. */
export type Whole =
  | { readonly kind: 'spans'; readonly pipeline: Pipeline }
  | { readonly kind: 'metrics'; readonly metrics: MetricsExpr }

/** Parses a query up to its hints. */
export function parseWhole(cursor: Cursor): Whole {
  const content = parseContent(cursor)
  // Stages behind arithmetic of series stand at the end of a query only.
  const part = content.is === 'metrics' ? withStages(cursor, content.node) : content
  switch (part.is) {
    case 'spanset':
    case 'wrapped':
      return { kind: 'spans', pipeline: pipelineOf(part.node) }
    case 'stage':
    case 'comparison':
      return { kind: 'spans', pipeline: onlyStage(part.node) }
    case 'metrics':
      return { kind: 'metrics', metrics: part.node }
    case 'scalar':
    case 'computed':
      throw cursor.unexpected('a comparison')
  }
}

function pipelineOf(node: SpansetExpr): Pipeline {
  return node.kind === 'pipeline' ? node : { kind: 'pipeline', stages: [node] }
}

/** Everything up to the closing bracket or the end. */
function parseContent(cursor: Cursor): Part {
  const first = parseStagePart(cursor)
  if (first.is === 'metrics' || first.is === 'scalar') return first
  if (first.is === 'computed') {
    const operator = operatorOf(COMPARISONS, cursor)
    if (operator === undefined) return first
    cursor.advance()
    const right = parseComputedOperand(cursor)
    return { is: 'comparison', node: { kind: 'scalar-filter', operator, left: first.node, right } }
  }
  if (first.is === 'wrapped' || first.is === 'comparison' || !cursor.is('|')) return first
  return parsePipelineRest(cursor, [first.node])
}

function withStages(cursor: Cursor, node: MetricsExpr): Part & { readonly is: 'metrics' } {
  const stages = parseSecondStages(cursor)
  return { is: 'metrics', node: { ...node, stages: [...node.stages, ...stages] } }
}

function onlyStage(stage: Stage): Pipeline {
  return { kind: 'pipeline', stages: [stage] }
}

function parseComputedOperand(cursor: Cursor): ScalarExpr {
  const value = parseStatic(cursor)
  if (value !== undefined) return { kind: 'static', value }
  const part = parseArithmetic(cursor, parseBracket(cursor))
  if (part.is !== 'computed') throw cursor.unexpected()
  return part.node
}

/** `| stage | stage …`; an aggregate at the end makes a number of it, a metrics function series. */
function parsePipelineRest(cursor: Cursor, stages: Stage[]): Part {
  while (cursor.accept('|')) {
    if (isAggregation(cursor)) {
      const pipeline: Pipeline = { kind: 'pipeline', stages }
      const aggregation = parseAggregation(cursor, () => parseFilter(cursor))
      return { is: 'metrics', node: { kind: 'aggregation', pipeline, aggregation, stages: parseSecondStages(cursor) } }
    }
    if (cursor.accept('coalesce')) {
      cursor.expect('(')
      cursor.expect(')')
      stages.push({ kind: 'coalesce' })
      continue
    }
    const isBracket = cursor.is('(')
    const part = parseStagePart(cursor)
    if (part.is === 'scalar' && part.node.kind === 'aggregate' && !isBracket) {
      return { is: 'computed', node: { kind: 'pipeline', stages: [...stages, part.node] } }
    }
    if (part.is !== 'spanset' && part.is !== 'stage') throw cursor.unexpected()
    stages.push(part.node)
  }
  // One stage is a pipeline here too: `(by(…))` is wrapped.
  return { is: 'wrapped', node: { kind: 'pipeline', stages } }
}

/** One stage, or the operand that it begins with. */
function parseStagePart(cursor: Cursor): Part {
  if (cursor.accept('by')) {
    cursor.expect('(')
    const expr = parseFieldExpr(cursor)
    cursor.expect(')')
    return { is: 'stage', node: { kind: 'by', expr } }
  }
  if (cursor.accept('select')) return { is: 'stage', node: { kind: 'select', fields: parseFields(cursor) } }
  const first = parseOperand(cursor)
  switch (first.is) {
    case 'spanset':
      return { is: 'spanset', node: parseSpansets(cursor, first.node, 0) }
    case 'wrapped':
      return { is: 'wrapped', node: parseWrapped(cursor, first.node, 0) }
    case 'scalar': {
      const left = parseArithmetic(cursor, first)
      const operator = operatorOf(COMPARISONS, cursor)
      if (left.is !== 'scalar' || operator === undefined) return left
      cursor.advance()
      const right = parseArithmetic(cursor, parseOperand(cursor))
      if (right.is !== 'scalar') throw cursor.unexpected()
      return { is: 'stage', node: { kind: 'scalar-filter', operator, left: left.node, right: right.node } }
    }
    case 'computed':
    case 'metrics':
      return parseArithmetic(cursor, first)
    case 'stage':
    case 'comparison':
      return first
  }
}

/** `(attribute, …)`. */
function parseFields(cursor: Cursor): ReturnType<typeof parseField>[] {
  cursor.expect('(')
  const fields = [parseField(cursor)]
  while (cursor.accept(',')) fields.push(parseField(cursor))
  cursor.expect(')')
  return fields
}

function parseOperand(cursor: Cursor): Part {
  if (cursor.is('{')) return { is: 'spanset', node: parseFilter(cursor) }
  if (cursor.is('(')) return parseBracket(cursor)
  const aggregate = parseAggregate(cursor)
  if (aggregate !== undefined) return { is: 'scalar', node: aggregate }
  return { is: 'scalar', node: { kind: 'static', value: parseNumber(cursor) } }
}

/** `{ … }`. */
function parseFilter(cursor: Cursor): SpansetFilter {
  const { start } = cursor.token
  cursor.expect('{')
  if (cursor.accept('}')) return { kind: 'filter', expr: { kind: 'static', value: TRUE } }
  const expr = parseFieldExpr(cursor)
  cursor.expect('}')
  return cursor.mark<SpansetFilter>(start, { kind: 'filter', expr })
}

function parseNumber(cursor: Cursor): ReturnType<typeof parseStatic> & object {
  const negative = cursor.accept('-')
  const { token } = cursor
  switch (token.kind) {
    case 'int':
    case 'duration':
      cursor.advance()
      return { type: token.kind, value: negative ? -token.value : token.value }
    case 'float':
      cursor.advance()
      return { type: 'float', value: negative ? -token.value : token.value }
    case 'string':
    case 'word':
    case 'identifier':
    case 'scope':
    case 'attribute':
    case 'end':
      throw cursor.unexpected()
  }
}

const AGGREGATES = { count: 0, avg: 0, max: 0, min: 0, sum: 0 } as const

function parseAggregate(cursor: Cursor): Aggregate | undefined {
  const operator = operatorOf(AGGREGATES, cursor)
  if (operator === undefined) return undefined
  const { start } = cursor.advance()
  cursor.expect('(')
  const expr = operator === 'count' ? undefined : parseFieldExpr(cursor)
  cursor.expect(')')
  return cursor.mark<Aggregate>(start, { kind: 'aggregate', operator, ...(expr === undefined ? {} : { expr }) })
}

/** `( … )`: what it is depends on what it holds. */
function parseBracket(cursor: Cursor): Part {
  return cursor.nested(() => {
    cursor.expect('(')
    const part = parseContent(cursor)
    if (part.is === 'comparison') throw cursor.unexpected('$end')
    cursor.expect(')')
    return part.is === 'stage' ? { is: 'wrapped', node: onlyStage(part.node) } : part
  })
}

function parseSpansets(cursor: Cursor, first: SpansetExpr, least: number): SpansetExpr {
  let left = first
  for (;;) {
    const operator = operatorOf(SPANSET_OPERATORS, cursor)
    if (operator === undefined || SPANSET_OPERATORS[operator] < least) return left
    cursor.advance()
    const before = cursor.token
    const operand = parseOperand(cursor)
    if (operand.is !== 'spanset') throw cursor.unexpected('{ or (', before)
    const right = parseSpansets(cursor, operand.node, SPANSET_OPERATORS[operator] + 1)
    left = { kind: 'spanset', operator, left, right }
  }
}

function parseWrapped(cursor: Cursor, first: SpansetExpr, least: number): SpansetExpr {
  let left = first
  for (;;) {
    const operator = operatorOf(SPANSET_OPERATORS, cursor)
    if (operator === undefined || SPANSET_OPERATORS[operator] < least) return left
    cursor.advance()
    const before = cursor.token
    const operand = parseBracket(cursor)
    if (operand.is !== 'wrapped' && operand.is !== 'spanset') throw cursor.unexpected(undefined, before)
    const right = parseWrapped(cursor, operand.node, SPANSET_OPERATORS[operator] + 1)
    left = { kind: 'spanset', operator, left, right }
  }
}

/** Arithmetic between numbers of one kind, or between series. */
function parseArithmetic(cursor: Cursor, first: Part, least = 0): Part {
  let left = first
  for (;;) {
    if (left.is !== 'scalar' && left.is !== 'computed' && left.is !== 'metrics') return left
    const operator = operatorOf(ARITHMETIC, cursor)
    if (operator === undefined || ARITHMETIC[operator] < least) return left
    const before = cursor.advance()
    const tighter = ARITHMETIC[operator] + (operator === '^' ? 0 : 1)
    const right = parseArithmetic(cursor, left.is === 'scalar' ? parseOperand(cursor) : parseBracket(cursor), tighter)
    if (left.is === 'metrics') {
      if (right.is !== 'metrics' || !(operator in METRICS_ARITHMETIC)) throw cursor.unexpected(undefined, before)
      if (operator === '%' || operator === '^') throw cursor.unexpected(undefined, before)
      left = { is: 'metrics', node: { kind: 'arithmetic', operator, left: left.node, right: right.node, stages: [] } }
      continue
    }
    if (right.is !== left.is) throw cursor.unexpected(undefined, before)
    left = { is: left.is, node: { kind: 'scalar', operator, left: left.node, right: right.node } }
  }
}
