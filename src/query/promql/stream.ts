import { type Binary, type Call, type Expr, type Subquery, withoutParens } from './ast.ts'
import { evaluateBinary } from './binary.ts'
import type { EvalContext } from './context.ts'
import { findFunction } from './functions/index.ts'
import { leafPieces } from './leaf.ts'
import { findRollupFunction, instantRollup, rollupRows, type RollupUse, timestampRollup } from './rollups/index.ts'
import { instantReader, matrixReader, type RowReader, rowsOf, timesReader } from './select.ts'
import { subqueryReader } from './subquery.ts'
import { negateRow } from './unary.ts'
import { type MatrixValue, RowPool, type StepSeries, type Value } from './values.ts'

/** Evaluates an expression whole: for what cannot come in pieces. */
export type Evaluate = (expr: Expr, context: EvalContext) => Promise<Value>

export interface Streaming {
  readonly evaluate: Evaluate
  /** The only labels that the consumer looks at; undefined: all. */
  readonly labels?: readonly string[] | undefined
  /** Whether the consumer lets go of the rows of a piece before it asks for the next. Then only one counts at a time. */
  readonly passing: boolean
}

/** Rows are made of so many points at a time, whatever a piece of samples has. */
const POINTS_AT_ONCE = 500_000

/**
 * The rows of an instant vector in pieces: what works on each series alone is applied piece by piece, so that samples
 * are held no longer than it takes. What does not comes whole, in one piece. Both are the same functions.
 */
export async function* streamRows(
  expr: Expr,
  context: EvalContext,
  how: Streaming,
): AsyncGenerator<readonly StepSeries[]> {
  switch (expr.kind) {
    case 'paren':
      yield* streamRows(expr.expr, context, how)
      return
    case 'vector-selector':
      yield* leafRows(instantReader(expr, context, how.labels), { reduce: instantRollup, at: expr }, context, how)
      return
    case 'unary':
      for await (const rows of streamRows(expr.expr, context, how)) {
        yield expr.operator === '+' ? rows : rows.map(negateRow)
      }
      return
    case 'binary':
      yield* streamBinary(expr, context, how)
      return
    case 'call':
      yield* streamCall(expr, context, how)
      return
    default:
      yield rowsOfValue(await how.evaluate(expr, context))
  }
}

/** Whether rows come from the store piece by piece, and not from a value that is there as a whole. */
export function isStreamed(expr: Expr): boolean {
  switch (expr.kind) {
    case 'vector-selector':
      return true
    case 'paren':
    case 'unary':
      return isStreamed(expr.expr)
    case 'call':
      return findFunction(expr.name)?.perSeries === true || timesSelector(expr) !== undefined
    default:
      return false
  }
}

async function* leafRows(
  reader: RowReader,
  rollup: Omit<RollupUse, 'rangeMs'>,
  context: EvalContext,
  how: Streaming,
): AsyncGenerator<readonly StepSeries[]> {
  const pooled = withPool(context, how)
  const rolled = await rollupRows(reader.leaf, { ...rollup, rangeMs: context.lookbackMs }, pooled)
  if (rolled !== undefined) {
    yield* passing(rolled, pooled)
    return
  }
  for await (const piece of leafPieces(reader.leaf, context)) {
    for (const part of partsOf(piece, context)) {
      const rows = await rowsOf(part, reader, pooled)
      yield rows
      letGo(rows, pooled)
    }
  }
}

async function* passing(
  pieces: AsyncIterable<readonly StepSeries[]>,
  pooled: EvalContext,
): AsyncGenerator<readonly StepSeries[]> {
  for await (const rows of pieces) {
    yield rows
    letGo(rows, pooled)
  }
}

/** Rows that pass by share memory. */
function withPool(context: EvalContext, how: Streaming): EvalContext {
  return { ...context, rows: how.passing ? new RowPool() : undefined }
}

/** The rows of a piece that the consumer has let go of. Those with histograms may be kept: see `GroupFold`. */
function letGo(rows: readonly StepSeries[], { rows: pool, samples, grid }: EvalContext): void {
  if (pool === undefined) return
  samples.release(rows.length * grid.count)
  for (const row of rows) if (row.histograms === undefined) pool.giveBack(row)
}

function* partsOf<T>(items: readonly T[], { grid }: EvalContext): Generator<readonly T[]> {
  const size = Math.max(1, Math.floor(POINTS_AT_ONCE / Math.max(1, grid.count)))
  for (let i = 0; i < items.length; i += size) yield items.slice(i, i + size)
}

