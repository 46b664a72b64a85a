import type { StoreClient } from '../client.ts'
import { Filler, type FillerOptions, type FillWork, seriesByTenant } from '../filling/index.ts'
import { piecesById } from '../filling/pieces-by-id.ts'
import { sql } from '../sql.ts'
import { MAX_SAMPLES_PER_CHUNK } from './chunk.ts'
import { ChunkEncoder, type Stretch } from './encode-chunk.ts'
import { ChunkWriter } from './chunk-writer.ts'
import { metricHash } from './metric-hash.ts'
import { SLOT_MS, SLOTS } from './slots.ts'

const MAX_SAMPLES = 2_000_000_000
const SERIES_AT_ONCE = 20_000

export interface PackOptions extends FillerOptions {
  /** Called between pieces of work, so that others get the engine and the processor. */
  readonly rest?: (signal: AbortSignal) => Promise<void>
}

/** Packs samples: the newest slots, and again those for which samples came late. */
export function createPacker(client: StoreClient, { rest, ...options }: PackOptions = {}): Filler {
  return new Filler(client, SLOTS, pack(client, rest), options)
}

function pack(client: StoreClient, rest: PackOptions['rest']): FillWork {
  const encoder = new ChunkEncoder()
  return async ({ scope, range, version }, signal) => {
    const writer = new ChunkWriter(client, version)
    let samples = 0
    for (const { tenant, series, day } of await seriesByTenant(client, scope, range, signal)) {
      const metrics = new Map(series.map(({ id, metric }) => [id, metricHash(metric)]))
      const request = { scope: { tenants: [tenant] }, where: sql.raw('true'), range, maxSamples: MAX_SAMPLES }
      for (let at = 0; at < series.length; at += SERIES_AT_ONCE) {
        const some = series.slice(at, at + SERIES_AT_ONCE)
        for await (const piece of piecesById(client, some, request, signal)) {
          for (const [id, list] of piece) {
            samples += list.timesMs.length
            const metric = metrics.get(id) ?? 0
            for (const { slot, part, ...stretch } of slotsOf(list)) {
              writer.add({ tenant, metric, series: id, slot, part, data: encoder.encode(stretch), day })
            }
            await writer.flushIfLarge(signal)
          }
          await rest?.(signal)
        }
      }
    }
    return { samples, rows: await writer.finish(signal) }
  }
}

/** The samples of a series by slots, and where a slot has too many for a chunk, by parts of it. */
function* slotsOf({
  timesMs,
  values,
}: Pick<Stretch, 'timesMs' | 'values'>): Generator<Stretch & { readonly slot: number; readonly part: number }> {
  for (let from = 0; from < timesMs.length; ) {
    const slot = Math.ceil((timesMs[from] ?? 0) / SLOT_MS)
    const endMs = slot * SLOT_MS
    for (let part = 0; from < timesMs.length && (timesMs[from] ?? 0) <= endMs; part++) {
      const most = Math.min(timesMs.length, from + MAX_SAMPLES_PER_CHUNK)
      let to = from + 1
      while (to < most && (timesMs[to] ?? 0) <= endMs) to += 1
      yield { timesMs, values, from, to, slotMs: endMs - SLOT_MS, slot, part }
      from = to
    }
  }
}
