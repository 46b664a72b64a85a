import type { AnyValue } from './any-value.ts'
import type { AttributeMap } from './attributes.ts'

/** A value that holds no map: what flat formats can show under one name. */
export type FlatValue = Exclude<AnyValue, { readonly kind: 'map' | 'none' }>

/**
 * Attributes under one level of names: nested maps become `outer.inner`. Absent values and empty maps have no entry. Of
 * a name that comes about twice the last value counts.
 */
export function flattenAttributes(attributes: AttributeMap, separator = '.'): Map<string, FlatValue> {
  const flat = new Map<string, FlatValue>()
  for (const [key, value] of attributes) flattenInto(flat, key, value, separator)
  return flat
}

function flattenInto(flat: Map<string, FlatValue>, key: string, value: AnyValue, separator: string): void {
  if (value.kind === 'none') return
  if (value.kind !== 'map') {
    flat.set(key, value)
    return
  }
  for (const [inner, nested] of value.entries) flattenInto(flat, `${key}${separator}${inner}`, nested, separator)
}
