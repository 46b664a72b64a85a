import { AppError } from '../../core/index.ts'
import { samplesOfChunk } from './decode-chunk.ts'

/*
 * The answer to a question for chunks, in ClickHouse's Native format (see `../read/native-decoder.ts`): blocks of
 * columns `tag` (UInt32), `slot` (UInt32), `part` (UInt8), `version` (Float64) and `data` (String).
 */

const UTF8 = new TextDecoder()
const COLUMNS: readonly (readonly [string, string])[] = [
  ['tag', 'UInt32'],
  ['slot', 'UInt32'],
  ['part', 'UInt8'],
  ['version', 'Float64'],
  ['data', 'String'],
]

/** Where the chunks of series lie in an answer: those of series i are from `bounds[i]` to `bounds[i + 1]` of `rows`. */
export interface ChunkRows {
  readonly bytes: Uint8Array
  readonly bounds: Uint32Array
  /** Numbers of rows, those of a series in the order of time, without those that were written again. */
  readonly rows: Uint32Array
  readonly slots: Uint32Array
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  /** Of series i, in all of its chunks. */
  readonly samples: Float64Array
}

/** Takes an answer in as it comes. Its memory is used again for the next one. */
export class ChunkAnswer {
  #bytes = new Uint8Array(1 << 16)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Of memory. */
  get bytes(): number {
    return this.#bytes.length
  }

  clear(): void {
    this.#length = 0
  }

  write(piece: Uint8Array): void {
    const needed = this.#length + piece.length
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length))
      larger.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = larger
    }
    this.#bytes.set(piece, this.#length)
    this.#length = needed
  }

  /**
   * The chunks of the series with these tags, when all of the answer was taken; they lie in this memory. Throws
   * `corrupt` when the answer is not what was asked for.
   */
  rowsOf(tags: readonly number[]): ChunkRows {
    const bytes = this.#bytes.subarray(0, this.#length)
    const table = new Rows(bytes)
    return { bytes, ...sortedBySeries(table, tags), slots: table.slots, starts: table.starts, ends: table.ends }
  }
}

