import type { Migration } from './migration.ts'

/**
 * Searches ask for one value of one attribute, and most granules do not have it: an index of the values that a granule
 * holds excludes them without their maps being read, which is what costs. Values are indexed whole, whatever their
 * attribute, with a mark where there may be an array (tag 0x04 of tagged text), because its items are no values of the
 * map; `storage/read/traces/indexed-values.ts` asks with the same expression. Names are indexed for questions that have
 * no value. Parts from before are read as they are until they are merged.
 */
export const spanSearch: Migration = {
  number: 8,
  title: 'indexes of the names and the values of attributes of spans',
  statements: ['attributes', 'resource_attributes'].flatMap((column) => [
    `ALTER TABLE spans ADD INDEX IF NOT EXISTS ${column}_values
      arrayPushBack(mapValues(${column}), if(position(arrayStringConcat(mapValues(${column})), '\\x04') > 0, '\\x04', ''))
      TYPE bloom_filter(0.01) GRANULARITY 1`,
    `ALTER TABLE spans ADD INDEX IF NOT EXISTS ${column}_names mapKeys(${column})
      TYPE bloom_filter(0.01) GRANULARITY 1`,
  ]),
}
