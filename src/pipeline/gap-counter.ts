import type { Metrics } from '../core/index.ts'
import type { LogGap } from '../queue/index.ts'

/** For `LogReaderOptions.onGap`: counts the records that a reader looked for and did not find, by reason. */
export function createGapCounter(metrics: Metrics): (gap: LogGap) => void {
  const missing = metrics.counter(
    'fleetglass_log_missing_records_total',
    'Records of the durable log that its reader did not find: removed at the size limit, damaged, or never appended.',
    ['reason'],
  )
  return ({ from, to, reason }) => missing.inc({ reason }, to - from)
}
