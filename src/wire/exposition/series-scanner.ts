import {
  BACKSLASH,
  BRACE_CLOSE,
  BRACE_OPEN,
  CLASS_OF,
  COMMA,
  EQUALS,
  LABEL_CHAR,
  LABEL_START,
  LF,
  METRIC_CHAR,
  METRIC_START,
  QUOTE,
  SPACE,
  TAB,
} from './chars.ts'
import { ExpositionError } from './exposition-error.ts'

/** What of the syntax depends on the format and on how strictly it is taken. */
export interface Dialect {
  /** Blanks may surround tokens, a comma may end the labels, a quoted text may hold line feeds (text format). */
  readonly loose: boolean
  /** Names may be quoted: `{"my.metric","my label"="x"}` (Prometheus' extension to both formats). */
  readonly quotedNames: boolean
}

/**
 * Scans a series, `name{label="value",…}`, and remembers where its parts are; strings are made only when `labels()` is
 * called, because a scraper knows most series from the scrape before by their bytes alone.
 */
export class SeriesScanner {
  readonly #bytes: Buffer
  readonly #dialect: Dialect
  /** Per label four offsets: start and end of the name, start and end of the value, both without their quotes. */
  #spans = new Int32Array(4 * 16)
  #labelCount = 0
  #nameStart = 0
  #nameEnd = 0

  constructor(bytes: Buffer, dialect: Dialect) {
    this.#bytes = bytes
    this.#dialect = dialect
  }

