import { sql, type Sql, str, strArray } from '../../sql.ts'

/**
 * All values of a map of attributes, and a mark if one of them may be an array. The index is on this very text, and it is
 * asked only by it: see the migration. Then a search for a value leaves out granules that have neither the value nor
 * arrays, of which any might hold it.
 */
function valuesAndMark(column: 'attributes' | 'resource_attributes'): Sql {
  return sql.raw(
    `arrayPushBack(mapValues(${column}), if(position(arrayStringConcat(mapValues(${column})), '\\x04') > 0, '\\x04', ''))`,
  )
}

const MARK = String.fromCharCode(4)

/** Holds for every span that has one of the tagged texts as a value in the map, or an array. */
export function mayHave(column: 'attributes' | 'resource_attributes', texts: readonly string[]): Sql {
  return sql`hasAny(${valuesAndMark(column)}, ${strArray([...texts, MARK])})`
}

const ELSEWHERE = sql.raw(
  `arrayConcat(mapKeys(scope_attributes), arrayFlatten(arrayMap(m -> mapKeys(m), event_attributes)),
    arrayFlatten(arrayMap(m -> mapKeys(m), link_attributes)))`,
)

/** Holds for every span whose instrumentation scope, or one of whose events or links, has an attribute of this name. */
export function mayHaveElsewhere(name: string): Sql {
  return sql`has(${ELSEWHERE}, ${str(name)})`
}
