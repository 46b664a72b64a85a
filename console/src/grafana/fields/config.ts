import { displayNameOf, type Field } from '../frame.ts'
import { isJson, type Json, numberAt, objectAt, objectsAt, textAt, textsAt } from '../json.ts'
import { reduce, toReducer } from './reduce.ts'

/** How a field is shown: the panel's defaults, with what its overrides say over it. Read with `fields/…`. */
export type FieldConfig = Json

/** What an override may look at. */
export interface FieldPlace {
  readonly field: Field
  readonly refId: string
}

/** The defaults and all overrides that fit the field, in their order: later ones win. */
export function configOf(fieldConfig: Json, place: FieldPlace): FieldConfig {
  let config = objectAt(fieldConfig, 'defaults')
  for (const override of objectsAt(fieldConfig, 'overrides')) {
    if (!matches(objectAt(override, 'matcher'), place)) continue
    for (const property of objectsAt(override, 'properties')) {
      const id = textAt(property, 'id')
      if (id !== undefined) config = withProperty(config, id.split('.'), property['value'])
    }
  }
  return config
}

/** `custom.fillOpacity` is a place in the tree. */
function withProperty(config: Json, [key, ...rest]: readonly string[], value: unknown): Json {
  if (key === undefined) return config
  if (rest.length === 0) return { ...config, [key]: value }
  return { ...config, [key]: withProperty(objectAt(config, key), rest, value) }
}

function matches(matcher: Json, { field, refId }: FieldPlace): boolean {
  const options = matcher['options']
  switch (matcher['id']) {
    case 'byName':
      return options === displayNameOf(field) || options === field.name
    case 'byRegexp':
      return typeof options === 'string' && matchesText(options, displayNameOf(field))
    case 'byType':
      return options === field.type
    case 'byTypes':
      return Array.isArray(options) && options.includes(field.type)
    case 'numeric':
      return field.type === 'number'
    case 'time':
      return field.type === 'time'
    case 'byValue':
      return isJson(options) && matchesValue(options, field)
    case 'byRegexpOrNames':
      return isJson(options) && matchesEither(options, displayNameOf(field))
    case 'byFrameRefID':
      return options === refId
    case 'byNames': {
      const names = isJson(options) ? options['names'] : options
      const named = Array.isArray(names) && names.includes(displayNameOf(field))
      return isJson(options) && options['mode'] === 'exclude' ? !named : named
    }
    default:
      return false
  }
}

function matchesEither(options: Json, name: string): boolean {
  const pattern = textAt(options, 'pattern') ?? ''
  return textsAt(options, 'names').includes(name) || (pattern !== '' && matchesText(pattern, name))
}

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  eq: (a, b) => a === b,
  neq: (a, b) => a !== b,
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
}

/** What the field's numbers come down to, compared: `{ reducer: 'allIsZero', op: 'gte', value: 0 }`. */
function matchesValue(options: Json, field: Field): boolean {
  const reducer = toReducer(textAt(options, 'reducer') ?? '')
  if (reducer === undefined || field.type !== 'number') return false
  const value = reduce(field.values, reducer)
  if (value === null) return false
  // Grafana's answers of yes and no are 1 and 0 here: either must hold whatever it is compared with.
  if (reducer === 'allIsZero' || reducer === 'allIsNull') return value === 1
  return COMPARISONS[textAt(options, 'op') ?? 'eq']?.(value, numberAt(options, 'value') ?? 0) ?? false
}

/** The dashboard author's expression: `/…/flags`, found anywhere in the text, or bare, which must match the whole. */
export function matchesText(expression: string, text: string): boolean {
  const slashed = /^\/(.*)\/([gimsuy]*)$/s.exec(expression)
  try {
    const regex =
      slashed === null
        ? new RegExp(`^${expression}$`)
        : new RegExp(slashed[1] ?? '', (slashed[2] ?? '').replace('g', ''))
    return regex.test(text)
  } catch {
    return false
  }
}

export const unitOf = (config: FieldConfig): string => textAt(config, 'unit') ?? ''
export const decimalsOf = (config: FieldConfig): number | undefined => numberAt(config, 'decimals')
/** Drawing options of the kind of panel: `fillOpacity`, `lineWidth`, `cellOptions`, … */
export const customOf = (config: FieldConfig): Json => objectAt(config, 'custom')
