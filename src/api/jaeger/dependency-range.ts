import { AppError } from '../../core/index.ts'
import type { TimeRange } from '../../model/index.ts'
import type { Params } from '../handlers/params.ts'

const DEFAULT_LOOKBACK_MS = 86_400_000

/** `endTs` in milliseconds since the epoch, by default now; `lookback` in milliseconds, by default a day. */
export function parseDependencyRange(params: Params, nowMs: number): TimeRange {
  const endMs = milliseconds(params, 'endTs') ?? nowMs
  const lookbackMs = milliseconds(params, 'lookback') ?? DEFAULT_LOOKBACK_MS
  return { startMs: endMs - lookbackMs, endMs }
}

function milliseconds(params: Params, name: string): number | undefined {
  const text = params.get(name)
  if (text === '') return undefined
  if (!/^[-+]?\d{1,13}$/.test(text)) {
    const why = `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`
    throw new AppError('invalid', `unable to parse param '${name}': ${why}`)
  }
  return Number(text)
}
