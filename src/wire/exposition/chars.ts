/** Bytes that mean something in an exposition. */
export const TAB = 0x09
export const LF = 0x0a
export const SPACE = 0x20
export const QUOTE = 0x22
export const HASH = 0x23
export const PLUS = 0x2b
export const COMMA = 0x2c
export const MINUS = 0x2d
export const DOT = 0x2e
export const ZERO = 0x30
export const NINE = 0x39
export const EQUALS = 0x3d
export const BACKSLASH = 0x5c
export const BRACE_OPEN = 0x7b
export const BRACE_CLOSE = 0x7d

/** What a byte may be part of, as bits of `CLASS_OF`. */
export const LABEL_START = 1
export const LABEL_CHAR = 2
export const METRIC_START = 4
export const METRIC_CHAR = 8

/** The classes of each byte: names are `[A-Za-z_][A-Za-z0-9_]*`, those of metrics may hold colons too. */
export const CLASS_OF: Uint8Array = classify()

function classify(): Uint8Array {
  const classes = new Uint8Array(256)
  for (let byte = 0; byte < 128; byte++) {
    const char = String.fromCharCode(byte)
    if (/[A-Za-z_]/.test(char)) classes[byte] = LABEL_START | LABEL_CHAR | METRIC_START | METRIC_CHAR
    else if (/[0-9]/.test(char)) classes[byte] = LABEL_CHAR | METRIC_CHAR
    else if (char === ':') classes[byte] = METRIC_START | METRIC_CHAR
  }
  return classes
}
