import type { Migration } from './migration.ts'

/**
 * An attribute without a scope may also be one of an instrumentation scope, an event or a link. Few are, so one index of all
 * their names tells that a granule has none: without it nobody could leave out a granule for `{ .x = "y" }`.
 * `storage/read/traces/indexed-values.ts` asks with the same expression.
 */
export const spanElsewhere: Migration = {
  number: 12,
  title: 'an index of the names of attributes of scopes, events and links',
  statements: [
    `ALTER TABLE spans ADD INDEX IF NOT EXISTS elsewhere_names
      arrayConcat(mapKeys(scope_attributes), arrayFlatten(arrayMap(m -> mapKeys(m), event_attributes)),
        arrayFlatten(arrayMap(m -> mapKeys(m), link_attributes)))
      TYPE bloom_filter(0.01) GRANULARITY 1`,
  ],
}
