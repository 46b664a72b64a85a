import type { Expr } from '../ast.ts'
import { partsOf } from '../parts.ts'

/** Functions whose answer at one step depends on the query's other steps, or on series that it does not name. */
const NOT_STEPWISE: ReadonlySet<string> = new Set(['start', 'end', 'range', 'step', 'info'])

/**
 * How far beyond a step the query looks for samples, in milliseconds: 0 or more, for negative offsets. Undefined when
 * what the query answers at a step depends on more than samples at a distance from that step: its range, `@`, calculated
 * durations, samples on both sides.
 */
export function lookAheadMs(expr: Expr): number | undefined {
  let furthest = 0
  // Without recursion, since this is asked of queries that nest as deep as any may.
  const open = [{ node: expr, shiftMs: 0 }]
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const { node } = one
    const ownShiftMs = shiftOf(node)
    if (ownShiftMs === undefined) return undefined
    const shiftMs = one.shiftMs + ownShiftMs
    if (node.kind === 'vector-selector' || node.kind === 'matrix-selector') furthest = Math.max(furthest, shiftMs)
    for (const part of partsOf(node)) open.push({ node: part, shiftMs })
  }
  return furthest
}

/** How far the node moves the times that it looks at, forward; undefined when that is not the same at each step. */
function shiftOf(node: Expr): number | undefined {
  switch (node.kind) {
    case 'vector-selector':
      if (node.at !== undefined || node.offsetExpr !== undefined || node.extension !== undefined) return undefined
      return -node.offsetMs
    case 'matrix-selector':
      return node.rangeExpr === undefined ? shiftOf(node.selector) : undefined
    case 'subquery':
      if (node.at !== undefined || node.offsetExpr !== undefined) return undefined
      return node.rangeExpr === undefined && node.stepExpr === undefined ? -node.offsetMs : undefined
    case 'call':
      return NOT_STEPWISE.has(node.name) ? undefined : 0
    case 'number':
    case 'string':
    case 'paren':
    case 'unary':
    case 'binary':
    case 'aggregation':
      return 0
  }
}
