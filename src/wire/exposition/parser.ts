import { isUtf8 } from 'node:buffer'
import { METRIC_TYPES, type MetricType } from '../metric-type.ts'
import { BRACE_OPEN, HASH, LF, METRIC_CHAR, METRIC_START, QUOTE, SPACE, TAB } from './chars.ts'
import { ExpositionError } from './exposition-error.ts'
import type { ExpositionFormat } from './format.ts'
import { parseInteger, parseNumber } from './number.ts'
import { ESCAPED_IN_QUOTES, ESCAPED_IN_TEXT, SeriesScanner, unescape } from './series-scanner.ts'

/** What `ExpositionParser.next()` came to. `end` comes once, last. */
export type ExpositionEntry = 'sample' | 'type' | 'help' | 'unit' | 'end'

export interface ExpositionOptions {
  readonly format: ExpositionFormat
  /**
   * Takes OpenMetrics' grammar to the letter (no quoted names, HELP texts properly escaped); without it what is
   * unambiguous is understood. The meaning of what was read is `validateOpenMetrics`' business.
   */
  readonly strict?: boolean
}

export interface ExpositionExemplar {
  /** Name, value, name, value, … in the order in which they stand. */
  readonly labels: readonly string[]
  readonly value: number
  /** May have a fraction. */
  readonly timestampMs: number | undefined
}

/**
 * A one-pass pull parser over the bytes of an exposition, in the text format 0.0.4 or in OpenMetrics 1.0 text. Call
 * `next()`; then the fields and methods for that kind of entry hold until the next call. It makes no strings for a
 * sample unless asked. Comments and blank lines of the text format are skipped.
 *
 * `next()`, `labels()` and `exemplar()` throw ExpositionError.
 */
export class ExpositionParser {
  /** Of a sample. */
  value = 0
  /** Of a sample; may have a fraction. */
  timestampMs: number | undefined = undefined
  /** Of a sample: whether `exemplar()` may be called. */
  hasExemplar = false
  /** Where the entry's line begins. */
  entryStart = 0
  /** Of metadata: the name of the family. */
  family = ''
  /** Of `help` and `unit`. */
  text = ''
  /** Of `type`. */
  type: MetricType = 'unknown'

  readonly #bytes: Buffer
  readonly #openMetrics: boolean
  readonly #strict: boolean
  readonly #validUtf8: boolean
  readonly #series: SeriesScanner
  readonly #exemplarLabels: SeriesScanner
  #pos = 0
  #seriesStart = 0
  #seriesEnd = 0
  #exemplarStart = 0
  #exemplarEnd = 0
  #exemplarValue = 0
  #exemplarTimestampMs: number | undefined = undefined

  constructor(bytes: Uint8Array, options: ExpositionOptions) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#openMetrics = options.format === 'openmetrics-text'
    this.#strict = options.strict === true
    this.#validUtf8 = isUtf8(this.#bytes)
    const dialect = { loose: !this.#openMetrics, quotedNames: !this.#strict }
    this.#series = new SeriesScanner(this.#bytes, dialect)
    this.#exemplarLabels = new SeriesScanner(this.#bytes, dialect)
  }

  next(): ExpositionEntry {
    return this.#openMetrics ? this.#nextOpenMetrics() : this.#nextText()
  }

  /** The bytes of the sample's series as a Latin-1 string: equal for equal bytes, cheap to make. */
  seriesKey(): string {
    return this.#bytes.toString('latin1', this.#seriesStart, this.#seriesEnd)
  }

  /** The sample's labels: name, value, name, value, …; `__name__` first, the others as they stand. */
  labels(): string[] {
    this.#needUtf8(this.#seriesStart, this.#seriesEnd)
    return this.#series.labels()
  }

  /** The bytes of the exemplar as a Latin-1 string, to see whether it is the one of the scrape before. */
  exemplarKey(): string {
    return this.#bytes.toString('latin1', this.#exemplarStart, this.#exemplarEnd)
  }

