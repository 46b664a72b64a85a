/** Samples of one series: times in milliseconds, and values beside them. */
interface Samples {
  readonly timesMs: Float64Array
  readonly values: Float64Array
}

/**
 * The samples in the order of their times, equal ones once. They come as stretches that ascend, one or more for each
 * part of the table, so mostly nothing or little is to be done. Samples of one time that differ stay side by side.
 */
export function ascending(timesMs: Float64Array, values: Float64Array): Samples {
  const stretches = stretchesOf(timesMs)
  if (stretches.length < 2) return { timesMs, values }
  const time = (i: number): number => timesMs[i] ?? 0
  stretches.sort((a, b) => time(a.from) - time(b.from))
  const overlap = stretches.some(({ from }, i) => {
    const before = stretches[i - 1]
    return before !== undefined && time(before.to - 1) >= time(from)
  })
  return overlap ? mergeOverlapping(timesMs, values) : concatenate(stretches, timesMs, values)
}

/** Whether two samples have one time: then who was written last must be asked for. */
export function hasConflict({ timesMs }: Samples): boolean {
  for (let i = 1; i < timesMs.length; i++) if (timesMs[i] === timesMs[i - 1]) return true
  return false
}

interface Stretch {
  readonly from: number
  readonly to: number
}

function stretchesOf(times: Float64Array): Stretch[] {
  const stretches: Stretch[] = []
  let from = 0
  for (let i = 1; i <= times.length; i++) {
    if (i < times.length && (times[i] ?? 0) > (times[i - 1] ?? 0)) continue
    stretches.push({ from, to: i })
    from = i
  }
  return stretches
}

function concatenate(stretches: readonly Stretch[], timesMs: Float64Array, values: Float64Array): Samples {
  const ordered = { timesMs: new Float64Array(timesMs.length), values: new Float64Array(values.length) }
  let at = 0
  for (const { from, to } of stretches) {
    ordered.timesMs.set(timesMs.subarray(from, to), at)
    ordered.values.set(values.subarray(from, to), at)
    at += to - from
  }
  return ordered
}

/** Values are compared and moved as bits: a stale marker is a NaN with a meaning, and NaN equals nothing. */
function mergeOverlapping(timesMs: Float64Array, values: Float64Array): Samples {
  const bits = new BigUint64Array(values.buffer, values.byteOffset, values.length)
  const order = Uint32Array.from(timesMs.keys())
  order.sort((a, b) => (timesMs[a] ?? 0) - (timesMs[b] ?? 0) || compare(bits[a] ?? 0n, bits[b] ?? 0n))
  const kept = order.filter((row, i) => {
    const before = order[i - 1] ?? -1
    return timesMs[row] !== timesMs[before] || bits[row] !== bits[before]
  })
  return {
    timesMs: Float64Array.from(kept, (row) => timesMs[row] ?? 0),
    values: new Float64Array(BigUint64Array.from(kept, (row) => bits[row] ?? 0n).buffer),
  }
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}
