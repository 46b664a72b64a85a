import { Tally } from './tally.ts'

/** What a lane has done since it was started. */
export class LaneTotals {
  deliveredItems = 0
  deliveredBytes = 0
  /** Left out by the conditions of the fleet file; nobody misses them. */
  filteredItems = 0
  /** By the outcome's name. */
  readonly requests = new Tally()
  /** Items that should have been delivered and never will be, by reason; those in dead letters are not among them. */
  readonly undelivered = new Tally()
  /** Items put aside, by reason. */
  readonly deadLetters = new Tally()
}

/** The same as plain data, to be sent between threads. */
export interface LaneCounts {
  readonly deliveredItems: number
  readonly deliveredBytes: number
  readonly filteredItems: number
  readonly requests: Readonly<Record<string, number>>
  readonly undelivered: Readonly<Record<string, number>>
  readonly deadLetters: Readonly<Record<string, number>>
}

export function readTotals(totals: LaneTotals): LaneCounts {
  const { deliveredItems, deliveredBytes, filteredItems } = totals
  return {
    deliveredItems,
    deliveredBytes,
    filteredItems,
    requests: totals.requests.read(),
    undelivered: totals.undelivered.read(),
    deadLetters: totals.deadLetters.read(),
  }
}
