import type { Migration } from './migration.ts'

/** What the writer finds for new rows; of those from before, what OTLP's severity says. */
const LEVEL_BY_SEVERITY = `multiIf(severity_number = 0, 'unknown', severity_number <= 4, 'trace', severity_number <= 8,
  'debug', severity_number <= 12, 'info', severity_number <= 16, 'warn', severity_number <= 20, 'error', 'fatal')`

/**
 * Line filters look for any piece of text, upper or lower case. An index of whole words does not find a piece of a word
 * without a look at every word that there is, of which ids make as many as there are lines; one of all triples of
 * characters has a bounded number of keys, and rare pieces are found at once. Parts from before are read as they are
 * until they are merged.
 */
export const logSearch: Migration = {
  number: 7,
  title: 'levels of log lines, and an index for any piece of their text',
  statements: [
    `ALTER TABLE logs
      ADD COLUMN IF NOT EXISTS detected_level LowCardinality(String) DEFAULT ${LEVEL_BY_SEVERITY} AFTER severity_text`,
    'ALTER TABLE logs DROP INDEX IF EXISTS body_text',
    `ALTER TABLE logs ADD INDEX IF NOT EXISTS body_pieces lower(body)
      TYPE text(tokenizer = ngrams(3), posting_list_codec = 'bitpacking')`,
  ],
}