  exemplar(): ExpositionExemplar {
    this.#needUtf8(this.#exemplarStart, this.#exemplarEnd)
    const labels = this.#exemplarLabels.labels()
    return { labels, value: this.#exemplarValue, timestampMs: this.#exemplarTimestampMs }
  }

  /** An error that points to the current entry. */
  errorHere(what: string): ExpositionError {
    return this.#error(this.entryStart, what)
  }

  #nextText(): ExpositionEntry {
    for (;;) {
      this.#pos = this.#skipBlanks(this.#pos)
      this.entryStart = this.#pos
      if (this.#pos >= this.#bytes.length) return 'end'
      const byte = this.#bytes[this.#pos]
      if (byte === LF) this.#pos += 1
      else if (byte === HASH) {
        const entry = this.#textComment()
        if (entry !== undefined) return entry
      } else return this.#textSample()
    }
  }

  /** `# HELP name text`, `# TYPE name type`; anything else after a hash is a comment. */
  #textComment(): 'help' | 'type' | undefined {
    const keywordAt = this.#skipBlanks(this.#pos + 1)
    const blankAt = keywordAt + 4
    const keyword = this.#bytes.toString('latin1', keywordAt, blankAt)
    const entry = keyword === 'HELP' ? 'help' : keyword === 'TYPE' ? 'type' : undefined
    if (entry === undefined || keywordAt === this.#pos + 1 || this.#skipBlanks(blankAt) === blankAt) {
      this.#takeLine(this.#pos)
      return undefined
    }
    const textAt = this.#skipBlanks(this.#familyName(this.#skipBlanks(blankAt)))
    const text = this.#takeLine(textAt)
    if (entry === 'type') this.#setType(textAt, text.trimEnd())
    else this.text = unescape(text, ESCAPED_IN_TEXT)
    return entry
  }

  #textSample(): 'sample' {
    this.#scanSeries()
    let start = this.#skipBlanks(this.#pos)
    let end = this.#tokenEnd(start)
    this.value = this.#number(start, end)
    start = this.#skipBlanks(end)
    end = this.#tokenEnd(start)
    this.timestampMs = undefined
    this.hasExemplar = false
    if (end > start) {
      this.timestampMs = parseInteger(this.#bytes, start, end)
      if (this.timestampMs === undefined) throw this.#error(start, 'expected a timestamp in integer milliseconds')
      end = this.#skipBlanks(end)
    }
    this.#pos = this.#endOfLine(end)
    return 'sample'
  }

  #nextOpenMetrics(): ExpositionEntry {
    this.entryStart = this.#pos
    if (this.#pos >= this.#bytes.length) throw this.#error(this.#pos, 'the exposition does not end with # EOF')
    if (this.#bytes[this.#pos] !== HASH) return this.#openMetricsSample()
    if (this.#bytes.toString('latin1', this.#pos, this.#pos + 5) === '# EOF') {
      const end = this.#pos + 5
      if (end < this.#bytes.length && this.#endOfLine(end) < this.#bytes.length) {
        throw this.#error(end, 'something follows # EOF')
      }
      if (this.#strict) this.#needUtf8(0, this.#bytes.length)
      return 'end'
    }
    return this.#openMetricsMetadata()
  }

  #openMetricsMetadata(): 'help' | 'type' | 'unit' {
    const keyword = this.#bytes.toString('latin1', this.#pos, this.#pos + 7)
    const nameAt = this.#pos + 7
    const nameEnd = this.#familyName(nameAt)
    if (this.#bytes[nameEnd] !== SPACE) throw this.#error(nameEnd, 'expected a space after the name of the family')
    const text = this.#takeLine(nameEnd + 1)
    switch (keyword) {
      case '# TYPE ':
        this.#setType(nameEnd + 1, text)
        return 'type'
      case '# HELP ':
        if (this.#strict) this.#needEscapedHelp(nameEnd + 1, text)
        this.text = unescape(text, ESCAPED_IN_QUOTES)
        return 'help'
      case '# UNIT ':
        if (/[^A-Za-z0-9_:]/.test(text)) throw this.#error(nameEnd + 1, 'a unit of other characters than A-Za-z0-9_:')
        this.text = text
        return 'unit'
      default:
        throw this.#error(this.entryStart, 'expected # TYPE, # HELP, # UNIT or # EOF')
    }
  }

  #openMetricsSample(): 'sample' {
    this.#scanSeries()
    let end = this.#spacedToken(this.#pos)
    this.value = this.#number(this.#pos + 1, end)
    this.timestampMs = undefined
    this.hasExemplar = false
    if (this.#bytes[end] === SPACE && this.#bytes[end + 1] !== HASH) {
      const start = end + 1
      end = this.#tokenEnd(start)
      this.timestampMs = this.#seconds(start, end)
    }
    if (this.#bytes[end] === SPACE) end = this.#scanExemplar(end)
    this.#pos = this.#endOfLine(end)
    return 'sample'
  }

  /** ` # {labels} value [timestamp]` from its first space. */
  #scanExemplar(start: number): number {
    if (this.#bytes[start + 1] !== HASH || this.#bytes[start + 2] !== SPACE) {
      throw this.#error(start + 1, 'expected an exemplar or the end of the line')
    }
    this.#exemplarStart = start + 3
    const labelsEnd = this.#exemplarLabels.scanLabelSet(start + 3)
    let end = this.#spacedToken(labelsEnd)
    this.#exemplarValue = this.#number(labelsEnd + 1, end)
    this.#exemplarTimestampMs = undefined
    if (this.#bytes[end] === SPACE) {
      const timestampAt = end + 1
      end = this.#tokenEnd(timestampAt)
      this.#exemplarTimestampMs = this.#seconds(timestampAt, end)
    }
    this.#exemplarEnd = end
    this.hasExemplar = true
    return end
  }

  #scanSeries(): void {
    this.#seriesStart = this.#pos
    this.#seriesEnd = this.#series.scan(this.#pos)
    this.#pos = this.#seriesEnd
  }

  /** Reads the family's name, which may be quoted, into `family`; returns the offset behind it. */
  #familyName(start: number): number {
    if (this.#bytes[start] === QUOTE && !this.#strict) {
      const end = this.#series.scanQuoted(start + 1)
      this.family = unescape(this.#bytes.toString('utf8', start + 1, end), ESCAPED_IN_QUOTES)
      return end + 1
    }
    const end = this.#series.scanName(start, METRIC_START, METRIC_CHAR)
    if (end === start) throw this.#error(start, 'expected the name of a metric family')
    this.family = this.#bytes.toString('latin1', start, end)
    return end
  }

  #setType(at: number, word: string): void {
    const type = word === 'untyped' && !this.#openMetrics ? 'unknown' : METRIC_TYPES.find((known) => known === word)
    if (type === undefined) throw this.#error(at, `unknown metric type ${JSON.stringify(word)}`)
    this.type = type
  }

