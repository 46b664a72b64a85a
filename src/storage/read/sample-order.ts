/** Samples of one series: times in milliseconds, and values beside them. */
interface Samples {
  readonly timesMs: Float64Array
  readonly values: Float64Array
}

/**
 * The samples in the order of their times, equal ones once. They come as stretches that ascend, one or more for each
 * part of the table and thread that read it, so mostly nothing or little is to be done. Samples of one time that
 * differ stay side by side.
 */
export function ascending(timesMs: Float64Array, values: Float64Array): Samples {
  let lists = stretchesOf(timesMs, values)
  lists.sort((a, b) => (a.timesMs[0] ?? 0) - (b.timesMs[0] ?? 0))
  while (lists.length > 1) {
    const joined: Samples[] = []
    for (let i = 0; i < lists.length; i += 2) {
      const [a, b] = [lists[i], lists[i + 1]]
      if (a !== undefined) joined.push(b === undefined ? a : join(a, b))
    }
    lists = joined
  }
  return lists[0] ?? { timesMs, values }
}

/** Whether two samples have one time: then who was written last must be asked for. */
export function hasConflict({ timesMs }: Samples): boolean {
  for (let i = 1; i < timesMs.length; i++) if (timesMs[i] === timesMs[i - 1]) return true
  return false
}

function stretchesOf(timesMs: Float64Array, values: Float64Array): Samples[] {
  const stretches: Samples[] = []
  let from = 0
  for (let i = 1; i <= timesMs.length; i++) {
    if (i < timesMs.length && (timesMs[i] ?? 0) > (timesMs[i - 1] ?? 0)) continue
    stretches.push({ timesMs: timesMs.subarray(from, i), values: values.subarray(from, i) })
    from = i
  }
  return stretches
}

function join(a: Samples, b: Samples): Samples {
  const apart = (a.timesMs.at(-1) ?? 0) < (b.timesMs[0] ?? 0)
  return apart ? concatenate(a, b) : merge(a, b)
}

function concatenate(a: Samples, b: Samples): Samples {
  const length = a.timesMs.length + b.timesMs.length
  const both = { timesMs: new Float64Array(length), values: new Float64Array(length) }
  both.timesMs.set(a.timesMs)
  both.timesMs.set(b.timesMs, a.timesMs.length)
  both.values.set(a.values)
  both.values.set(b.values, a.values.length)
  return both
}

/** Values are compared and moved as two halves: a stale marker is a NaN with a meaning, and NaN equals nothing. */
function merge(a: Samples, b: Samples): Samples {
  const length = a.timesMs.length + b.timesMs.length
  const timesMs = new Float64Array(length)
  const values = new Float64Array(length)
  const to = wordsOf(values)
  const [wordsA, wordsB] = [wordsOf(a.values), wordsOf(b.values)]
  let [i, j, at] = [0, 0, 0]
  while (i < a.timesMs.length || j < b.timesMs.length) {
    const [timeA, timeB] = [a.timesMs[i] ?? Infinity, b.timesMs[j] ?? Infinity]
    const isSame = timeA === timeB && wordsA[2 * i] === wordsB[2 * j] && wordsA[2 * i + 1] === wordsB[2 * j + 1]
    const fromA = timeA <= timeB
    const [from, k] = fromA ? [wordsA, i] : [wordsB, j]
    timesMs[at] = fromA ? timeA : timeB
    to[2 * at] = from[2 * k] ?? 0
    to[2 * at + 1] = from[2 * k + 1] ?? 0
    at += 1
    if (fromA) i += 1
    if (!fromA || isSame) j += 1
  }
  return { timesMs: timesMs.subarray(0, at), values: values.subarray(0, at) }
}

function wordsOf(values: Float64Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, 2 * values.length)
}
