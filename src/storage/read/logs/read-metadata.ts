import { CANONICAL_RESOURCE_ATTRIBUTES, type Labels } from '../../../model/index.ts'
import type { LineColumns } from '../../../query/index.ts'
import { STREAM_LABELS } from '../../../wire/index.ts'
import { sql, type Sql, str } from '../../sql.ts'
import { LABEL_HINT } from '../../write/log-labels.ts'
import { addAttribute, toLabelName } from '../metadata-names.ts'
import type { Block } from '../native-decoder.ts'
import { entriesOf } from '../rows.ts'
import { METADATA_FIELDS, type MetadataField, RECEIVED_FIELD } from './metadata-fields.ts'

const MAPS = ['scope_attributes', 'resource_attributes', 'attributes'] as const

/** What is read for the structured metadata that a request wants. */
export interface MetadataPlan {
  readonly fields: readonly MetadataField[]
  /** Whether something is wanted that only attributes can have. */
  readonly attributes: boolean
  /** What to select. */
  readonly columns: readonly Sql[]
  readonly wanted: ReadonlySet<string> | undefined
}

export function planMetadata({ metadata, received }: LineColumns): MetadataPlan {
  const wanted = metadata === 'all' ? undefined : new Set(metadata)
  const known = [...METADATA_FIELDS, RECEIVED_FIELD]
  const isWanted = (field: MetadataField): boolean =>
    wanted === undefined ? field !== RECEIVED_FIELD || received === true : wanted.has(field.name)
  const fields = known.filter(isWanted)
  // A level is always there; of the other fields an attribute may take the place.
  const attributes = wanted === undefined || [...wanted].some((name) => name !== 'detected_level')
  const columns = [...new Set(fields.flatMap(({ columns: own }) => own))].map(sql.raw)
  if (attributes) columns.push(...MAPS.map((map) => (wanted === undefined ? sql.raw(map) : keysFor(wanted, map))))
  return { fields, attributes, columns, wanted }
}

/**
 * Of a column of attributes those that may become labels of these names, and perhaps more: what cannot stand in a label's name
 * became `_`, and maps are spread out to names that begin with theirs.
 */
function keysFor(wanted: ReadonlySet<string>, map: string): Sql {
  const spellings = [...wanted].flatMap((name) =>
    [...name.matchAll(/_/g), { index: name.length }].map(({ index }) => name.slice(0, index)),
  )
  const expression = `^(?:${[...new Set(spellings)].map((one) => one.replace(/[^A-Za-z0-9]/gu, '(?s:.)')).join('|')})$`
  const isAscii = sql.raw('length(key) = lengthUTF8(key)')
  const isWanted = sql`match(key, ${str(expression)}) OR key = ${str(STREAM_LABELS)} OR NOT ${isAscii}`
  return sql`mapFilter((key, value) -> (${isWanted}), ${sql.raw(map)}) AS ${sql.raw(map)}`
}

/**
 * Name, value, name, value, … of what is not in a stream's labels, under the names that Loki gives it when it takes
 * OTLP: attributes of the resource, the scope and the record, the later before the earlier, and the record's own fields.
 */
export function metadataOf(
  block: Block,
  plan: MetadataPlan,
  labelsOf: (row: number) => Labels,
): (row: number) => readonly string[] {
  const fields = plan.fields.map(({ name, read }) => ({ name, value: read(block) }))
  const maps = plan.attributes ? mapsOf(block) : undefined
  const { wanted } = plan
  return (row) => {
    const found: Record<string, string> = {}
    if (maps !== undefined) addAttributes(found, maps, row, labelsOf(row))
    for (const { name, value } of fields) {
      const text = value(row)
      if (text !== '') found[name] = text
    }
    const pairs: string[] = []
    for (const name of Object.keys(found)) if (wanted?.has(name) !== false) pairs.push(name, found[name] ?? '')
    return pairs
  }
}

type Maps = Readonly<Record<(typeof MAPS)[number], ReturnType<typeof entriesOf>>>

function mapsOf(block: Block): Maps {
  return {
    scope_attributes: entriesOf(block, 'scope_attributes'),
    resource_attributes: entriesOf(block, 'resource_attributes'),
    attributes: entriesOf(block, 'attributes'),
  }
}

function addAttributes(found: Record<string, string>, maps: Maps, row: number, labels: Labels): void {
  const resource = maps.resource_attributes(row)
  const isPushed = resource.some(([name]) => name === STREAM_LABELS)
  for (const [name, value] of resource) {
    if (name === LABEL_HINT || name === STREAM_LABELS || Object.hasOwn(labels, toLabelName(name))) continue
    // What a stream of Loki was not pushed with stands in its labels already, under the canonical names.
    if (isPushed && Object.hasOwn(CANONICAL_RESOURCE_ATTRIBUTES, name)) continue
    addAttribute(found, name, value)
  }
  for (const [name, value] of maps.scope_attributes(row)) addAttribute(found, name, value)
  for (const [name, value] of maps.attributes(row)) addAttribute(found, name, value)
}
