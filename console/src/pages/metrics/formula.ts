import { parser } from '@prometheus-io/lezer-promql'
import { letterOf } from './search.ts'

/**
 * A query may name another one by its letter, as in `B / A`: the letter stands for that query, in brackets. A letter
 * with matchers is a metric. Queries that name each other in a circle stay as they are.
 */
export function resolveFormulas(queries: readonly string[]): readonly string[] {
  const resolve = (index: number, path: readonly number[]): string => {
    const query = queries[index] ?? ''
    return replaceLetters(query, (letter) => {
      const target = queries.findIndex((_, other) => letterOf(other) === letter)
      const text = queries[target]?.trim()
      if (text === undefined || text === '' || path.includes(target)) return undefined
      return `(${resolve(target, [...path, target])})`
    })
  }
  return queries.map((_, index) => resolve(index, [index]))
}

function replaceLetters(query: string, replace: (letter: string) => string | undefined): string {
  if (!/\b[A-H]\b/.test(query)) return query
  const edits: { from: number; to: number; text: string }[] = []
  parser.parse(query).iterate({
    enter: (node) => {
      if (node.name !== 'VectorSelector') return true
      const text = /^[A-H]$/.test(query.slice(node.from, node.to))
        ? replace(query.slice(node.from, node.to))
        : undefined
      if (text !== undefined) edits.push({ from: node.from, to: node.to, text })
      return false
    },
  })
  return edits.reduceRight((whole, { from, to, text }) => whole.slice(0, from) + text + whole.slice(to), query)
}
