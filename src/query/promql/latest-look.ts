import type { Expr, Subquery, VectorSelector } from './ast.ts'
import { partsOf } from './parts.ts'

interface QueryTimes {
  readonly startMs: number
  readonly endMs: number
}

/**
 * The latest time that a query looks at, in milliseconds; -Infinity if it looks at no samples. Calculated offsets count
 * as none.
 */
export function latestLookMs(expr: Expr, range: QueryTimes): number {
  let latest = -Infinity
  // Without recursion, since this is asked of queries that nest as deep as any may.
  const open = [{ node: expr, endMs: range.endMs }]
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const { node } = one
    if (node.kind === 'vector-selector') latest = Math.max(latest, shifted(node, range, one.endMs))
    else if (node.kind === 'matrix-selector') latest = Math.max(latest, shifted(node.selector, range, one.endMs))
    const endMs = node.kind === 'subquery' ? shifted(node, range, one.endMs) : one.endMs
    for (const part of partsOf(node)) open.push({ node: part, endMs })
  }
  return latest
}

function shifted({ at, offsetMs }: VectorSelector | Subquery, range: QueryTimes, endMs: number): number {
  switch (at?.t) {
    case undefined:
      return endMs - offsetMs
    case 'time':
      return at.ms - offsetMs
    case 'start':
      return range.startMs - offsetMs
    case 'end':
      return range.endMs - offsetMs
  }
}
