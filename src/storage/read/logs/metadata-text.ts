import { CANONICAL_RESOURCE_ATTRIBUTES } from '../../../model/index.ts'
import { sql, type Sql, str } from '../../sql.ts'
import { toLabelName } from '../metadata-names.ts'
import type { MetadataTexts } from './conditions.ts'
import { METADATA_FIELDS, RECEIVED_FIELD } from './metadata-fields.ts'

/** The keys of the attributes that some rows have, by the column that has them. */
export type AttributeKeys = Readonly<Record<AttributeColumn, readonly string[]>>

export const ATTRIBUTE_COLUMNS = ['attributes', 'scope_attributes', 'resource_attributes'] as const
type AttributeColumn = (typeof ATTRIBUTE_COLUMNS)[number]

/**
 * Structured metadata by name in SQL. Without `keys`, only names that come from one key whatever the rows hold can be
 * told: those without `_`, which may have been anything.
 */
export function metadataTexts(keys?: AttributeKeys): MetadataTexts {
  return (name) => {
    if (name === RECEIVED_FIELD.name) return undefined
    const field = METADATA_FIELDS.find((one) => one.name === name)
    if (field !== undefined && field.sql === undefined) return undefined
    const own = field?.sql === undefined ? [] : [sql.raw(field.sql)]
    // A level is always there.
    if (name === 'detected_level') return { text: firstOf(own), doubtful: [] }
    const values = ATTRIBUTE_COLUMNS.map((column) => valueOf(column, name, keys?.[column]))
    if (values.includes(undefined)) return undefined
    const found = values.filter((value): value is Sql => value !== undefined && value !== ABSENT)
    return { text: firstOf([...own, ...found.map(plain)]), doubtful: found.map(isNested) }
  }
}

const ABSENT = sql.raw(`''`)

/** The attribute of which the label is made; undefined if there may be several. */
function valueOf(column: AttributeColumn, name: string, keys: readonly string[] | undefined): Sql | undefined {
  if (keys === undefined && name.includes('_')) return undefined
  // A map with this name in front may have been spread out to it.
  if (keys?.some((key) => name.startsWith(`${toLabelName(key)}_`)) === true) return undefined
  const [key, ...others] = keys === undefined ? [name] : keys.filter((one) => toLabelName(one) === name)
  if (others.length > 0 || (key !== undefined && Object.hasOwn(CANONICAL_RESOURCE_ATTRIBUTES, key))) return undefined
  return key === undefined ? ABSENT : sql`${sql.raw(column)}[${str(key)}]`
}

/** A value without the tag of its type. */
function plain(value: Sql): Sql {
  return sql`if(${value} != '' AND ${value} < '\\x08', substring(${value}, 2), ${value})`
}

/** Lists and maps are told in other words than they are stored in. */
function isNested(value: Sql): Sql {
  return sql`startsWith(${value}, '\\x04')`
}

function firstOf(texts: readonly Sql[]): Sql {
  return texts.reduceRight((rest, text) => sql`if(${text} != '', ${text}, ${rest})`, ABSENT)
}
