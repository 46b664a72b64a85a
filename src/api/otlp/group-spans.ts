import type { Attributes, EntityRef, Span, WholeSpan } from '../../query/index.ts'

export interface ScopeGroup {
  readonly scope: Span['scope']
  readonly droppedAttributes: number
  readonly schemaUrl: string
  readonly spans: readonly WholeSpan[]
}

export interface ResourceGroup {
  readonly resource: Attributes
  readonly droppedAttributes: number
  readonly entityRefs: readonly EntityRef[]
  readonly schemaUrl: string
  readonly scopes: readonly ScopeGroup[]
}

interface OpenScope extends ScopeGroup {
  readonly spans: WholeSpan[]
}

interface OpenResource {
  readonly first: WholeSpan
  readonly scopes: Map<string, OpenScope>
}

/** Spans as OTLP nests them: by resource, then by instrumentation scope, each in the order in which it first occurs. */
export function groupSpans(spans: readonly WholeSpan[]): readonly ResourceGroup[] {
  const resources = new Map<string, OpenResource>()
  for (const span of spans) {
    const resourceKey = resourceKeyOf(span)
    const group: OpenResource = resources.get(resourceKey) ?? { first: span, scopes: new Map() }
    resources.set(resourceKey, group)
    const scopeKey = scopeKeyOf(span)
    const scope = group.scopes.get(scopeKey) ?? openScope(span)
    group.scopes.set(scopeKey, scope)
    scope.spans.push(span)
  }
  return [...resources.values()].map(({ first, scopes }) => ({
    resource: first.resource,
    droppedAttributes: first.resourceDroppedAttributes,
    entityRefs: first.entityRefs,
    schemaUrl: first.resourceSchemaUrl,
    scopes: [...scopes.values()],
  }))
}

function openScope({ scope, scopeDroppedAttributes, scopeSchemaUrl }: WholeSpan): OpenScope {
  return { scope, droppedAttributes: scopeDroppedAttributes, schemaUrl: scopeSchemaUrl, spans: [] }
}

function resourceKeyOf(span: WholeSpan): string {
  const { resource, resourceSchemaUrl, resourceDroppedAttributes, entityRefs } = span
  return JSON.stringify([attributesKey(resource), resourceSchemaUrl, resourceDroppedAttributes, entityRefs])
}

function scopeKeyOf({ scope, scopeSchemaUrl, scopeDroppedAttributes }: WholeSpan): string {
  const { name, version, attributes } = scope
  return JSON.stringify([name, version, attributesKey(attributes), scopeSchemaUrl, scopeDroppedAttributes])
}

/** Equal for equal attributes, in whatever order they are. */
export function attributesKey(attributes: Attributes): string {
  const entries = Object.entries(attributes).map(([key, { type, value }]) => {
    const text = value instanceof Uint8Array ? Buffer.from(value).toString('base64') : String(value)
    return [key, type, text]
  })
  return JSON.stringify(entries.sort(([a = ''], [b = '']) => (a < b ? -1 : a > b ? 1 : 0)))
}
