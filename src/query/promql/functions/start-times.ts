/** Samples that may know when their counter began to count; 0 where they do not. */
interface Started {
  readonly timesMs: Float64Array
  readonly startsMs: Float64Array | undefined
  readonly from: number
  readonly to: number
}

/**
 * When the counter of the first sample began, if that was within the window: it was zero then. A start that is the
 * sample's own time, or later, says nothing.
 */
export function countsFromZero({ timesMs, startsMs, from }: Started, windowStartMs: number): number | undefined {
  const start = startsMs?.[from] ?? 0
  return start !== 0 && start > windowStartMs && start < (timesMs[from] ?? 0) ? start : undefined
}

/**
 * Whether the counter began anew between sample i and the one before. One that begins where the last sample was is a
 * delta if that sample knew an earlier start; otherwise it is only the first whose start is known.
 */
export function isRestart(timesMs: Float64Array, startsMs: Float64Array, i: number): boolean {
  const start = startsMs[i] ?? 0
  const previousMs = timesMs[i - 1] ?? 0
  if (start === 0 || start > (timesMs[i] ?? 0)) return false
  if (start !== previousMs) return start > previousMs
  const previousStart = startsMs[i - 1] ?? 0
  return previousStart !== 0 && previousStart < previousMs
}

/** Whether a sample says that its counter began before the last sample, but not when that one's did. */
export function overlapsStart({ timesMs, startsMs, from, to }: Started): boolean {
  if (startsMs === undefined) return false
  for (let i = from + 1; i < to; i++) {
    const start = startsMs[i] ?? 0
    if (start !== 0 && start < (timesMs[i - 1] ?? 0) && start !== startsMs[i - 1]) return true
  }
  return false
}
