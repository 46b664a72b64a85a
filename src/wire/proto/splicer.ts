interface Edit {
  readonly start: number
  readonly end: number
  readonly bytes: Uint8Array
}

const NOTHING = new Uint8Array(0)

/**
 * Collects changes to protobuf wire bytes while a reader walks over them, and makes the changed copy at the end from
 * whole byte ranges of the input. Nobody who changes a field deep inside has to re-encode what stands around it:
 * `open` and `close` around a nested message correct the length in front of it by what changed inside.
 *
 * Ranges must not overlap. They may come in any order, but in the order of the input they cost less.
 */
export class Splicer {
  /** An undefined place is kept for the length of a message that is still open. */
  readonly #edits: (Edit | undefined)[] = []
  #lastStart = 0
  #inOrder = true
  /** By how many bytes the output is longer than the input so far. */
  delta = 0

  /** Puts `bytes` in place of the input's bytes from `start` to `end` (exclusive). */
  replace(start: number, end: number, bytes: Uint8Array): void {
    if (start === end && bytes.length === 0) return
    if (start < this.#lastStart) this.#inOrder = false
    this.#lastStart = start
    this.#edits.push({ start, end, bytes })
    this.delta += bytes.length - (end - start)
  }

  insert(at: number, bytes: Uint8Array): void {
    this.replace(at, at, bytes)
  }

  remove(start: number, end: number): void {
    this.replace(start, end, NOTHING)
  }

  /** Keeps a place for the length of a message that begins now; give what it returns to `close`. */
  open(): number {
    return this.#edits.push(undefined) - 1
  }

  /**
   * Ends a message whose length stands at `lengthStart` and whose body goes from `bodyStart` to `end`. `change` is by
   * how many bytes `delta` has grown since it was opened.
   */
  close(place: number, lengthStart: number, bodyStart: number, end: number, change: number): void {
    if (place === this.#edits.length - 1) {
      this.#edits.pop()
      return
    }
    if (change === 0) return
    const bytes = encodeVarint32(end - bodyStart + change)
    this.#edits[place] = { start: lengthStart, end: bodyStart, bytes }
    this.delta += bytes.length - (bodyStart - lengthStart)
  }

  /**
   * Forgets every change since `open` returned `place`, the opening itself with them. `delta` is what it was then. For
   * who finds out inside of a message that all of it has to go.
   */
  rewind(place: number, delta: number): void {
    this.#edits.length = place
    this.delta = delta
    this.#lastStart = this.#edits.findLast((edit) => edit !== undefined)?.start ?? 0
  }

  /** The changed copy, in memory from `take`, or the input itself when nothing changed. */
  apply(input: Uint8Array, take: (bytes: number) => Uint8Array = newBytes): Uint8Array {
    if (this.#edits.length === 0) return input
    const edits = this.#edits.filter((edit) => edit !== undefined)
    if (!this.#inOrder) edits.sort((a, b) => a.start - b.start || a.end - b.end)
    const output = take(input.length + this.delta)
    let from = 0
    let to = 0
    for (const edit of edits) {
      to = copy(input, from, edit.start, output, to)
      to = copy(edit.bytes, 0, edit.bytes.length, output, to)
      from = edit.end
    }
    copy(input, from, input.length, output, to)
    return output
  }
}

/** Up to here a loop is faster than to make a view and call into the engine. */
const SHORT = 32

/** Returns behind what was copied. */
function copy(source: Uint8Array, from: number, end: number, target: Uint8Array, at: number): number {
  let to = at
  if (end - from > SHORT) target.set(source.subarray(from, end), to)
  else for (let i = from; i < end; i++) target[to++] = source[i] ?? 0
  return at + end - from
}

/** Lengths are short almost always. */
const ONE_BYTE: readonly Uint8Array[] = Array.from({ length: 0x80 }, (_, value) => Uint8Array.of(value))

function newBytes(length: number): Uint8Array {
  return new Uint8Array(length)
}

/** The shortest varint of an unsigned 32-bit number. It must not be changed. */
export function encodeVarint32(value: number): Uint8Array {
  const short = ONE_BYTE[value]
  if (short !== undefined) return short
  let size = 1
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) size += 1
  const bytes = new Uint8Array(size)
  let rest = value >>> 0
  for (let i = 0; i < size; i++) {
    bytes[i] = i === size - 1 ? rest : (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  return bytes
}