/** The columns of all blocks, one behind the other. */
class Rows {
  readonly bytes: Uint8Array
  tags = new Uint32Array(0)
  slots = new Uint32Array(0)
  parts = new Uint8Array(0)
  versions = new Float64Array(0)
  starts = new Uint32Array(0)
  ends = new Uint32Array(0)
  count = 0
  #at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    while (this.#at < bytes.length) this.#block()
  }

  #block(): void {
    const columns = this.#varint()
    const rows = this.#varint()
    if (columns !== COLUMNS.length) throw corrupt()
    this.#reserve(this.count + rows)
    for (const [name, type] of COLUMNS) {
      if (this.#text() !== name || this.#text() !== type) throw corrupt()
      if (name === 'tag') this.tags.set(new Uint32Array(this.#copy(4 * rows)), this.count)
      else if (name === 'slot') this.slots.set(new Uint32Array(this.#copy(4 * rows)), this.count)
      else if (name === 'part') this.parts.set(new Uint8Array(this.#copy(rows)), this.count)
      else if (name === 'version') this.versions.set(new Float64Array(this.#copy(8 * rows)), this.count)
      else this.#strings(rows)
    }
    this.count += rows
  }

  #strings(rows: number): void {
    const { starts, ends, bytes } = this
    let at = this.#at
    for (let row = this.count; row < this.count + rows; row++) {
      let length = bytes[at++] ?? 0
      if (length >= 0x80) {
        this.#at = at - 1
        length = this.#varint()
        at = this.#at
      }
      starts[row] = at
      at += length
      ends[row] = at
    }
    if (at > bytes.length) throw corrupt()
    this.#at = at
  }

  #reserve(rows: number): void {
    if (rows <= this.tags.length) return
    const size = Math.max(rows, 2 * this.tags.length)
    const { tags, slots, parts, versions, starts, ends } = this
    this.tags = grown(new Uint32Array(size), tags)
    this.slots = grown(new Uint32Array(size), slots)
    this.parts = grown(new Uint8Array(size), parts)
    this.versions = grown(new Float64Array(size), versions)
    this.starts = grown(new Uint32Array(size), starts)
    this.ends = grown(new Uint32Array(size), ends)
  }

  #copy(length: number): ArrayBuffer {
    const start = this.#at
    this.#at += length
    if (this.#at > this.bytes.length) throw corrupt()
    return this.bytes.slice(start, this.#at).buffer
  }

  #varint(): number {
    let value = 0
    for (let factor = 1; factor < Number.MAX_SAFE_INTEGER; factor *= 0x80) {
      const byte = this.bytes[this.#at]
      if (byte === undefined) break
      this.#at += 1
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
    throw corrupt()
  }

  #text(): string {
    const length = this.#varint()
    this.#at += length
    return UTF8.decode(this.bytes.subarray(this.#at - length, this.#at))
  }
}

function grown<T extends Uint32Array | Uint8Array | Float64Array>(larger: T, from: T): T {
  larger.set(from)
  return larger
}

function sortedBySeries(table: Rows, tags: readonly number[]): Pick<ChunkRows, 'bounds' | 'rows' | 'samples'> {
  const series = seriesOfRows(table, tags)
  const bounds = new Uint32Array(tags.length + 1)
  for (const i of series) if (i !== NO_SERIES) bounds[i + 1] = (bounds[i + 1] ?? 0) + 1
  for (let i = 0; i < tags.length; i++) bounds[i + 1] = (bounds[i + 1] ?? 0) + (bounds[i] ?? 0)
  const rows = new Uint32Array(table.count)
  const next = bounds.slice()
  for (let row = 0; row < table.count; row++) {
    const i = series[row] ?? NO_SERIES
    if (i === NO_SERIES) continue
    const at = next[i] ?? 0
    rows[at] = row
    next[i] = at + 1
  }
  return withoutOld(table, { bounds, rows })
}

const NO_SERIES = 0xffff_ffff

function seriesOfRows({ tags: tagOfRow, count }: Rows, tags: readonly number[]): Uint32Array {
  const indexOf = new Map(tags.map((tag, i) => [tag, i]))
  const series = new Uint32Array(count)
  let tag = -1
  let known = NO_SERIES
  for (let row = 0; row < count; row++) {
    const next = tagOfRow[row] ?? 0
    if (next !== tag) {
      tag = next
      known = indexOf.get(tag) ?? NO_SERIES
    }
    series[row] = known
  }
  return series
}

/**
 * In the order of time: mostly they are already, and no slot is there twice. Of a slot that was packed again only what
 * was written last counts.
 */
function withoutOld(
  table: Rows,
  { bounds, rows }: { readonly bounds: Uint32Array; readonly rows: Uint32Array },
): Pick<ChunkRows, 'bounds' | 'rows' | 'samples'> {
  const count = bounds.length - 1
  const samples = new Float64Array(count)
  const kept = new Uint32Array(count + 1)
  let at = 0
  for (let i = 0; i < count; i++) {
    const own = rows.subarray(bounds[i] ?? 0, bounds[i + 1] ?? 0)
    for (const row of isAscending(table, own) ? own : newest(table, own)) {
      rows[at++] = row
      samples[i] = (samples[i] ?? 0) + samplesOfChunk(table.bytes, table.starts[row] ?? 0)
    }
    kept[i + 1] = at
  }
  return { bounds: kept, rows, samples }
}

function isAscending({ slots, parts }: Rows, rows: Uint32Array): boolean {
  let last = -1
  for (let k = 0; k < rows.length; k++) {
    const row = rows[k] ?? 0
    const place = 0x100 * (slots[row] ?? 0) + (parts[row] ?? 0)
    if (place <= last) return false
    last = place
  }
  return true
}

function newest({ slots, parts, versions }: Rows, rows: Uint32Array): readonly number[] {
  const lastOf = new Map<number, number>()
  for (const row of rows) {
    const slot = slots[row] ?? 0
    lastOf.set(slot, Math.max(lastOf.get(slot) ?? 0, versions[row] ?? 0))
  }
  const sorted = [...rows].filter((row) => versions[row] === lastOf.get(slots[row] ?? 0))
  const place = (row: number): number => 0x100 * (slots[row] ?? 0) + (parts[row] ?? 0)
  sorted.sort((a, b) => place(a) - place(b))
  // An insert that was done twice has written the same row twice.
  return sorted.filter((row, k) => k === 0 || place(row) !== place(sorted[k - 1] ?? row))
}

function corrupt(): AppError {
  return new AppError('corrupt', 'packed samples: the answer cannot be read')
}
