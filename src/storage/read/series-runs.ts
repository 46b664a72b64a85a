import { isStaleAt } from '../../model/index.ts'

/** Rows of `samples` as they come from the engine: three columns of the same length. */
export interface SampleRows {
  /** Which series: some bits of its id. */
  readonly tags: Uint32Array
  /** In milliseconds, from a time that all rows share. */
  readonly times: Uint32Array | Float64Array
  readonly values: Float64Array
}

/** The samples of series side by side: those of series i are from `bounds[i]` to `bounds[i + 1]`. */
export interface SampleLists {
  readonly timesMs: Float64Array
  readonly values: Float64Array
  readonly bounds: Uint32Array
  /** 1 where times do not ascend: stretches of the table overlap, or have a sample twice. */
  readonly unsorted: Uint8Array
  /** 1 where stale markers are among the values. */
  readonly stale: Uint8Array
}

/**
 * Puts rows together by series. Each part of the table holds the samples of a series in one run, in the order of their
 * times; runs of a series are put in the order in which they begin, so mostly nothing is left to be sorted.
 */
export class RunCollector {
  readonly #indexOf: ReadonlyMap<number, number>
  readonly #blocks: readonly SampleRows[]
  readonly #head: Int32Array
  readonly #tail: Int32Array
  #block = new Int32Array(1_024)
  #from = new Int32Array(1_024)
  #to = new Int32Array(1_024)
  #next = new Int32Array(1_024)
  #runs = 0
  #rows = 0

  /** `tags` are those of the series, each once. Rows of others are left out. */
  constructor(tags: readonly number[], blocks: readonly SampleRows[]) {
    this.#indexOf = new Map(tags.map((tag, i) => [tag, i]))
    this.#blocks = blocks
    this.#head = new Int32Array(tags.length).fill(-1)
    this.#tail = new Int32Array(tags.length).fill(-1)
    blocks.forEach((rows, block) => {
      this.#findRuns(rows, block)
    })
  }

  /**
   * Times are counted from `baseMs`. Values are moved as bytes (so `set` does it between arrays of the same type),
   * because a stale marker is a NaN with a meaning, and moved as a number it may become another one.
   */
  collect(baseMs: number, buffers: SampleBuffers): SampleLists {
    const series = this.#head.length
    const { timesMs, values } = buffers.of(this.#rows)
    const bounds = new Uint32Array(series + 1)
    const unsorted = new Uint8Array(series)
    const stale = new Uint8Array(series)
    let at = 0
    for (let i = 0; i < series; i++) {
      let lastMs = -Infinity
      for (let run = this.#head[i] ?? -1; run !== -1; run = this.#next[run] ?? -1) {
        const rows = this.#blocks[this.#block[run] ?? 0]
        if (rows === undefined) continue
        const [from, to] = [this.#from[run] ?? 0, this.#to[run] ?? 0]
        if (!copyTimes(rows.times, { from, to, baseMs, lastMs }, timesMs, at)) unsorted[i] = 1
        const source = rows.values.subarray(from, to)
        values.set(source, at)
        if (hasStaleMarker(source)) stale[i] = 1
        at += to - from
        lastMs = timesMs[at - 1] ?? lastMs
      }
      bounds[i + 1] = at
    }
    return { timesMs, values, bounds, unsorted, stale }
  }

  #findRuns({ tags, times }: SampleRows, block: number): void {
    let from = 0
    while (from < tags.length) {
      const tag = tags[from] ?? 0
      let to = from + 1
      while (to < tags.length && tags[to] === tag) to += 1
      const series = this.#indexOf.get(tag)
      if (series !== undefined) {
        this.#append(block, from, to)
        this.#link(series, this.#runs - 1, times[from] ?? 0)
        this.#rows += to - from
      }
      from = to
    }
  }

  #append(block: number, from: number, to: number): void {
    if (this.#runs === this.#next.length) {
      this.#block = grown(this.#block)
      this.#from = grown(this.#from)
      this.#to = grown(this.#to)
      this.#next = grown(this.#next)
    }
    this.#block[this.#runs] = block
    this.#from[this.#runs] = from
    this.#to[this.#runs] = to
    this.#next[this.#runs] = -1
    this.#runs += 1
  }

  /** Keeps the runs of a series in the order of their first times. */
  #link(series: number, run: number, time: number): void {
    const tail = this.#tail[series] ?? -1
    if (tail !== -1 && time >= this.#timeOf(tail)) {
      this.#next[tail] = run
      this.#tail[series] = run
      return
    }
    let before = -1
    let after = this.#head[series] ?? -1
    while (after !== -1 && this.#timeOf(after) <= time) {
      before = after
      after = this.#next[after] ?? -1
    }
    this.#next[run] = after
    if (before === -1) this.#head[series] = run
    else this.#next[before] = run
    if (after === -1) this.#tail[series] = run
  }

  #timeOf(run: number): number {
    return this.#blocks[this.#block[run] ?? 0]?.times[this.#from[run] ?? 0] ?? 0
  }
}

/** Memory for the samples of one piece after the other. */
export class SampleBuffers {
  #timesMs = new Float64Array(0)
  #values = new Float64Array(0)

  get bytes(): number {
    return 2 * this.#timesMs.byteLength
  }

  /** Two arrays of at least so many numbers, whatever is in them. */
  of(length: number): { readonly timesMs: Float64Array; readonly values: Float64Array } {
    if (this.#timesMs.length < length) {
      const size = Math.ceil(length * 1.25)
      this.#timesMs = new Float64Array(size)
      this.#values = new Float64Array(size)
    }
    return { timesMs: this.#timesMs, values: this.#values }
  }
}

interface TimeRun {
  readonly from: number
  readonly to: number
  readonly baseMs: number
  /** The time before the first. */
  readonly lastMs: number
}

/** Copies times to where they are to stand, and returns whether they ascend. */
function copyTimes(
  times: Uint32Array | Float64Array,
  { from, to, baseMs, lastMs }: TimeRun,
  timesMs: Float64Array,
  at: number,
): boolean {
  let ascends = true
  let last = lastMs - baseMs
  const shift = at - from
  for (let k = from; k < to; k++) {
    const time = times[k] ?? 0
    if (time <= last) ascends = false
    last = time
    timesMs[k + shift] = baseMs + time
  }
  return ascends
}

function hasStaleMarker(values: Float64Array): boolean {
  for (let k = 0; k < values.length; k++) if (Number.isNaN(values[k])) return hasStaleBits(values)
  return false
}

function hasStaleBits(values: Float64Array): boolean {
  const words = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length)
  for (let k = 0; k < values.length; k++) if (isStaleAt(words, k)) return true
  return false
}

function grown(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * array.length)
  larger.set(array)
  return larger
}