  #number(start: number, end: number): number {
    const value = parseNumber(this.#bytes, start, end)
    if (value === undefined) throw this.#error(start, 'expected a number')
    return value
  }

  #seconds(start: number, end: number): number {
    const seconds = this.#number(start, end)
    if (!Number.isFinite(seconds)) throw this.#error(start, 'a timestamp must be finite')
    return seconds * 1000
  }

  /** A space and a token; returns the end of the token. */
  #spacedToken(spaceAt: number): number {
    if (this.#bytes[spaceAt] !== SPACE) throw this.#error(spaceAt, 'expected a space')
    return this.#tokenEnd(spaceAt + 1)
  }

  /** The rest of the line from `start`; steps to the next line. */
  #takeLine(start: number): string {
    const found = this.#bytes.indexOf(LF, start)
    const end = found === -1 ? this.#bytes.length : found
    this.#pos = end + 1
    return this.#bytes.toString('utf8', start, end)
  }

  /** The offset behind the line feed at `at`; the end of the input counts as one in the text format. */
  #endOfLine(at: number): number {
    const isEnd = this.#bytes[at] === LF || (at >= this.#bytes.length && !this.#openMetrics)
    if (!isEnd) throw this.#error(at, 'expected the end of the line')
    return at + 1
  }

  #tokenEnd(start: number): number {
    const bytes = this.#bytes
    let pos = start
    for (; pos < bytes.length; pos++) {
      const byte = bytes[pos]
      if (byte === SPACE || byte === LF || byte === TAB || byte === BRACE_OPEN) break
    }
    return pos
  }

  #skipBlanks(start: number): number {
    let pos = start
    while (this.#bytes[pos] === SPACE || this.#bytes[pos] === TAB) pos += 1
    return pos
  }

  #needUtf8(start: number, end: number): void {
    if (this.#validUtf8 || isUtf8(this.#bytes.subarray(start, end))) return
    throw this.#error(start, 'not valid UTF-8')
  }

  #needEscapedHelp(at: number, text: string): void {
    if (/(?:^|[^\\])(?:\\\\)*(?:"|\\$)/.test(text)) throw this.#error(at, 'a quote or backslash that is not escaped')
    if (text.endsWith('\r')) throw this.#error(at, 'lines must not end with a carriage return')
  }

  #error(at: number, what: string): ExpositionError {
    return ExpositionError.at(this.#bytes, at, what)
  }
}
