import type { Migration } from './migration.ts'

/**
 * What OTLP can say about a span and its resource and scope that had no column: see `storage/otlp-rest.ts`. Spans from
 * before have ''. Adding a column rewrites nothing.
 */
export const wholeSpans: Migration = {
  number: 9,
  title: 'what OTLP seldom says about a span',
  statements: [
    `ALTER TABLE spans
      ADD COLUMN IF NOT EXISTS otlp_group LowCardinality(String) CODEC(ZSTD(1)),
      ADD COLUMN IF NOT EXISTS otlp_rest String CODEC(ZSTD(1))`,
  ],
}
