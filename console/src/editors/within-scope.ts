import { anyOf } from '../data/services/queries.ts'
import type { Scope } from '../data/view-state.ts'
import { addMatcher, isBroken } from './selectors.ts'

/**
 * Queries are narrowed down to the clusters that the page looks at: matchers go into every selector. A query that
 * cannot be parsed stays as it is; the hub says what is wrong with it.
 */
export function promqlWithin(query: string, scope: Scope): string {
  const matcher = matcherOf(scope)
  if (matcher === '' || isBroken(query, 'promql')) return query
  return addMatcher(query, 'promql', { matcher, needs: () => true })
}

/** The published grammar does not know all of LogQL: what it does find in a query is narrowed down all the same. */
export function logqlWithin(query: string, scope: Scope): string {
  const matcher = matcherOf(scope)
  return matcher === '' ? query : addMatcher(query, 'logql', { matcher, needs: ({ wants }) => wants !== 'braces' })
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

function matcherOf({ environments, clusters }: Scope): string {
  // Clusters say more than their environments.
  if (clusters.length > 0) return anyOf('cluster', clusters)
  return environments.length > 0 ? anyOf('environment', environments) : ''
}

function traceConditionOf({ environments, clusters }: Scope): string {
  const any = (attribute: string, values: readonly string[]): string =>
    `(${values.map((value) => `${attribute} = ${JSON.stringify(value)}`).join(' || ')})`
  if (clusters.length > 0) return any('resource.k8s.cluster.name', clusters)
  return environments.length > 0 ? any('resource.deployment.environment.name', environments) : ''
}
