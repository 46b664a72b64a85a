import { parser as logqlParser } from '@grafana/lezer-logql'
import { parser as promqlParser } from '@prometheus-io/lezer-promql'
import type { Scope } from '../data/view-state.ts'

/**
 * Queries are narrowed down to the clusters that the page looks at: matchers go into every selector. A query that
 * cannot be parsed stays as it is; the hub says what is wrong with it.
 */
export function promqlWithin(query: string, scope: Scope): string {
  const matchers = matchersOf(scope)
  if (matchers === '') return query
  const inserts: { at: number; text: string }[] = []
  const parsed = { isBroken: false }
  promqlParser.parse(query).iterate({
    enter: (node) => {
      if (node.type.isError) parsed.isBroken = true
      if (node.name !== 'VectorSelector') return true
      const braces = node.node.getChild('LabelMatchers')
      if (braces === null) inserts.push({ at: node.to, text: `{${matchers}}` })
      else
        inserts.push({ at: braces.to - 1, text: joinMatchers(query.slice(braces.from + 1, braces.to - 1), matchers) })
      return false
    },
  })
  return parsed.isBroken ? query : insertAll(query, inserts)
}

export function logqlWithin(query: string, scope: Scope): string {
  const matchers = matchersOf(scope)
  if (matchers === '') return query
  const inserts: { at: number; text: string }[] = []
  logqlParser.parse(query).iterate({
    enter: (node) => {
      if (node.name !== 'Selector') return true
      const text = query.slice(node.from, node.to)
      if (text.startsWith('{') && text.endsWith('}'))
        inserts.push({ at: node.to - 1, text: joinMatchers(text.slice(1, -1), matchers) })
      return false
    },
  })
  return insertAll(query, inserts)
}

/** TraceQL: the condition goes into every span filter `{ … }`, in brackets, because `||` binds loosest. */
export function traceqlWithin(query: string, scope: Scope): string {
  const condition = traceConditionOf(scope)
  if (condition === '') return query
  let narrowed = ''
  let from = 0
  let opened = -1
  for (const { index, 0: token } of query.matchAll(/"(?:\\.|[^"\\])*"|`[^`]*`|[{}]/g)) {
    if (token === '{') opened = index
    if (token !== '}' || opened < 0) continue
    const inside = query.slice(opened + 1, index).trim()
    narrowed += `${query.slice(from, opened)}{ ${inside === '' ? '' : `(${inside}) && `}${condition} }`
    from = index + 1
    opened = -1
  }
  return narrowed + query.slice(from)
}

function matchersOf({ environments, clusters }: Scope): string {
  // Clusters say more than their environments.
  if (clusters.length > 0) return matcher('cluster', clusters)
  return environments.length > 0 ? matcher('environment', environments) : ''
}

function matcher(label: string, values: readonly string[]): string {
  const [only] = values
  if (only !== undefined && values.length === 1) return `${label}=${JSON.stringify(only)}`
  return `${label}=~${JSON.stringify(values.map(escapeRegex).join('|'))}`
}

function traceConditionOf({ environments, clusters }: Scope): string {
  const any = (attribute: string, values: readonly string[]): string =>
    `(${values.map((value) => `${attribute} = ${JSON.stringify(value)}`).join(' || ')})`
  if (clusters.length > 0) return any('resource.k8s.cluster.name', clusters)
  return environments.length > 0 ? any('resource.deployment.environment.name', environments) : ''
}

function escapeRegex(text: string): string {
  return text.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&')
}

function joinMatchers(inside: string, matchers: string): string {
  const trimmed = inside.trim()
  return trimmed === '' || trimmed.endsWith(',') ? matchers : `,${matchers}`
}

function insertAll(text: string, inserts: readonly { readonly at: number; readonly text: string }[]): string {
  return [...inserts]
    .sort((a, b) => b.at - a.at)
    .reduce((whole, { at, text: added }) => whole.slice(0, at) + added + whole.slice(at), text)
}
