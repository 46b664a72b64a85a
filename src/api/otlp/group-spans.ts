import type { Attributes, Span, WholeSpan } from '../../query/index.ts'

export interface ScopeGroup {
  readonly scope: Span['scope']
  readonly spans: readonly WholeSpan[]
}

export interface ResourceGroup {
  readonly resource: Attributes
  readonly scopes: readonly ScopeGroup[]
}

interface OpenGroup {
  readonly resource: Attributes
  readonly scopes: Map<string, { readonly scope: Span['scope']; readonly spans: WholeSpan[] }>
}

/** Spans as OTLP nests them: by resource, then by instrumentation scope, each in the order in which it first occurs. */
export function groupSpans(spans: readonly WholeSpan[]): readonly ResourceGroup[] {
  const resources = new Map<string, OpenGroup>()
  for (const span of spans) {
    const resourceKey = attributesKey(span.resource)
    const group: OpenGroup = resources.get(resourceKey) ?? { resource: span.resource, scopes: new Map() }
    resources.set(resourceKey, group)
    const scopeKey = JSON.stringify([span.scope.name, span.scope.version, attributesKey(span.scope.attributes)])
    const scope = group.scopes.get(scopeKey) ?? { scope: span.scope, spans: [] }
    group.scopes.set(scopeKey, scope)
    scope.spans.push(span)
  }
  return [...resources.values()].map(({ resource, scopes }) => ({ resource, scopes: [...scopes.values()] }))
}

/** Equal for equal attributes, in whatever order they are. */
export function attributesKey(attributes: Attributes): string {
  const entries = Object.entries(attributes).map(([key, { type, value }]) => {
    const text = value instanceof Uint8Array ? Buffer.from(value).toString('base64') : String(value)
    return [key, type, text]
  })
  return JSON.stringify(entries.sort(([a = ''], [b = '']) => (a < b ? -1 : a > b ? 1 : 0)))
}
