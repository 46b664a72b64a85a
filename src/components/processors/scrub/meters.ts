import type { Counter, Metrics } from '../../../core/index.ts'
import type { Signal } from '../../../model/index.ts'

/** One set for a program, whatever it scrubs for. */
export interface ScrubMeters {
  readonly matches: Counter<'rule' | 'action' | 'signal'>
  readonly dropped: Counter<'signal' | 'reason'>
  readonly failures: Counter<'signal'>
}

/** Why items are dropped: a rule says so, or their series cannot be told from another one any more. */
export type DropReason = 'rule' | 'collision'

export function createScrubMeters(metrics: Metrics): ScrubMeters {
  const count = <L extends string>(name: string, help: string, labels: readonly L[]): Counter<L> =>
    metrics.counter(name, help, labels)
  const dropped = count('fleetglass_scrub_dropped_items_total', 'Points, log records and spans dropped by scrubbing.', [
    'signal',
    'reason',
  ])
  for (const signal of ['metrics', 'logs', 'traces'] satisfies Signal[]) {
    for (const reason of ['rule', 'collision'] satisfies DropReason[]) dropped.inc({ signal, reason }, 0)
  }
  return {
    matches: count('fleetglass_scrub_matches_total', 'Personal data found and replaced or dropped, by rule.', [
      'rule',
      'action',
      'signal',
    ]),
    dropped,
    failures: count('fleetglass_scrub_failures_total', 'Requests refused because they could not be looked through.', [
      'signal',
    ]),
  }
}
