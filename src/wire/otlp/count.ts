import type { Signal } from '../../model/index.ts'
import { BYTES, ProtoReader } from '../proto/index.ts'
import { DEFAULT_OTLP_LIMITS, type OtlpLimits } from './limits.ts'
import { DATA_POINTS, METRIC_KINDS, REQUEST_RESOURCES, RESOURCE_SCOPES, SCOPE_ITEMS } from './schema.ts'
import { OtlpWalk } from './walk.ts'

/**
 * How many spans, data points or log records a request holds. Looks only as deep as the items stand and steps over
 * them, so it costs next to nothing; `checkOtlp` and `stampOtlp` look at everything. Throws AppError `invalid` where
 * it meets broken structure.
 */
export function countItems(signal: Signal, bytes: Uint8Array): number {
  const reader = new ProtoReader(bytes)
  const path = signal === 'metrics' ? METRIC_PATH : ITEM_PATH
  return countAt(reader, path, 0)
}

/** Checks a whole request and counts its items. Throws AppError `invalid`. */
export function checkOtlp(signal: Signal, bytes: Uint8Array, limits: OtlpLimits = DEFAULT_OTLP_LIMITS): number {
  const walk = new OtlpWalk(bytes, limits)
  walk.run(signal)
  return walk.items
}

/** The fields to go down through, the last of which is what is counted. */
const ITEM_PATH: readonly (readonly number[])[] = [[REQUEST_RESOURCES], [RESOURCE_SCOPES], [SCOPE_ITEMS]]
const METRIC_PATH: readonly (readonly number[])[] = [...ITEM_PATH, METRIC_KINDS, [DATA_POINTS]]

function countAt(reader: ProtoReader, path: readonly (readonly number[])[], level: number): number {
  const wanted = path[level] ?? []
  const deepest = level === path.length - 1
  let items = 0
  while (reader.next()) {
    if (!wanted.includes(reader.field)) {
      reader.skip()
      continue
    }
    reader.expect(BYTES)
    if (deepest) {
      reader.skip()
      items += 1
      continue
    }
    const outer = reader.enter()
    items += countAt(reader, path, level + 1)
    reader.leave(outer)
  }
  return items
}
