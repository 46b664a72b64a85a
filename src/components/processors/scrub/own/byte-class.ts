/** Which bytes may stand at one place of a text: a table by byte. Only ASCII; other characters have several bytes. */
export type ByteClass = Uint8Array

export function classOf(...ranges: readonly (readonly [from: number, to: number])[]): ByteClass {
  const table = new Uint8Array(256)
  for (const [from, to] of ranges) table.fill(1, from, to + 1)
  return table
}

const DIGIT: ByteClass = classOf([0x30, 0x39])
const WORD: ByteClass = classOf([0x30, 0x39], [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a])
const SPACE: ByteClass = classOf([0x09, 0x0a], [0x0c, 0x0d], [0x20, 0x20])

/** Of `\d`, `\w`, `\s`, which in RE2 are ASCII. */
export const ESCAPED_CLASSES: Readonly<Record<string, ByteClass>> = { d: DIGIT, w: WORD, s: SPACE }

/** Of `[[:alpha:]]` and the like. */
export const NAMED_CLASSES: Readonly<Record<string, ByteClass>> = {
  alnum: classOf([0x30, 0x39], [0x41, 0x5a], [0x61, 0x7a]),
  alpha: classOf([0x41, 0x5a], [0x61, 0x7a]),
  digit: DIGIT,
  lower: classOf([0x61, 0x7a]),
  upper: classOf([0x41, 0x5a]),
  word: WORD,
  xdigit: classOf([0x30, 0x39], [0x41, 0x46], [0x61, 0x66]),
}

/** `\t`, `\n` and their like. */
export const ESCAPED_CHARS: Readonly<Record<string, number>> = { t: 0x09, n: 0x0a, v: 0x0b, f: 0x0c, r: 0x0d }

/**
 * The class when case does not matter; undefined if it holds k or s, for which Unicode has further forms (the Kelvin
 * sign, the long s) that are no single bytes.
 */
export function foldCase(bytes: ByteClass): ByteClass | undefined {
  const folded = Uint8Array.from(bytes)
  for (let lower = 0x61; lower <= 0x7a; lower++) {
    const upper = lower - 0x20
    if (bytes[lower] !== 1 && bytes[upper] !== 1) continue
    if (lower === 0x6b || lower === 0x73) return undefined
    folded[lower] = 1
    folded[upper] = 1
  }
  return folded
}

/** How much it says that a byte is of the class, in bits. */
export function bitsOf(bytes: ByteClass): number {
  return (
    8 -
    Math.log2(
      Math.max(
        1,
        bytes.reduce((sum, one) => sum + one, 0),
      ),
    )
  )
}
