import type { TextPlace } from '../model/index.ts'

/**
 * What to do with a text: nothing, other UTF-8 bytes in its place, or take away the attribute or the record that it
 * stands in. `drop-attribute` is answered only where there is an attribute: where the path is not empty.
 */
export type TextVerdict = Uint8Array | 'drop-attribute' | 'drop-record' | undefined

/** Judges the texts of a request, one by one. It must not keep `bytes` or `path`. */
export interface TextVisitor {
  /** Texts elsewhere are not shown. */
  readonly places: ReadonlySet<TextPlace>
  /** Whether integers of 13 to 16 digits are shown too, as text; what is put in their place is text. */
  readonly integers: boolean
  /** False if no place and no keys would let `text` change this text. Counts nothing. */
  mightChange(bytes: Uint8Array, start: number, end: number): boolean
  /** The UTF-8 text from `start` to `end`, never empty. `place` says where the text itself or its attribute stands. */
  text(bytes: Uint8Array, start: number, end: number, place: TextPlace, path: KeyPath): TextVerdict
}

/** What became of a request. */
export interface RewrittenText {
  /** The input itself when nothing had to be changed. */
  readonly bytes: Uint8Array
  /** Data points, log records, spans or samples that are left. */
  readonly items: number
  /** Those that were dropped with their text. */
  readonly dropped: number
  /** Those whose series could no longer be told from another one of the request. */
  readonly collided: number
}

const text = new TextDecoder()

/** The keys around a text, outermost first. One object serves a whole walk. */
export class KeyPath {
  bytes: Uint8Array
  depth = 0
  readonly starts: number[] = []
  readonly ends: number[] = []

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  push(start: number, end: number): void {
    this.starts[this.depth] = start
    this.ends[this.depth] = end
    this.depth += 1
  }

  pop(): void {
    this.depth -= 1
  }

  /** The keys with dots between them: `user.address.email`. */
  join(): string {
    return this.keys().join('.')
  }

  keys(): string[] {
    const keys: string[] = []
    for (let i = 0; i < this.depth; i++) keys.push(this.#key(this.starts[i] ?? 0, this.ends[i] ?? 0))
    return keys
  }

  /** Keys are short and ASCII almost always: then this is several times as fast as a decoder. */
  #key(start: number, end: number): string {
    let ascii = ''
    for (let i = start; i < end; i++) {
      const byte = this.bytes[i] ?? 0
      if (byte > 0x7f) return text.decode(this.bytes.subarray(start, end))
      ascii += String.fromCharCode(byte)
    }
    return ascii
  }
}
