/** Positions in a block are kept in 16 bits, as every implementation does it. */
const BLOCK_BYTES = 65_536
const HASH_BITS = 14
/** Shorter blocks are not worth looking for repetitions in; and so far from its end the search stops. */
const MARGIN = 15
const HASH_FACTOR = 0x1e35_a7bd

/** One table for all calls: it is cleared for each block. */
const positions = new Uint16Array(1 << HASH_BITS)

/** Compresses into the snappy block format, at about the ratio of the reference implementation. */
export function snappyCompress(input: Uint8Array): Uint8Array {
  const writer = new BlockWriter(input)
  for (let start = 0; start < input.length; start += BLOCK_BYTES) {
    writer.block(start, Math.min(start + BLOCK_BYTES, input.length))
  }
  return writer.finish()
}

class BlockWriter {
  readonly #input: Uint8Array
  readonly #view: DataView
  readonly #output: Uint8Array
  #at = 0

  constructor(input: Uint8Array) {
    this.#input = input
    this.#view = new DataView(input.buffer, input.byteOffset, input.byteLength)
    // What incompressible input can grow to.
    this.#output = new Uint8Array(32 + input.length + Math.ceil(input.length / 6))
    let rest = input.length
    while (rest >= 0x80) {
      this.#output[this.#at++] = (rest % 128) | 0x80
      rest = Math.floor(rest / 128)
    }
    this.#output[this.#at++] = rest
  }

  finish(): Uint8Array {
    return this.#output.slice(0, this.#at)
  }

  block(start: number, end: number): void {
    let literalStart = start
    if (end - start >= MARGIN) {
      positions.fill(0)
      const last = end - MARGIN
      let pos = start + 1
      while (pos <= last) {
        const candidate = this.#findMatch(pos, start, last)
        if (candidate < 0) break
        pos = this.#matchPos
        this.#literal(literalStart, pos)
        literalStart = this.#copies(pos, candidate, end)
        pos = literalStart
        // So that a repetition that begins within the last few bytes is found.
        if (pos <= last) positions[hash(this.#view.getInt32(pos - 1, true))] = pos - 1 - start
      }
    }
    if (literalStart < end) this.#literal(literalStart, end)
  }

  #matchPos = 0

  /** Where four bytes at or behind `pos` have stood before, or -1; the place itself goes to `#matchPos`. */
  #findMatch(from: number, start: number, last: number): number {
    const view = this.#view
    // The longer nothing is found, the larger the steps.
    let skip = 32
    let pos = from
    while (pos <= last) {
      const word = view.getInt32(pos, true)
      const slot = hash(word)
      const candidate = start + (positions[slot] ?? 0)
      positions[slot] = pos - start
      if (candidate < pos && view.getInt32(candidate, true) === word) {
        this.#matchPos = pos
        return candidate
      }
      pos += skip >>> 5
      skip++
    }
    return -1
  }

  /** Writes the repetition at `pos` of what stands at `candidate`, as long as it goes; returns where it ends. */
  #copies(pos: number, candidate: number, end: number): number {
    const input = this.#input
    let matched = pos + 4
    let other = candidate + 4
    while (matched < end && input[matched] === input[other]) {
      matched++
      other++
    }
    const offset = pos - candidate
    let length = matched - pos
    while (length >= 68) {
      this.#copy(offset, 64)
      length -= 64
    }
    if (length > 64) {
      this.#copy(offset, 60)
      length -= 60
    }
    this.#copy(offset, length)
    return matched
  }

  #copy(offset: number, length: number): void {
    const output = this.#output
    if (length < 12 && offset < 2_048) {
      output[this.#at++] = ((offset >>> 8) << 5) | ((length - 4) << 2) | 1
      output[this.#at++] = offset
      return
    }
    output[this.#at++] = ((length - 1) << 2) | 2
    output[this.#at++] = offset
    output[this.#at++] = offset >>> 8
  }

  #literal(start: number, end: number): void {
    const output = this.#output
    const length = end - start
    if (length === 0) return
    const n = length - 1
    if (n < 60) {
      output[this.#at++] = n << 2
    } else if (n < 256) {
      output[this.#at++] = 60 << 2
      output[this.#at++] = n
    } else {
      output[this.#at++] = 61 << 2
      output[this.#at++] = n
      output[this.#at++] = n >>> 8
    }
    if (length > 32) output.set(this.#input.subarray(start, end), this.#at)
    else for (let i = 0; i < length; i++) output[this.#at + i] = this.#input[start + i] ?? 0
    this.#at += length
  }
}

function hash(word: number): number {
  return Math.imul(word, HASH_FACTOR) >>> (32 - HASH_BITS)
}
