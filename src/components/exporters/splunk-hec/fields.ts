import { CANONICAL_LABELS, type Identity } from '../../../model/index.ts'
import { type AttributeMap, flattenAttributes, type FlatValue, toPlainText } from '../../../wire/index.ts'

/** Indexed fields: flat, as text or a list of texts. Splunk does not tell an empty value from an absent one. */
export type Fields = Map<string, string | readonly string[]>

/** Later attributes win over earlier ones of the same name. */
export function addAttributes(fields: Fields, attributes: AttributeMap): void {
  for (const [key, value] of flattenAttributes(attributes)) setField(fields, key, toFieldValue(value))
}

/** Names that begin with an underscore are Splunk's own. */
export function setField(fields: Fields, key: string, value: string | readonly string[]): void {
  if (value.length === 0) return
  const name = key.replace(/^_+/, '')
  fields.set(name === '' ? 'attribute' : name, value)
}

/** Who the sender is, over whatever its attributes say. */
export function addIdentity(fields: Fields, identity: Identity): void {
  for (const [label, part] of Object.entries(CANONICAL_LABELS)) setField(fields, label, identity[part])
}

function toFieldValue(value: FlatValue): string | readonly string[] {
  return value.kind === 'array' ? value.values.map(toPlainText).filter((text) => text !== '') : toPlainText(value)
}

/** Remembers the fields of the origin of the record before, which is mostly that of the next one too. */
export class OriginFields {
  #resource: AttributeMap | undefined
  #scope: ScopeAbout | undefined
  #fields: Fields = new Map()

  /** A new map with what resource and scope say. They are told apart by identity. */
  of(resource: AttributeMap, scope: ScopeAbout): Fields {
    if (resource !== this.#resource || scope !== this.#scope) {
      this.#resource = resource
      this.#scope = scope
      this.#fields = new Map()
      addAttributes(this.#fields, resource)
      addAttributes(this.#fields, scope.attributes)
      setField(this.#fields, 'otel.scope.name', scope.name)
    }
    return new Map(this.#fields)
  }
}

interface ScopeAbout {
  readonly name: string
  readonly attributes: AttributeMap
}
