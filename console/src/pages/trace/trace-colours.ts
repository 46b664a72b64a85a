import { colourIndexes, reserveColours } from '../../charts/series-colours.ts'
import type { TraceTree } from '../../data/trace/tree.ts'
import type { TraceSpan } from '../../data/trace/span.ts'

export interface TraceColours {
  /** What is told apart: services or clusters, the most frequent first. */
  readonly names: readonly string[]
  readonly nameOf: (span: TraceSpan) => string
  /** A CSS colour. */
  readonly of: (span: TraceSpan) => string
  readonly ofName: (name: string) => string
}

export function traceColours(tree: TraceTree, by: 'service' | 'cluster'): TraceColours {
  const nameOf = (span: TraceSpan): string =>
    by === 'service' ? span.service : span.cluster === '' ? 'no cluster' : span.cluster
  const counts = new Map<string, number>()
  for (const { span } of tree.nodes) counts.set(nameOf(span), (counts.get(nameOf(span)) ?? 0) + 1)
  const names = [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name)
  reserveColours(names)
  const indexes = colourIndexes(names)
  const colours = new Map(
    names.map((name, position) => {
      const index = indexes[position]
      return [name, typeof index === 'number' ? `var(--series-${index + 1})` : 'var(--n-7)']
    }),
  )
  const ofName = (name: string): string => colours.get(name) ?? 'var(--n-7)'
  return { names, nameOf, ofName, of: (span) => ofName(nameOf(span)) }
}