  /** Scans `name`, `name{…}` or `{"name",…}` from `start`; returns the offset behind it. */
  scan(start: number): number {
    this.#labelCount = 0
    this.#nameStart = -1
    if (this.#bytes[start] === BRACE_OPEN) {
      const end = this.#scanLabels(start)
      if (this.#nameStart < 0) throw this.#error(start, 'a series without a metric name')
      return end
    }
    const nameEnd = this.scanName(start, METRIC_START, METRIC_CHAR)
    if (nameEnd === start) throw this.#error(start, 'expected a metric name')
    this.#nameStart = start
    this.#nameEnd = nameEnd
    const bracesAt = this.#skipBlanks(nameEnd)
    return this.#bytes[bracesAt] === BRACE_OPEN ? this.#scanLabels(bracesAt) : nameEnd
  }

  /** Scans a label set without a metric name, as exemplars have; returns the offset behind the closing brace. */
  scanLabelSet(start: number): number {
    this.#labelCount = 0
    this.#nameStart = -1
    if (this.#bytes[start] !== BRACE_OPEN) throw this.#error(start, 'expected {')
    const end = this.#scanLabels(start)
    if (this.#nameStart >= 0) throw this.#error(this.#nameStart, 'a metric name has no place here')
    return end
  }

  /** The offset behind the unquoted name that begins at `start`; `start` itself if none does. */
  scanName(start: number, firstClass: number, restClass: number): number {
    const bytes = this.#bytes
    if (((CLASS_OF[bytes[start] ?? 0] ?? 0) & firstClass) === 0) return start
    let pos = start + 1
    while (((CLASS_OF[bytes[pos] ?? 0] ?? 0) & restClass) !== 0) pos += 1
    return pos
  }

  /** `start` is behind the opening quote; returns the offset of the closing one. */
  scanQuoted(start: number): number {
    const bytes = this.#bytes
    const lineFeedEnds = !this.#dialect.loose
    for (let pos = start; pos < bytes.length; pos++) {
      const byte = bytes[pos]
      if (byte === QUOTE) return pos
      if (byte === BACKSLASH) pos += 1
      if (lineFeedEnds && bytes[pos] === LF) break
    }
    throw this.#error(start - 1, 'a quoted text that does not end')
  }

  /**
   * The labels as name, value, name, value, …, in the order in which they stand, `__name__` first if the series has a
   * name. Empty values are left out: they mean that there is no such label. Throws on a label that stands twice.
   */
  labels(): string[] {
    const out: string[] = []
    const names = new Set<string>()
    if (this.#nameStart >= 0) {
      names.add('__name__')
      out.push('__name__', this.#text(this.#nameStart, this.#nameEnd))
    }
    for (let at = 0; at < 4 * this.#labelCount; at += 4) {
      const [nameStart = 0, nameEnd = 0, valueStart = 0, valueEnd = 0] = this.#spans.subarray(at, at + 4)
      const name = this.#text(nameStart, nameEnd)
      if (names.has(name)) throw this.#error(nameStart, `label ${name} stands twice`)
      names.add(name)
      if (valueEnd > valueStart) out.push(name, this.#text(valueStart, valueEnd))
    }
    return out
  }

  /** `start` is at the opening brace; returns the offset behind the closing one. */
  #scanLabels(start: number): number {
    let pos = this.#skipBlanks(start + 1)
    for (let first = true; this.#bytes[pos] !== BRACE_CLOSE; first = false) {
      if (!first) {
        if (this.#bytes[pos] !== COMMA) throw this.#error(pos, 'expected , or }')
        pos = this.#skipBlanks(pos + 1)
        if (this.#dialect.loose && this.#bytes[pos] === BRACE_CLOSE) break
      }
      pos = this.#skipBlanks(this.#scanLabel(pos))
    }
    return pos + 1
  }

  #scanLabel(start: number): number {
    const quoted = this.#dialect.quotedNames && this.#bytes[start] === QUOTE
    const nameStart = quoted ? start + 1 : start
    const nameEnd = quoted ? this.scanQuoted(nameStart) : this.scanName(start, LABEL_START, LABEL_CHAR)
    if (nameEnd === nameStart) throw this.#error(start, 'expected a label name')

    const equalsAt = this.#skipBlanks(quoted ? nameEnd + 1 : nameEnd)
    if (this.#bytes[equalsAt] !== EQUALS) {
      if (!quoted || this.#nameStart >= 0) throw this.#error(equalsAt, 'expected =')
      this.#nameStart = nameStart
      this.#nameEnd = nameEnd
      return equalsAt
    }
    const quoteAt = this.#skipBlanks(equalsAt + 1)
    if (this.#bytes[quoteAt] !== QUOTE) throw this.#error(quoteAt, 'expected a quoted label value')
    const valueEnd = this.scanQuoted(quoteAt + 1)
    this.#remember(nameStart, nameEnd, quoteAt + 1, valueEnd)
    return valueEnd + 1
  }

  #remember(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    const at = 4 * this.#labelCount
    if (at === this.#spans.length) {
      const bigger = new Int32Array(2 * at)
      bigger.set(this.#spans)
      this.#spans = bigger
    }
    this.#spans[at] = nameStart
    this.#spans[at + 1] = nameEnd
    this.#spans[at + 2] = valueStart
    this.#spans[at + 3] = valueEnd
    this.#labelCount += 1
  }

  #skipBlanks(start: number): number {
    if (!this.#dialect.loose) return start
    let pos = start
    while (this.#bytes[pos] === SPACE || this.#bytes[pos] === TAB) pos += 1
    return pos
  }

  #text(start: number, end: number): string {
    return unescape(this.#bytes.toString('utf8', start, end), ESCAPED_IN_QUOTES)
  }

  #error(at: number, what: string): ExpositionError {
    return ExpositionError.at(this.#bytes, at, what)
  }
}

/** What may be escaped within quotes, and in HELP texts of OpenMetrics; other backslashes stand for themselves. */
export const ESCAPED_IN_QUOTES = /\\([\\"n])/g
/** What may be escaped in HELP texts of the text format. */
export const ESCAPED_IN_TEXT = /\\([\\n])/g

export function unescape(text: string, escapes: RegExp): string {
  if (!text.includes('\\')) return text
  return text.replace(escapes, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
}
