import type { SeriesSamples } from '../../query/index.ts'
import type { TimeRange } from '../../model/index.ts'
import type { ChunkRows } from './chunk-answer.ts'
import { isStaleChunk, UnpackedSamples } from './decode-chunk.ts'
import { SLOT_MS } from './slots.ts'

export type Samples = Pick<SeriesSamples, 'timesMs' | 'values' | 'staleFree'>

/** So many samples are worked on at a time: they stay in the processor's cache on their way. */
const SAMPLES_AT_ONCE = 65_536

/** Memory for the samples of one group of series after the other. */
export class Unpacking {
  #lists = new UnpackedSamples(new Float64Array(0), new Float64Array(0))

  get bytes(): number {
    return 2 * this.#lists.timesMs.byteLength
  }

  /** Lists for at least so many samples, whatever is in them. */
  of(samples: number): UnpackedSamples {
    if (samples > this.#lists.timesMs.length) {
      // No more than is needed for a query of one series.
      const size = samples > SAMPLES_AT_ONCE / 4 ? Math.max(SAMPLES_AT_ONCE, samples) : 2 * samples
      this.#lists = new UnpackedSamples(new Float64Array(size), new Float64Array(size))
    }
    return this.#lists
  }
}

/**
 * Puts chunks, which have the samples of a range, between rows from before and behind it. Memory is used again for one
 * group of series after the other.
 */
export class SampleJoiner {
  readonly #packed: TimeRange
  readonly #memory: Unpacking
  #into: UnpackedSamples

  constructor(packed: TimeRange, memory: Unpacking) {
    this.#packed = packed
    this.#memory = memory
    this.#into = memory.of(0)
  }

  /**
   * The samples of series `first` to `end`, in groups that follow each other; `rows` has those that do not come packed.
   * The lists of a group are overwritten when the next one is asked for.
   */
  *groups(
    chunks: ChunkRows,
    rows: readonly (Samples | undefined)[],
  ): Generator<{ readonly first: number; readonly samples: readonly (Samples | undefined)[] }> {
    for (let first = 0; first < rows.length; ) {
      let total = this.#room(chunks, rows, first)
      let end = first + 1
      for (; end < rows.length; end++) {
        const more = this.#room(chunks, rows, end)
        if (total + more > SAMPLES_AT_ONCE) break
        total += more
      }
      this.#into = this.#memory.of(total)
      let at = 0
      const samples: (Samples | undefined)[] = []
      for (let i = first; i < end; i++) {
        const behind = this.#room(chunks, rows, i) + at
        samples.push(this.#join(chunks, rows[i], i, at))
        at = behind
      }
      yield { first, samples }
      first = end
    }
  }

  #room(chunks: ChunkRows, rows: readonly (Samples | undefined)[], i: number): number {
    return (chunks.samples[i] ?? 0) + (rows[i]?.timesMs.length ?? 0)
  }

  #join(
    { bytes, bounds, rows: order, slots, starts, ends }: ChunkRows,
    rows: Samples | undefined,
    i: number,
    from: number,
  ): Samples | undefined {
    const [firstChunk, endChunk] = [bounds[i] ?? 0, bounds[i + 1] ?? 0]
    if (firstChunk === endChunk) return rows
    const { timesMs, values } = this.#into
    const { startMs, endMs } = this.#packed
    let staleFree = rows?.staleFree !== false
    let at = from
    const before = rows === undefined ? 0 : firstAfter(rows.timesMs, 0, rows.timesMs.length, startMs)
    if (rows !== undefined && before > 0) at = copy(rows, 0, before, this.#into, at)
    const begin = at
    for (let k = firstChunk; k < endChunk; k++) {
      const row = order[k] ?? 0
      const start = starts[row] ?? 0
      if (isStaleChunk(bytes, start)) staleFree = false
      at = this.#into.unpack(bytes, start, ends[row] ?? 0, SLOT_MS * ((slots[row] ?? 0) - 1), at)
    }
    // The range may begin and end in the middle of a slot.
    if ((timesMs[at - 1] ?? 0) > endMs) at = firstAfter(timesMs, begin, at, endMs)
    const skipped = (timesMs[begin] ?? 0) <= startMs ? firstAfter(timesMs, begin, at, startMs) - begin : 0
    if (skipped > 0) {
      timesMs.copyWithin(begin, begin + skipped, at)
      this.#into.moveValues(begin, begin + skipped, at)
      at -= skipped
    }
    if (rows !== undefined) at = copy(rows, before, rows.timesMs.length, this.#into, at)
    return { timesMs: timesMs.subarray(from, at), values: values.subarray(from, at), staleFree }
  }
}

/** The place of the first time after `ms` among ascending ones. */
function firstAfter(timesMs: Float64Array, from: number, to: number, ms: number): number {
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((timesMs[middle] ?? 0) > ms) high = middle
    else low = middle + 1
  }
  return low
}

/** `set` moves bytes, as stale markers need it. */
function copy(rows: Samples, from: number, to: number, into: UnpackedSamples, at: number): number {
  into.timesMs.set(rows.timesMs.subarray(from, to), at)
  into.values.set(rows.values.subarray(from, to), at)
  return at + to - from
}
