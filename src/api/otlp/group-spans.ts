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
  const keys = new AttributeKeys()
  for (const span of spans) {
    const resourceKey = resourceKeyOf(span, keys)
    const group: OpenResource = resources.get(resourceKey) ?? { first: span, scopes: new Map() }
    resources.set(resourceKey, group)
    const scopeKey = scopeKeyOf(span, keys)
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

function resourceKeyOf(span: WholeSpan, keys: AttributeKeys): string {
  const { resource, resourceSchemaUrl, resourceDroppedAttributes, entityRefs } = span
  const refs = entityRefs.length === 0 ? '' : JSON.stringify(entityRefs)
  return `${keys.of(resource)} ${resourceDroppedAttributes} ${resourceSchemaUrl.length} ${resourceSchemaUrl} ${refs}`
}

function scopeKeyOf({ scope, scopeSchemaUrl, scopeDroppedAttributes }: WholeSpan, keys: AttributeKeys): string {
  const { name, version, attributes } = scope
  return `${keys.of(attributes)} ${scopeDroppedAttributes} ${JSON.stringify([name, version, scopeSchemaUrl])}`
}

/** Short keys of attributes: thousands of spans have few resources, so that sorting happens once for each way of writing. */
class AttributeKeys {
  readonly #asWritten = new Map<string, number>()
  readonly #numbers = new Map<string, number>()

  /** The same for equal attributes, in whatever order they are. */
  of(attributes: Attributes): number {
    let written = ''
    for (const key in attributes) {
      const value = attributes[key]
      if (value === undefined) continue
      const text = textOf(value)
      // With lengths, so that no value can look like two.
      written += `${key.length}:${key}${value.type}${text.length}:${text}`
    }
    const known = this.#asWritten.get(written)
    if (known !== undefined) return known
    const sorted = attributesKey(attributes)
    const number = this.#numbers.get(sorted) ?? this.#numbers.size
    this.#numbers.set(sorted, number)
    this.#asWritten.set(written, number)
    return number
  }
}

function textOf({ value }: Attributes[string]): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : String(value)
}

/** Equal for equal attributes, in whatever order they are. */
export function attributesKey(attributes: Attributes): string {
  const entries = Object.entries(attributes).map(([key, value]) => [key, value.type, textOf(value)])
  return JSON.stringify(entries.sort(([a = ''], [b = '']) => (a < b ? -1 : a > b ? 1 : 0)))
}