/** An operation between rows and a scalar is done row by row. */
async function* streamBinary(
  node: Binary,
  context: EvalContext,
  how: Streaming,
): AsyncGenerator<readonly StepSeries[]> {
  const { left, right } = node
  if (left.type === 'vector' && right.type === 'scalar') {
    const scalar = await how.evaluate(right, context)
    for await (const series of streamRows(left, context, how)) {
      yield rowsOfValue(await evaluateBinary(node, { type: 'vector', series }, scalar, context))
    }
  } else if (left.type === 'scalar' && right.type === 'vector') {
    const scalar = await how.evaluate(left, context)
    for await (const series of streamRows(right, context, how)) {
      yield rowsOfValue(await evaluateBinary(node, scalar, { type: 'vector', series }, context))
    }
  } else {
    yield rowsOfValue(await how.evaluate(node, context))
  }
}

async function* streamCall(node: Call, context: EvalContext, how: Streaming): AsyncGenerator<readonly StepSeries[]> {
  const selector = timesSelector(node)
  if (selector !== undefined) {
    const rollup = { reduce: timestampRollup, at: selector }
    yield* leafRows(timesReader(selector, context, how.labels), rollup, context, how)
    return
  }
  const definition = findFunction(node.name)
  const at = node.args.findIndex(({ type }) => type === 'vector' || type === 'matrix')
  const operand = node.args[at]
  if (definition?.perSeries !== true || operand === undefined) {
    yield rowsOfValue(await how.evaluate(node, context))
    return
  }
  const others = await Promise.all(
    node.args.map(async (arg, i) => (i === at ? NO_ROWS : await how.evaluate(arg, context))),
  )
  const pooled = withPool(context, how)
  const apply = async (value: Value): Promise<readonly StepSeries[]> => {
    const args = others.with(at, value)
    return rowsOfValue(await definition.evaluate({ node, args, context: pooled }))
  }
  if (operand.type === 'matrix') {
    const rolled = await rolledMatrix(node, operand, pooled, how)
    if (rolled !== undefined) {
      yield* passing(rolled, pooled)
      return
    }
    for await (const matrix of streamMatrix(operand, node.name, context, how)) {
      const rows = await apply(matrix)
      yield rows
      letGo(rows, pooled)
    }
    return
  }
  for await (const series of streamRows(operand, context, how)) yield await apply({ type: 'vector', series })
}

const NO_ROWS: Value = { type: 'vector', series: [] }

async function* streamMatrix(
  operand: Expr,
  reducedBy: string,
  context: EvalContext,
  how: Streaming,
): AsyncGenerator<MatrixValue> {
  const inner = withoutParens(operand)
  if (inner.kind === 'subquery') {
    yield* subqueryPieces(inner, context, how)
    return
  }
  if (inner.kind !== 'matrix-selector') return
  const reader = matrixReader(inner, context, reducedBy, how.labels)
  let isEmpty = true
  for await (const piece of leafPieces(reader.leaf, context)) {
    isEmpty = false
    for (const part of partsOf(piece, context)) yield reader.matrixOf(part)
  }
  // What is wrong with the function's use is said where there are no samples, too.
  if (isEmpty) yield reader.matrixOf([])
}

/** The rows of a function of a range selector, where rollups can give them. */
async function rolledMatrix(
  node: Call,
  operand: Expr,
  context: EvalContext,
  how: Streaming,
): Promise<AsyncIterable<readonly StepSeries[]> | undefined> {
  const selector = withoutParens(operand)
  const reduce = findRollupFunction(node.name)
  if (selector.kind !== 'matrix-selector' || reduce === undefined) return undefined
  const { leaf } = matrixReader(selector, context, node.name, how.labels)
  return await rollupRows(leaf, { reduce, at: operand, rangeMs: selector.rangeMs }, context)
}

async function* subqueryPieces(node: Subquery, context: EvalContext, how: Streaming): AsyncGenerator<MatrixValue> {
  const reader = subqueryReader(node, context)
  if (reader.inner.grid.count === 0) return
  // What the inner rows become is made before the next piece is asked for.
  const passing = { ...how, passing: true }
  for await (const rows of streamRows(node.expr, reader.inner, passing)) {
    for (const part of partsOf(rows, context)) yield reader.matrixOf(part)
  }
}

/** The selector whose samples' times are asked for, not their values. */
export function timesSelector({ name, args: [first] }: Call): Extract<Expr, { kind: 'vector-selector' }> | undefined {
  const selector = name === 'timestamp' && first !== undefined ? withoutParens(first) : undefined
  return selector?.kind === 'vector-selector' ? selector : undefined
}

function rowsOfValue(value: Value): readonly StepSeries[] {
  return value.type === 'vector' ? value.series : []
}
