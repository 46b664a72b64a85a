import type { Migration } from './migration.ts'

const DAY = 'Date DEFAULT'
const CODEC = 'CODEC(ZSTD(1))'

/**
 * The day (UTC) on which a row arrived, or, of a series, stream or trace, the last day on which something of it may
 * have. What is older than the retention when it is sent must be kept as long as what is new, so age counts from the
 * later of a row's own time and this. A part holds one value or two of it: it comes to nothing on disk. Rows from before
 * have the day of their own time, and so grow old as they did. Logs and spans have `hub_received_at`.
 */
export const arrival: Migration = {
  number: 5,
  title: 'when rows arrived',
  statements: [
    `ALTER TABLE samples ADD COLUMN IF NOT EXISTS received ${DAY} toDate(time) ${CODEC}`,
    `ALTER TABLE histograms ADD COLUMN IF NOT EXISTS received ${DAY} toDate(time) ${CODEC}`,
    `ALTER TABLE sample_starts ADD COLUMN IF NOT EXISTS received ${DAY} toDate(time) ${CODEC}`,
    `ALTER TABLE exemplars ADD COLUMN IF NOT EXISTS received ${DAY} toDate(time) ${CODEC}`,
    `ALTER TABLE series
      ADD COLUMN IF NOT EXISTS received SimpleAggregateFunction(max, Date) DEFAULT toDate(last_seen) ${CODEC}`,
    `ALTER TABLE log_streams
      ADD COLUMN IF NOT EXISTS received SimpleAggregateFunction(max, Date) DEFAULT toDate(last_seen) ${CODEC}`,
    `ALTER TABLE traces
      ADD COLUMN IF NOT EXISTS received SimpleAggregateFunction(max, Date) DEFAULT toDate(end) ${CODEC}`,
  ],
}
