interface Edit {
  readonly start: number
  readonly end: number
  readonly bytes: Uint8Array
}

const NOTHING = new Uint8Array(0)

/**
 * Collects changes to protobuf wire bytes while a reader walks over them, and makes the changed copy at the end from
 * whole byte ranges of the input. Nobody who changes a field deep inside has to re-encode what stands around it:
 * `frame` corrects the length in front of a nested message by what changed inside.
 *
 * Ranges must not overlap; they may be given in any order.
 */
export class Splicer {
  readonly #edits: Edit[] = []
  /** By how many bytes the output is longer than the input so far. */
  delta = 0

  get changed(): boolean {
    return this.#edits.length > 0
  }

  /** Puts `bytes` in place of the input's bytes from `start` to `end` (exclusive). */
  replace(start: number, end: number, bytes: Uint8Array): void {
    if (start === end && bytes.length === 0) return
    this.#edits.push({ start, end, bytes })
    this.delta += bytes.length - (end - start)
  }

  insert(at: number, bytes: Uint8Array): void {
    this.replace(at, at, bytes)
  }

  remove(start: number, end: number): void {
    this.replace(start, end, NOTHING)
  }

  /**
   * Ends a nested message whose length stands at `lengthStart` and whose body begins at `bodyStart` and ends at `end`.
   * `deltaBefore` is what `delta` was when the message began.
   */
  frame(lengthStart: number, bodyStart: number, end: number, deltaBefore: number): void {
    if (this.delta === deltaBefore) return
    this.replace(lengthStart, bodyStart, encodeVarint32(end - bodyStart + this.delta - deltaBefore))
  }

  /** The changed copy, or the input itself when nothing changed. */
  apply(input: Uint8Array): Uint8Array {
    if (!this.changed) return input
    this.#edits.sort((a, b) => a.start - b.start || a.end - b.end)
    const output = new Uint8Array(input.length + this.delta)
    let from = 0
    let to = 0
    for (const edit of this.#edits) {
      output.set(input.subarray(from, edit.start), to)
      to += edit.start - from
      output.set(edit.bytes, to)
      to += edit.bytes.length
      from = edit.end
    }
    output.set(input.subarray(from), to)
    return output
  }
}

/** The shortest varint of an unsigned 32-bit number. */
export function encodeVarint32(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value >>> 0
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  bytes.push(rest)
  return Uint8Array.from(bytes)
}
