import { createScrub, createScrubMeters, readScrubKey } from '../components/processors/scrub/index.ts'
import type { Metrics } from '../core/index.ts'
import type { EdgeFile } from '../fleet/index.ts'
import type { Signal } from '../model/index.ts'
import type { Consumer } from '../pipeline/index.ts'

export interface EdgeScrub {
  /** In front of the log: nothing gets past it unscrubbed, and what is refused was not written anywhere. */
  readonly scrubbed: Consumer
  /** Items dropped since start because a rule says so, or because nothing tells them apart any more. */
  readonly items: Readonly<Record<Signal, number>>
}

/** The edge's rules in front of `next`; without rules it is `next` itself. Rejects with `invalid` when the key of pseudonyms is absent. */
export async function createEdgeScrub(
  { scrub: settings }: EdgeFile,
  metrics: Metrics,
  next: Consumer,
): Promise<EdgeScrub> {
  const items: Record<Signal, number> = { metrics: 0, logs: 0, traces: 0 }
  if (settings === undefined || settings.rules.length === 0) return { scrubbed: next, items }
  const scrub = createScrub(settings, {
    meters: createScrubMeters(metrics),
    key: await readScrubKey(settings),
    onDropped: (signal, count) => {
      items[signal] += count
    },
  })
  return {
    items,
    scrubbed: async (batch) => {
      const left = scrub(batch)
      // Of a batch that is gone as a whole, nothing has to be kept for its sender to be done with it.
      if (left !== undefined) await next(left)
    },
  }
}
