import { displayNameOf, type Field } from '../frame.ts'
import { textAt } from '../json.ts'
import type { FieldConfig } from './config.ts'

const REFERENCE = /\$\{__(?:field|series)\.(?:labels\.(\w+)|labels\["([^"]+)"\]|(name|displayName))\}/g

/** What a field is called when its config says so; `${__field.labels.pod}` and its kind filled in. */
export function shownNameOf(field: Field, config: FieldConfig): string {
  const own = displayNameOf(field)
  const wanted = textAt(config, 'displayName')
  if (wanted === undefined || wanted === '') return own
  return wanted.replaceAll(REFERENCE, (_whole: string, label?: string, quoted?: string, name?: string) =>
    name === undefined ? (field.labels[label ?? quoted ?? ''] ?? '') : name === 'name' ? field.name : own,
  )
}
