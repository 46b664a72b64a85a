import type { Entry, EntryRequest, Undelivered } from '../../../pipeline/destination/index.ts'

/** An entry that Datadog takes for some time only. */
export interface TimedEntry extends Entry {
  /** Of its newest point or record. */
  readonly timeMs: number
}

/** Entries of a request that have become too old while they waited, and those that have not. */
export function withoutOld(
  request: EntryRequest<TimedEntry>,
  oldestMs: number,
): { readonly rest: EntryRequest<TimedEntry> | undefined; readonly undelivered: readonly Undelivered[] } {
  const kept = request.entries.filter(({ timeMs }) => timeMs >= oldestMs)
  if (kept.length === request.entries.length) return { rest: request, undelivered: [] }
  const rest = request.with(kept)
  return { rest, undelivered: [{ reason: 'too_old', items: request.items - (rest?.items ?? 0) }] }
}

export const HOUR_MS = 3_600_000
