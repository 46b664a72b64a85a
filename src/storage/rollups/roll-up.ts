import type { Scope } from '../../model/index.ts'
import {
  BUCKET_FACTS,
  type Buckets,
  bucketsOf,
  coarserBuckets,
  mergeBuckets,
  ROLLUP_SIZES_MS,
  type RollupSizeMs,
} from '../../query/index.ts'
import type { StoreClient } from '../client.ts'
import { Filler, type FillerOptions, type FillStretch, type FillWork, seriesByTenant } from '../filling/index.ts'
import { piecesById } from '../filling/pieces-by-id.ts'
import { inTenants } from '../read/scope.ts'
import { sql } from '../sql.ts'
import { BucketWriter } from './bucket-writer.ts'
import { fetchBuckets } from './fetch-buckets.ts'
import { HOURS } from './hours.ts'

const MAX_SAMPLES = 2_000_000_000
const SERIES_AT_ONCE = 20_000
const SMALL_MS = 300_000

export interface WorkOptions {
  /** Called between pieces of work, so that others get the engine and the processor. */
  readonly rest?: (signal: AbortSignal) => Promise<void>
}

/** Rolls samples up: what came late for hours before, then the newest hours. */
export function createRollupFiller(
  client: StoreClient,
  { rest, ...options }: FillerOptions & WorkOptions = {},
): Filler {
  return new Filler(client, HOURS, rollUp(client, rest), options)
}

function rollUp(client: StoreClient, rest: WorkOptions['rest']): FillWork {
  return async (stretch, signal) => {
    const { scope, range, again, version } = stretch
    const writer = new BucketWriter(client, version)
    let samples = 0
    for (const { tenant, series, day } of await seriesByTenant(client, scope, range, signal)) {
      const one = { tenants: [tenant] }
      for (let at = 0; at < series.length; at += SERIES_AT_ONCE) {
        const some = series.slice(at, at + SERIES_AT_ONCE)
        const request = { scope: one, where: sql.raw('true'), range, maxSamples: MAX_SAMPLES }
        for await (const piece of piecesById(client, some, request, signal)) {
          const small = piece.map(([id, list]) => {
            samples += list.timesMs.length
            return [id, bucketsOf(list, SMALL_MS)] as const
          })
          const known = again ? await knownBuckets(client, one, small, range, signal) : undefined
          for (const [id, buckets] of small) {
            for (const { sizeMs, buckets: all } of sizesOf(id, buckets, known)) {
              await writer.add({ tenant, id, day, sizeMs, buckets: all }, signal)
            }
          }
          await rest?.(signal)
        }
      }
    }
    return { samples, rows: await writer.finish(signal) }
  }
}

type Known = ReadonlyMap<RollupSizeMs, ReadonlyMap<bigint, Buckets>>

/** What is stored of these series already, by size. */
async function knownBuckets(
  client: StoreClient,
  scope: Scope,
  found: readonly (readonly [bigint, Buckets])[],
  range: FillStretch['range'],
  signal: AbortSignal,
): Promise<Known> {
  const fetch = async (sizeMs: RollupSizeMs): Promise<readonly [RollupSizeMs, ReadonlyMap<bigint, Buckets>]> => {
    const request = { tenants: inTenants(scope), ids: found.map(([id]) => id), range, facts: BUCKET_FACTS }
    return [sizeMs, await fetchBuckets(client, { ...request, sizeMs, maxRows: MAX_SAMPLES }, signal)]
  }
  return new Map(await Promise.all(ROLLUP_SIZES_MS.map(fetch)))
}

/** The small buckets, and the large ones made of them. */
function* sizesOf(
  id: bigint,
  found: Buckets,
  known: Known | undefined,
): Generator<{ readonly sizeMs: RollupSizeMs; readonly buckets: Buckets }> {
  const merged = (sizeMs: RollupSizeMs, buckets: Buckets): Buckets => {
    const stored = known?.get(sizeMs)?.get(id)
    return stored === undefined ? buckets : mergeBuckets(stored, buckets)
  }
  const small = merged(SMALL_MS, found)
  yield { sizeMs: SMALL_MS, buckets: small }
  for (const sizeMs of ROLLUP_SIZES_MS) {
    if (sizeMs !== SMALL_MS) yield { sizeMs, buckets: merged(sizeMs, coarserBuckets(small, sizeMs)) }
  }
}
