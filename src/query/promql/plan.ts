import type { Matcher } from '../../model/index.ts'
import type { SimpleAggregator } from './accumulators.ts'
import type { Aggregation, Aggregator } from './ast.ts'

/** A selector with the windows that a query looks at through it: what is read from the store, and for what. */
export interface Leaf {
  readonly matchers: readonly Matcher[]
  /** Where the window of each step ends, after `@` and `offset`. Never descends, and is not empty. */
  readonly endsMs: Float64Array
  /** How far the windows reach back: the range, or the look-back of an instant selector. */
  readonly beforeMs: number
  /** How far behind its end a window looks (`smoothed`); 0 otherwise. */
  readonly behindMs: number
  /** The range function that makes a value of each window; undefined where the samples themselves are wanted. */
  readonly reducedBy: string | undefined
  /** The only labels that anybody looks at, beside the name; undefined: all. */
  readonly labels: readonly string[] | undefined
}

/** Aggregations that keep nothing of a series but what it adds to its group: series can pass by one after the other. */
export function isFolded(operator: Aggregator): operator is SimpleAggregator {
  return FOLDED.has(operator)
}

/** Aggregations that keep series as they are, but few of them. */
export function isRanked(operator: Aggregator): operator is 'topk' | 'bottomk' {
  return operator === 'topk' || operator === 'bottomk'
}

const FOLDED: ReadonlySet<Aggregator> = new Set<SimpleAggregator>([
  'sum',
  'avg',
  'count',
  'min',
  'max',
  'group',
  'stddev',
  'stdvar',
])

/** The labels of its operand that an aggregation looks at, sorted; undefined: all. */
export function labelsNeeded({ operator, without, grouping }: Aggregation): readonly string[] | undefined {
  return !without && (isFolded(operator) || operator === 'quantile') ? [...new Set(grouping)].sort() : undefined
}
